export { explainStepError } from './explain.ts';
export type { ExplainContext } from './failure.ts';
export { explainNamespacePath } from './namespace-join.ts';
