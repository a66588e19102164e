import { defineConfig } from 'vitest/config';

/** Tests run from the sources: the `@nsinit/source` export condition points every package at its src. */
const shared = {
  resolve: { conditions: ['@nsinit/source'] },
  ssr: { resolve: { conditions: ['@nsinit/source', 'node', 'import'] } },
};

export default defineConfig({
  ...shared,
  test: {
    pool: 'forks',
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'examples/*.test.ts', 'scripts/**/*.test.mjs'],
          exclude: ['**/*.root.test.{ts,mjs}', '**/*.{vm,selinux}.test.ts', '**/node_modules/**', '**/dist/**'],
        },
      },
      {
        ...shared,
        test: {
          name: 'root',
          include: ['packages/*/src/**/*.root.test.ts', 'examples/*.root.test.ts', 'scripts/*.root.test.mjs'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          // The same containers once more, each in a user namespace. Other files choose their namespaces themselves, or
          // are about failures of which some cannot happen there.
          name: 'root-user-namespace',
          include: [
            'packages/libcontainer/src/{capabilities,cgroups,exec,init,lifecycle,outlive}.root.test.ts',
            'packages/libcontainer/src/{rlimits,samples,seccomp,state,stdio,terminal}.root.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/dist/**'],
          env: { NSINIT_TEST_USER_NAMESPACE: '1' },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'vm',
          include: ['packages/*/src/**/*.vm.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'selinux',
          include: ['packages/*/src/**/*.selinux.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
