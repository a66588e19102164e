#!/usr/bin/env node
/**
 * Writes src/syscalls/tables/ from the kernel headers of Debian's linux-libc-dev, which since Linux 6.11 holds those of
 * every architecture. Only names and numbers are taken. Needs dpkg-deb and cc (and apt-get, when no file is given).
 *
 *   node scripts/syscall-tables.mjs linux-libc-dev_7.3.4-1~bpo13+1_all.deb
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const target = resolve(import.meta.dirname, '../src/syscalls/tables');

/** `bit` is what the kernel adds to the numbers of the table when it enters a call. */
const tables = [
  { file: 'x86-64.ts', name: 'x86_64', directory: 'x86', header: 'asm/unistd_64.h', options: [] },
  { file: 'x86.ts', name: 'x86', directory: 'x86', header: 'asm/unistd_32.h', options: [] },
  {
    file: 'x32.ts',
    name: 'x32',
    directory: 'x86',
    header: 'asm/unistd_x32.h',
    options: ['-D__X32_SYSCALL_BIT=0'],
    note: ', without __X32_SYSCALL_BIT',
  },
  { file: 'arm64.ts', name: 'arm64', directory: 'arm64', header: 'asm/unistd.h', options: [] },
  { file: 'arm.ts', name: 'arm', directory: 'arm', header: 'asm/unistd.h', options: ['-D__ARM_EABI__'] },
];

/** Architectures without a table: only the names that they alone have are kept, as profiles name them. */
const others = [
  ...['alpha', 'arc', 'loongarch', 'm68k', 'parisc', 'powerpc', 'riscv', 's390', 'sh', 'sparc'].map((directory) => ({
    name: directory,
    directory,
    header: 'asm/unistd.h',
    options: [],
  })),
  { name: 'mips', directory: 'mips', header: 'asm/unistd_o32.h', options: ['-D__NR_Linux=4000'] },
];

/** Names that are no calls: the end of a table, its base, and those of an ABI that is not ours. */
const noCalls = /^(?:syscalls|SYSCALL_BASE|SYSCALL_MASK|OABI_SYSCALL_BASE|arch_specific_syscall|BASE)$/;

function download(directory) {
  execFileSync('apt-get', ['download', 'linux-libc-dev'], { cwd: directory, stdio: 'inherit' });
  return join(
    directory,
    readdirSync(directory).find((name) => name.endsWith('.deb')),
  );
}

function preprocess(uapi, { directory, header, options }, input, flags) {
  const include = [
    '-nostdinc',
    '-undef',
    '-isystem',
    join(uapi, 'lib/linux/uapi', directory),
    '-isystem',
    join(uapi, 'include'),
  ];
  return execFileSync('cc', ['-E', '-P', ...flags, ...include, ...options, '-x', 'c', '-'], {
    input: `#include <${header}>\n${input}`,
    encoding: 'utf8',
  });
}

/** The numbers by name: the preprocessor lists the macros, and then says what each stands for. */
function numbersOf(uapi, table) {
  const defined = preprocess(uapi, table, '', ['-dM']);
  const macros = [...defined.matchAll(/^#define (__NR_|__ARM_NR_)(\w+) /gm)].map(([, prefix, name]) => ({
    prefix,
    name,
  }));
  const calls = macros.filter(({ name }) => !noCalls.test(name) && !name.startsWith('3264_'));
  const text = preprocess(uapi, table, calls.map(({ prefix, name }) => `@${name}@ ${prefix}${name}`).join('\n'), []);
  const numbers = new Map();
  for (const [, name, expression] of text.matchAll(/^@ ?(\w+) ?@ (.+)$/gm)) {
    const terms = expression
      .replace(/[()\s]/g, '')
      .split('+')
      .map(Number);
    if (terms.some(Number.isNaN)) throw new Error(`${table.name}: ${name} is ${expression}`);
    numbers.set(
      name,
      terms.reduce((sum, term) => sum + term),
    );
  }
  return [...numbers].sort(([a, first], [b, second]) => first - second || (a < b ? -1 : 1));
}

/** The order of names in the C locale. */
const byCode = (a, b) => (a < b ? -1 : Number(a > b));

/** Names in rows. */
function wrapped(names) {
  const lines = [''];
  for (const name of names) {
    if (lines.at(-1).length + name.length > 118) lines.push('');
    lines[lines.length - 1] += lines.at(-1) === '' ? name : ` ${name}`;
  }
  return lines;
}

/** Names that no profile will have: of OSF/1 on Alpha, and of holes. */
const ofNoUse = /^(?:osf_\w+|unused\d+|reserved\d+|Linux)$/;

/** A number, then names of calls that follow each other; the numbers of all but the first go without saying. */
function rows(numbers) {
  const lines = [];
  let line = '';
  let next = -1;
  for (const [name, number] of numbers) {
    if (number !== next) {
      if (line) lines.push(line);
      line = `${number}`;
    } else if (line.length + name.length > 117) {
      lines.push(line);
      line = `${number}`;
    }
    line += ` ${name}`;
    next = number + 1;
  }
  return [...lines, line];
}

const scratch = mkdtempSync(join(tmpdir(), 'syscall-tables-'));
try {
  const deb = process.argv[2] ? resolve(process.argv[2]) : download(scratch);
  const version = execFileSync('dpkg-deb', ['-f', deb, 'Version'], { encoding: 'utf8' }).trim();
  execFileSync('dpkg-deb', ['-x', deb, join(scratch, 'unpacked')]);
  const uapi = join(scratch, 'unpacked/usr');
  const known = new Set();
  mkdirSync(target, { recursive: true });
  for (const table of tables) {
    const numbers = numbersOf(uapi, table);
    for (const [name] of numbers) known.add(name);
    const path = join(target, table.file);
    writeFileSync(
      path,
      `/**
 * System calls of ${table.name}: ${table.header}${table.note ?? ''}, of Debian's linux-libc-dev ${version}.
 * Written by scripts/syscall-tables.mjs. A row is a number and the calls from there on.
 */
export const ${table.name} = \`
${rows(numbers).join('\n')}
\`;
`,
    );
    console.log(`${path}: ${numbers.length} calls, ${readFileSync(path).length} bytes`);
  }
  const names = others.flatMap((table) => numbersOf(uapi, table).map(([name]) => name));
  const elsewhere = [...new Set(names)].filter((name) => !known.has(name) && !ofNoUse.test(name)).sort(byCode);
  writeFileSync(
    join(target, 'elsewhere.ts'),
    `/**
 * System calls that only other architectures have, of Debian's linux-libc-dev ${version}.
 * Written by scripts/syscall-tables.mjs.
 */
export const elsewhere = \`
${wrapped(elsewhere).join('\n')}
\`;
`,
  );
} finally {
  rmSync(scratch, { recursive: true });
}
