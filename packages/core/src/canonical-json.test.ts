import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson, NotCanonical } from './canonical-json.ts';

test('keys are sorted by UTF-16 unit and absent members left out', () => {
  assert.equal(canonicalJson({ b: 1, a: undefined, A: [true, null] }), '{"A":[true,null],"b":1}');
  assert.equal(canonicalJson({ '\u{1F600}': 1, '\uFB01': 2 }), '{"\u{1F600}":1,"\uFB01":2}');
});

test('numbers are printed as ECMAScript does, as RFC 8785 asks', () => {
  // Appendix B of RFC 8785.
  const cases: readonly (readonly [number, string])[] = [
    [0, '0'],
    [-0, '0'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [9007199254740992, '9007199254740992'],
    [295147905179352830000, '295147905179352830000'],
    [9.999999999999997e22, '9.999999999999997e+22'],
    [1e23, '1e+23'],
    [0.000001, '0.000001'],
  ];
  for (const [value, text] of cases) assert.equal(canonicalJson(value), text);
});

test('what JSON cannot say is refused with its place', () => {
  const refused: readonly unknown[] = [
    NaN,
    Infinity,
    1n,
    () => 1,
    new Date(0),
    '\uD800',
    undefined,
  ];
  for (const value of refused) {
    assert.throws(
      () => canonicalJson({ a: [value] }),
      (error) => error instanceof NotCanonical && error.place === '$.a[0]',
    );
  }
});

test('depth is bounded', () => {
  let value: unknown = 1;
  for (let depth = 0; depth < 100; depth++) value = [value];
  assert.throws(() => canonicalJson(value), NotCanonical);
});
