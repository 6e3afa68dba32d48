import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadName, isName, parseName } from './name.ts';

test('names of the one grammar are names', () => {
  const longest = `a${'b'.repeat(62)}`;
  for (const name of ['a', 'plays', 'daily-recommend', 'v1.2', 'a_b-c.d', 'a1', longest]) {
    assert.equal(parseName(name, 'table'), name);
  }
});

test('what is outside the grammar is refused, without being repeated', () => {
  const bad = [
    '',
    'A',
    '1a',
    '-a',
    'a-',
    'a--b',
    'a..b',
    '..',
    '.',
    'a/b',
    'a\\b',
    'a b',
    'a\0',
    'a\n',
    'é',
    'a%2e',
    'ａ',
    '__proto__',
    'a;b',
    "a'b",
    `a${'b'.repeat(63)}`,
  ];
  for (const name of bad) {
    assert.equal(isName(name), false, JSON.stringify(name));
    assert.throws(() => parseName(name, 'table'), BadName);
  }
  const secret = 'Secret Name';
  assert.throws(
    () => parseName(secret, 'table'),
    (error) => error instanceof BadName && !error.message.includes(secret),
  );
  for (const value of [undefined, null, 7, ['a']]) assert.equal(isName(value), false);
});

test('a long text is refused at once', () => {
  assert.equal(isName(`${'a-'.repeat(100_000)}!`), false);
});
