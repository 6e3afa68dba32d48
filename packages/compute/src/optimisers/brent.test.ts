import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brentMinimum, brentRoot } from './brent.ts';

test('roots to the last digits, of smooth, flat, steep and jumping functions', () => {
  const cases: readonly [(x: number) => number, number, number, number][] = [
    [(x) => x * x - 2, 0, 2, Math.SQRT2],
    [(x) => Math.cos(x) - x, 0, 1, 0.7390851332151607],
    [(x) => Math.log(x), 1e-10, 1e10, 1],
    [(x) => Math.exp(50 * x) - 1, -1, 2, 0],
    [(x) => Math.sign(x - 0.3), -5, 7, 0.3],
    [(x) => Math.atan(x) - 1e-3, -1e6, 1e6, Math.tan(1e-3)],
  ];
  for (const [f, lower, upper, root] of cases) {
    for (const [a, b] of [
      [lower, upper],
      [-upper, -lower],
    ] as const) {
      const mirrored = a !== lower || b !== upper;
      const own = mirrored ? (x: number) => f(-x) : f;
      const found = brentRoot({ function: own, lower: a, upper: b });
      const wanted = mirrored ? -root : root;
      assert.ok(found.converged);
      assert.ok(Math.abs(found.x - wanted) <= 1e-15 + 1e-14 * Math.abs(wanted), `${found.x}`);
      assert.equal(found.value, own(found.x));
    }
  }
  // scipy 1.17.1's brentq takes 9 calls to the first.
  const { evaluations } = brentRoot({ function: (x) => x * x - 2, lower: 0, upper: 2 });
  assert.ok(evaluations <= 13, `${evaluations}`);
});

test('a root of many equal zeros is found by bisection in the end', () => {
  const found = brentRoot({ function: (x) => (x - 1) ** 9, lower: -3, upper: 4 });
  assert.ok(found.converged && Math.abs(found.x - 1) < 1e-3);
});

test('an end that is a root is the answer; the same signs are refused, with both values', () => {
  assert.equal(brentRoot({ function: (x) => x, lower: 0, upper: 1 }).x, 0);
  assert.equal(brentRoot({ function: (x) => x - 1, lower: 0, upper: 1 }).x, 1);
  assert.throws(() => brentRoot({ function: (x) => x * x + 1, lower: -1, upper: 2 }), {
    code: 'E-COMPUTE-010',
    message: /2 at -1 and 5 at 2/,
  });
  assert.throws(() => brentRoot({ function: Math.log, lower: -1, upper: 2 }), {
    code: 'E-COMPUTE-011',
    message: /at -1/,
  });
});

test('a tolerance ends early, and spent evaluations are said', () => {
  const rough = brentRoot({
    function: (x) => Math.exp(x) - 5,
    lower: -9,
    upper: 9,
    tolerance: 0.1,
  });
  assert.ok(rough.converged && Math.abs(rough.x - Math.log(5)) <= 0.1);
  const spent = brentRoot({
    function: (x) => Math.sign(x - 0.3),
    lower: -5,
    upper: 7,
    maxEvaluations: 5,
  });
  assert.deepEqual([spent.converged, spent.evaluations], [false, 5]);
});

test('minima of smooth and kinked functions, and the end of a monotone one', () => {
  const cases: readonly [(x: number) => number, number, number, number][] = [
    [(x) => (x - 1) ** 2, -3, 4, 1],
    [(x) => Math.abs(x - 0.7), -3, 4, 0.7],
    [(x) => -Math.exp(-((x - 2) ** 2)), 0, 5, 2],
    [(x) => x - Math.log(x), 1e-9, 30, 1],
    [(x) => x, 2, 5, 2],
    [(x) => -x, 2, 5, 5],
  ];
  for (const [f, lower, upper, wanted] of cases) {
    const found = brentMinimum({ function: f, lower, upper });
    assert.ok(found.converged && Math.abs(found.x - wanted) < 2e-7, `${found.x} ${wanted}`);
    assert.equal(found.value, f(found.x));
  }
  const spent = brentMinimum({ function: Math.abs, lower: -3, upper: 4, maxEvaluations: 4 });
  assert.deepEqual([spent.converged, spent.evaluations], [false, 4]);
  assert.throws(() => brentMinimum({ function: () => Number.NaN, lower: 0, upper: 1 }), {
    code: 'E-COMPUTE-011',
  });
});
