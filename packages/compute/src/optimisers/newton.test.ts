import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancelled } from '@backlot/core';
import { gap } from '../linear-algebra/random-matrix.fixture.ts';
import type { Objective } from './minimum.ts';
import { newton } from './newton.ts';
import { rosenbrock } from './test-functions.fixture.ts';

function rosenbrockHessian(x: Float64Array, out: Float64Array): void {
  const n = x.length;
  out.fill(0);
  for (let k = 0; k + 1 < n; k++) {
    out[k * n + k]! += 1200 * x[k]! ** 2 - 400 * x[k + 1]! + 2;
    out[(k + 1) * n + k + 1]! += 200;
    out[k * n + k + 1] = -400 * x[k]!;
    out[(k + 1) * n + k] = -400 * x[k]!;
  }
}

test('Rosenbrock, by the matrix and by its products alike, and quadratically at the end', () => {
  for (const n of [2, 30]) {
    const start = Float64Array.from({ length: n }, (_, k) => (k % 2 === 0 ? -1.2 : 1));
    const norms: number[] = [];
    const common = { start, objective: rosenbrock, gradientTolerance: 1e-11 };
    const found = newton({
      ...common,
      hessian: rosenbrockHessian,
      onIteration: ({ gradientNorm }) => norms.push(gradientNorm),
    });
    assert.ok(found.converged && gap(found.point, new Float64Array(n).fill(1)) < 1e-9);
    const matrix = new Float64Array(n * n);
    const product = newton({
      ...common,
      hessianProduct: (x, v, out) => {
        rosenbrockHessian(x, matrix);
        for (let i = 0; i < n; i++) {
          out[i] = 0;
          for (let j = 0; j < n; j++) out[i]! += matrix[i * n + j]! * v[j]!;
        }
      },
    });
    assert.ok(gap(product.point, found.point) < 1e-9);
    assert.ok(found.iterations < 40 + 3 * n, `${found.iterations}`);
    // From 1e-3 on, the digits of the slope soon double with each step.
    const near = norms.findIndex((norm) => norm < 1e-3);
    assert.ok(norms.length - near <= 5, `${norms.slice(near)}`);
  }
});

test('it leaves a saddle by its negative curvature', () => {
  // x^4/4 - x^2/2 + y^2/2 has a saddle at 0 and minima at (1, 0) and (-1, 0).
  const objective: Objective = ([x, y], gradient) => {
    gradient.set([x! ** 3 - x!, y!]);
    return x! ** 4 / 4 - x! ** 2 / 2 + y! ** 2 / 2;
  };
  const found = newton({
    ...{ start: Float64Array.of(1e-6, 0.7), objective, gradientTolerance: 1e-10 },
    hessian: ([x], out) => out.set([3 * x! ** 2 - 1, 0, 0, 1]),
  });
  assert.ok(gap(found.point, [1, 0]) < 1e-9);
  assert.ok(Math.abs(found.value + 0.25) < 1e-15);
});

test('a region outside the domain is not entered; bounds and signals are said', () => {
  const objective: Objective = ([x], gradient) => {
    gradient[0] = 1 - 1 / x!;
    return x! - Math.log(x!);
  };
  const hessian = ([x]: Float64Array, out: Float64Array): void => {
    out[0] = 1 / x! ** 2;
  };
  const common = { objective, hessian, start: Float64Array.of(30), radius: 1000 };
  const found = newton({ ...common, gradientTolerance: 1e-12 });
  assert.ok(found.converged && Math.abs(found.point[0]! - 1) < 1e-11);
  assert.equal(newton({ ...common, maxIterations: 1 }).reason, 'iterations');
  assert.throws(() => newton({ ...common, signal: AbortSignal.abort() }), Cancelled);
  assert.throws(() => newton({ ...common, start: Float64Array.of(-1) }), { code: 'E-COMPUTE-011' });
});
