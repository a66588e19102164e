/**
 * Reporter of vitest that writes what scripts/test.mjs sums up, as JSON, to the file which NSINIT_TEST_REPORT names.
 * vitest's own JSON reporter leaves out why a test was skipped and the errors outside of tests.
 */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './workspace.mjs';

const text = (error) => error.stack ?? error.message ?? String(error);

export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = [];
    for (const module of modules) {
      const file = relative(root, module.moduleId);
      // Errors of the file itself: an import that failed, a hook of the top level.
      for (const error of module.errors()) tests.push({ name: file, state: 'failed', errors: [text(error)] });
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) {
          tests.push({ name: `${file} > ${suite.fullName}`, state: 'failed', errors: [text(error)] });
        }
      }
      for (const test of module.children.allTests()) {
        const result = test.result();
        tests.push({
          name: `${file} > ${test.fullName}`,
          // A test that was never begun, after a failed hook for instance, is not one that passed.
          state: result.state === 'pending' ? 'failed' : result.state,
          note: result.note,
          errors: (result.errors ?? []).map(text),
        });
      }
    }
    for (const error of unhandledErrors)
      tests.push({ name: 'outside of tests', state: 'failed', errors: [text(error)] });
    writeFileSync(process.env.NSINIT_TEST_REPORT, JSON.stringify(tests));
  }
}
