import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maxJsonDepth, parseStrictJson } from './strict-json.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseStrictJson(bytes(text));

test('it reads what JSON.parse reads', (t) => {
  const runs = 2_000;
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      fc.pre(!text.includes('__proto__') && !/[0-9.]e?[+-]?[0-9]{16}/.test(text));
      let plain: unknown;
      try {
        plain = JSON.parse(text);
        parse(text);
      } catch (error) {
        // Only what the scan is there for may differ.
        assert.match(String(error), /surrogate|beyond|twice/);
        return;
      }
      assert.deepEqual(parse(text), plain);
    }),
    { numRuns: runs, seed: 11 },
  );
  t.diagnostic(`documents ${runs}`);
});

test('no text makes it accept what JSON.parse refuses', (t) => {
  const runs = 5_000;
  const unit = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    '1',
    '-',
    'e',
    'a',
    ' ',
    'u',
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 14 }), (units) => {
      const text = units.join('');
      let mine = true;
      try {
        parse(text);
      } catch {
        mine = false;
      }
      if (mine) assert.doesNotThrow(() => JSON.parse(text));
    }),
    { numRuns: runs, seed: 12 },
  );
  t.diagnostic(`texts ${runs}`);
});

test('a depth of the limit passes, one more does not', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const nest = (depth: number) =>
      `${open.repeat(depth)}${open === '[' ? '' : '1'}${close.repeat(depth)}`;
    assert.doesNotThrow(() => parse(nest(maxJsonDepth - 1)));
    assert.doesNotThrow(() => parse(nest(maxJsonDepth)));
    assert.throws(() => parse(nest(maxJsonDepth + 1)), { code: 'E-SERVER-008' });
  }
  assert.throws(() => parse('['.repeat(1_000_000)), { code: 'E-SERVER-008' });
});

const refused: readonly (readonly [string, string])[] = [
  ['a key twice', '{"a":1,"a":2}'],
  ['a key twice, once escaped', '{"a":1,"\\u0061":2}'],
  ['a key twice after a nested object', '{"a":{"b":1},"a":2}'],
  ['a key twice deep down', '[{"x":[{"k":1,"k":1}]}]'],
  ['__proto__', '{"__proto__":{}}'],
  ['__proto__ escaped', '{"\\u005f_proto__":{}}'],
  ['an infinite number', '{"a":1e999}'],
  ['a negative infinite number', '-1e999'],
  ['an integer over 2^53', '[9007199254740993]'],
  ['half a surrogate pair', '"\\ud800"'],
  ['a mark before the text', '\ufeff{}'],
  ['nothing', ''],
  ['NaN', 'NaN'],
  ['a trailing comma', '[1,]'],
  ['a comment', '{}//'],
  ['two values', '{}{}'],
  ['single quotes', "{'a':1}"],
  ['an open text', '"a'],
  ['a control character', '"\u0001"'],
];
for (const [name, text] of refused) {
  test(`${name} is refused`, () => assert.throws(() => parse(text), { code: 'E-SERVER-008' }));
}

test('bytes that are no UTF-8 are refused', () => {
  for (const wrong of [
    [0x22, 0xff, 0x22],
    [0x22, 0xc0, 0x80, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
  ]) {
    assert.throws(() => parseStrictJson(new Uint8Array(wrong)), { code: 'E-SERVER-008' });
  }
});

test('equal keys in different objects, and brackets in texts, are fine', () => {
  const text = '{"a":{"a":[{"a":1},{"a":2}]},"b":"}],{\\"","c":9007199254740991,"d":"\\\\"}';
  assert.deepEqual(parse(text), JSON.parse(text));
});
