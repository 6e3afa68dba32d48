import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancelled } from '@backlot/core';
import { gap, randomMatrix } from '../linear-algebra/random-matrix.fixture.ts';
import { minimise, minimiseAsync } from './lbfgs.ts';
import type { Objective } from './minimum.ts';
import { beale, rosenbrock } from './test-functions.fixture.ts';

test('Rosenbrock from the classical start, in 2 and 50 dimensions', () => {
  for (const n of [2, 50]) {
    const start = Float64Array.from({ length: n }, (_, k) => (k % 2 === 0 ? -1.2 : 1));
    const found = minimise({ start, objective: rosenbrock, gradientTolerance: 1e-9 });
    assert.ok(found.converged);
    assert.ok(gap(found.point, new Float64Array(n).fill(1)) < 1e-6);
    // scipy 1.17's L-BFGS-B takes 46 and 342 evaluations to a gradient of 1e-9.
    assert.ok(found.evaluations <= (n === 2 ? 50 : 360));
    assert.equal(start[0], -1.2);
  }
});

test('Beale has its minimum at (3, 0.5)', () => {
  const found = minimise({ start: Float64Array.of(1, 1), objective: beale });
  assert.ok(gap(found.point, [3, 0.5]) < 1e-5);
  assert.ok(found.gradientNorm <= 1e-6);
  assert.equal(found.reason, 'gradient');
});

test('a badly scaled quadratic', () => {
  const n = 40;
  const wanted = randomMatrix(n, 1, 1).values;
  const objective: Objective = (x, gradient) => {
    let value = 0;
    for (let k = 0; k < n; k++) {
      const curvature = 10 ** ((3 * k) / (n - 1));
      gradient[k] = curvature * (x[k]! - wanted[k]!);
      value += (gradient[k]! * (x[k]! - wanted[k]!)) / 2;
    }
    return value;
  };
  const start = new Float64Array(n);
  const found = minimise({ start, objective, valueTolerance: 0, gradientTolerance: 1e-8 });
  assert.equal(found.reason, 'gradient');
  assert.ok(gap(found.point, wanted) < 1e-8);
});

test('a later answer gives the same bytes', async () => {
  const start = Float64Array.of(-1.2, 1);
  const now = minimise({ start, objective: rosenbrock });
  const later = await minimiseAsync({
    start,
    objective: async (x, gradient) => rosenbrock(x, gradient),
  });
  assert.deepEqual(later, now);
});

test('a function that is infinite outside its domain', () => {
  // x - log x, with a start from which the first steps leave the domain.
  const objective: Objective = (x, gradient) => {
    gradient[0] = 100 * (1 - 1 / x[0]!);
    return x[0]! > 0 ? 100 * (x[0]! - Math.log(x[0]!)) : Infinity;
  };
  const found = minimise({ start: Float64Array.of(20), objective });
  assert.ok(Math.abs(found.point[0]! - 1) < 1e-7);
});

test('it says why it stopped', () => {
  const start = Float64Array.of(-1.2, 1);
  const short = minimise({ start, objective: rosenbrock, maxIterations: 3 });
  assert.deepEqual([short.reason, short.iterations, short.converged], ['iterations', 3, false]);
  const wrong: Objective = (x, gradient) => {
    gradient[0] = -2 * x[0]!;
    return x[0]! ** 2;
  };
  const failed = minimise({ start: Float64Array.of(1), objective: wrong });
  assert.deepEqual([failed.reason, failed.converged], ['lineSearch', false]);
  const at = minimise({ start: Float64Array.of(1, 1), objective: rosenbrock });
  assert.deepEqual([at.iterations, at.evaluations, at.reason], [0, 1, 'gradient']);
  const flat = minimise({ start, objective: rosenbrock, valueTolerance: 1e-3 });
  assert.equal(flat.reason, 'value');
});

test('the value never rises, and a signal cancels', () => {
  const values: number[] = [];
  const abort = new AbortController();
  const run = (): unknown =>
    minimise({
      start: Float64Array.of(-1.2, 1),
      objective: rosenbrock,
      signal: abort.signal,
      onIteration: ({ iteration, value }) => {
        values.push(value);
        if (iteration === 9) abort.abort();
      },
    });
  assert.throws(run, Cancelled);
  assert.equal(values.length, 10);
  values.forEach((value, at) => {
    if (at > 0) assert.ok(value <= values[at - 1]!);
  });
});
