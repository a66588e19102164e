// Compiles nsexec for every architecture that the package ships. It needs no C library of the target, so that a
// cross compiler alone is enough.
import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const flags = [
  '-Os',
  '-std=gnu11',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-nostdlib',
  '-static',
  '-ffreestanding',
  '-fno-stack-protector',
  '-fno-pie',
  '-no-pie',
  '-fno-asynchronous-unwind-tables',
  '-fno-tree-loop-distribute-patterns',
  '-s',
  '-Wl,--build-id=none,-z,noseparate-code,-z,noexecstack,--gc-sections',
];
const targets = {
  x64: [
    ['gcc', [], process.arch === 'x64'],
    ['x86_64-linux-gnu-gcc', [], true],
    ['clang', ['--target=x86_64-linux-gnu', '-fuse-ld=lld'], true],
  ],
  arm64: [
    ['gcc', ['-mno-outline-atomics'], process.arch === 'arm64'],
    ['aarch64-linux-gnu-gcc', ['-mno-outline-atomics'], true],
    ['clang', ['--target=aarch64-linux-gnu', '-fuse-ld=lld', '-mno-outline-atomics'], true],
  ],
};

mkdirSync(`${root}bin`, { recursive: true });
for (const [arch, compilers] of Object.entries(targets)) {
  const compiler = compilers.find(([name, , fits]) => fits && spawnSync(name, ['--version']).status === 0);
  if (!compiler) {
    console.error(`no compiler for nsexec on ${arch}: install ${compilers.map(([name]) => name).join(' or ')}`);
    process.exit(1);
  }
  const [name, extra] = compiler;
  const output = `${root}bin/nsexec-${arch}`;
  const result = spawnSync(name, [...extra, ...flags, '-o', output, `${root}native/nsexec.c`], { stdio: 'inherit' });
  if (result.status !== 0) {
    console.error(`${name} could not compile nsexec for ${arch}`);
    process.exit(1);
  }
  console.log(`nsexec-${arch}: ${statSync(output).size} bytes by ${name}`);
}
