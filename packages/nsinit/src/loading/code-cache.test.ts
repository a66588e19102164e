import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CachedScript } from './code-cache.ts';

let dir: string;
let file: string;
let cache: string;
const require = createRequire(import.meta.url);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nsinit-code-cache-'));
  file = join(dir, 'module.cjs');
  cache = join(dir, 'cache', 'code');
  // V8 knows a source that it has compiled in this process, and looks at no file for it then.
  writeFileSync(
    file,
    `(function (exports, require, module, __filename, __dirname) {// ${dir}\nexports.place = [__filename, __dirname]; exports.sum = (a, b) => a + b; exports.os = require("node:os");})`,
  );
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('CachedScript', () => {
  it('runs a module as Node would', () => {
    const module = new CachedScript(file, cache).run(require) as { place: string[]; sum(a: number, b: number): number };
    expect(module.place).toEqual([file, dir]);
    expect(module.sum(1, 2)).toBe(3);
  });

  it('keeps the compiled code once, and uses it', () => {
    const first = new CachedScript(file, cache);
    first.run(require);
    first.save();
    expect(readdirSync(join(dir, 'cache'))).toEqual(['code']);
    const kept = readFileSync(cache);
    const second = new CachedScript(file, cache);
    expect(second.run(require)).toMatchObject({ place: [file, dir] });
    second.save();
    expect(readFileSync(cache).equals(kept)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['something else', 'not compiled code'],
  ])('does without a cache that holds %s, and makes it anew', (_what, text) => {
    mkdirSync(join(dir, 'cache'));
    writeFileSync(cache, text);
    const script = new CachedScript(file, cache);
    expect(script.run(require)).toMatchObject({ place: [file, dir] });
    script.save();
    expect(readFileSync(cache).length).toBeGreaterThan(100);
  });

  it('does without where it cannot write', () => {
    writeFileSync(join(dir, 'cache'), 'a file in the way');
    const script = new CachedScript(file, cache);
    script.run(require);
    script.save();
    expect(existsSync(cache)).toBe(false);
  });
});
