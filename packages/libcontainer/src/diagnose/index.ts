export { explainStepError } from './explain.ts';
export { explainNamespacePath } from './namespace-join.ts';
