import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from './sandbox.ts';

/** Puts a C program into the `/bin` of the root file system. */
export function compile(sandbox: Sandbox, name: string, source: string): void {
  const file = join(sandbox.dir, `${name}.c`);
  writeFileSync(file, source);
  execFileSync('cc', ['-static', '-pthread', '-o', join(sandbox.rootfs, 'bin', name), file]);
}

/** A program that fills 16 MiB, changes little of it, and counts into `/tmp/count`. */
export const memorySource = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void) { size_t size = 16 << 20; char *memory = malloc(size); memset(memory, 1, size); FILE *f = fopen("/tmp/count", "w");
  for (long i = 1;; i++) { memory[i % size] = 2; fprintf(f, "%ld\\n", i); fflush(f); usleep(10000); } }`;
