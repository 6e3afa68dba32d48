import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { exitCodes } from '../../packages/core/src/error.ts';
import { readSources, root } from './source.ts';

const document = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const sources = readSources().filter(
  (file) => file.path.startsWith('packages/') && !file.test && !file.path.includes('/testing/'),
);

test('docs/errors.md explains each code of the packages, and no other', () => {
  const inCode = new Set(sources.flatMap(({ code }) => code.match(/\bE-[A-Z]+-\d{3}\b/g) ?? []));
  const explained = [...document.matchAll(/^\| `(E-[A-Z]+-\d{3})` \|/gm)].map(([, code]) => code!);
  assert.deepEqual(explained.toSorted(), [...inCode].sort());
});

test('a code belongs to one class', () => {
  const given = sources.flatMap(({ code }) =>
    [...code.matchAll(/\bcode: '(E-[A-Z]+-\d{3})'/g)].map(([, name]) => name!),
  );
  const twice = given.filter((name, index) => given.indexOf(name) !== index);
  assert.deepEqual(twice, []);
  assert.ok(given.length > 50);
});

test('docs/errors.md lists the exit codes as they are', () => {
  for (const [kind, code] of Object.entries(exitCodes)) {
    assert.match(document, new RegExp(`^\\| ${code} \\| ${kind} \\|`, 'm'));
  }
});
