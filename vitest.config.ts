import { defineConfig } from 'vitest/config';

/** Tests run from the sources: the `@nsinit/source` export condition points every package at its src. */
const shared = {
  resolve: { conditions: ['@nsinit/source'] },
  ssr: { resolve: { conditions: ['@nsinit/source', 'node', 'import'] } },
};

/** Tests whose containers are in user namespaces of their own choice, with maps that matter to them. */
const ownUserNamespaces = [
  'packages/libcontainer/src/user-namespace.root.test.ts',
  'packages/libcontainer/src/{network/user,rootless}/*.root.test.ts',
  'packages/libcontainer/src/checkpoint/kept.root.test.ts',
  'packages/nsinit/src/e2e/{id-mapped,refused,rootless,user-network,userns-root-uid}.root.test.ts',
];

/** Tests of what is printed without a container. */
const withoutContainers = ['packages/nsinit/src/e2e/{check-criu,without-root}.root.test.ts'];

/** criu fails to restore a veth in a user namespace (EOPNOTSUPP), and a network namespace that is shared with the host. */
const withInterfaces = ['packages/libcontainer/src/checkpoint/{interfaces,network,network-options}.root.test.ts'];

/**
 * Options of criu and faults of its steps, which mean the same in every namespace; but lazy memory, which a user namespace
 * may not have, as those tests show too. userfaultfd(2)
 */
const criuItself = ['packages/libcontainer/src/checkpoint/{configured,faults,lazy-pages,options}.root.test.ts'];

const notOnceMore = [...ownUserNamespaces, ...withoutContainers, ...withInterfaces, ...criuItself];

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
          // The same containers once more, each in a user namespace. What cannot be the same is skipped by its test.
          name: 'root-user-namespace',
          include: ['packages/{libcontainer,nsinit}/src/**/*.root.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', ...notOnceMore],
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
