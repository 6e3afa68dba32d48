import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scanImports } from './import-scanner.ts';

const modules = (source: string) => scanImports(source).modules;

test('every form of import and re-export is found', () => {
  assert.deepEqual(modules("import './a.ts'"), ['./a.ts']);
  assert.deepEqual(modules('import a from "./a.ts"'), ['./a.ts']);
  assert.deepEqual(modules("import a, { b as c } from './a.ts';"), ['./a.ts']);
  assert.deepEqual(modules("import * as a from './a.ts'"), ['./a.ts']);
  assert.deepEqual(modules("import {\n  a,\n  type B,\n} from\n './a.ts'"), ['./a.ts']);
  assert.deepEqual(modules("import { type B } from './a.ts'"), ['./a.ts']);
  assert.deepEqual(modules("import { 'a-b' as c, default as d } from './a.ts'"), ['./a.ts']);
  assert.deepEqual(modules("export * from './a.ts'; export * as b from './b.ts'"), [
    './a.ts',
    './b.ts',
  ]);
  assert.deepEqual(modules("export { a, b as default } from './a.ts'"), ['./a.ts']);
  assert.deepEqual(modules("const a = await import('./a.ts')"), ['./a.ts']);
  assert.deepEqual(modules("import data from './a.json' with { type: 'json' }"), ['./a.json']);
  assert.deepEqual(modules("import type from './a.ts'; import type, { b } from './b.ts'"), [
    './a.ts',
    './b.ts',
  ]);
  assert.deepEqual(modules("#!/usr/bin/env node\nimport 'node:fs';"), ['node:fs']);
});

test('what is there for its type alone does not count', () => {
  assert.deepEqual(modules("import type { A } from './a.ts'; export type { A } from './a.ts'"), []);
  assert.deepEqual(modules("import type A from './a.ts'; export type * from './b.ts'"), []);
});

test('what only looks like an import is none', () => {
  assert.deepEqual(modules("// import './a.ts'\n/* import './b.ts' */"), []);
  assert.deepEqual(modules('const a = "import \'./a.ts\'"; const b = `import "./b.ts"`;'), []);
  assert.deepEqual(modules("const a = /import '.\\/a.ts'/; x.import('./b.ts')"), []);
  assert.deepEqual(modules("export const from = './a.ts'; export { from }; const a = 'b';"), []);
  assert.deepEqual(modules("export { a }\nfrom('x'); import.meta.resolve('./a.ts')"), []);
  assert.deepEqual(modules('export function from() { return "./a.ts"; }'), []);
  assert.deepEqual(modules("import(`./a.ts`); import(name + './b.ts')"), []);
});

test('code after templates, patterns and divisions is still read', () => {
  const after = "; import './a.ts'";
  for (const before of [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: code that is scanned
    '`a ${b ? `c ${d} }` : "}"} e`',
    'a / b / c',
    'x = /[\'"`]/g',
    'x = /[/\\]]+/',
    'if (a) { } /re/.test(b)',
    'y = (a) / 2',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: code that is scanned
    '`\\`${`${1}`}`',
    "'it\\'s'",
    'x = a++ / 2',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: code that is scanned
    '({ a: `${{ b: 1 }.b}` })',
    'const { a } = b',
    'return /"/',
    '1 / 2',
    'x = 1_000.5e3 / 2',
  ]) {
    assert.deepEqual(modules(before + after), ['./a.ts'], before);
  }
});

test('files beside the module are found', () => {
  const source =
    "const a = new URL('./a.wasm', import.meta.url); const b = new URL('./b', base); new URL(c, import.meta.url)";
  assert.deepEqual(scanImports(source), { modules: [], files: ['./a.wasm'] });
});
