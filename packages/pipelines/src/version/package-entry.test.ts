import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryOf } from './package-entry.ts';

const entry = (exports: unknown, specifier: string) =>
  entryOf({ name: '@shop/x', version: '1.0.0', exports }, specifier);

test('exports are read as Node reads them', () => {
  assert.equal(entry('./src/index.ts', '@shop/x'), './src/index.ts');
  assert.equal(entry('./src/index.ts', '@shop/x/inner'), undefined);
  assert.equal(
    entry({ types: './a.d.ts', import: './a.js', default: './b.js' }, '@shop/x'),
    './a.js',
  );
  assert.equal(entry({ require: './a.cjs', node: { import: './a.mjs' } }, '@shop/x'), './a.mjs');
  const map = { '.': './index.js', './b/*': './src/*.ts', './b/c/*': './deep/*.ts', './no': null };
  assert.equal(entry(map, '@shop/x'), './index.js');
  assert.equal(entry(map, '@shop/x/b/one'), './src/one.ts');
  assert.equal(entry(map, '@shop/x/b/c/two'), './deep/two.ts');
  assert.equal(entry(map, '@shop/x/no'), undefined);
  assert.equal(entry(map, '@shop/x/other'), undefined);
});

test('without exports the main file or the path itself stands', () => {
  assert.equal(entry(undefined, '@shop/x'), './index.js');
  assert.equal(entry(undefined, '@shop/x/lib/a.js'), './lib/a.js');
  assert.equal(entryOf({ name: 'x', version: '1', main: './lib/main.js' }, 'x'), './lib/main.js');
  const imports = { '#io': { node: './io-node.ts', default: './io.ts' } };
  assert.equal(entryOf({ name: 'x', version: '1', imports }, '#io'), './io-node.ts');
});
