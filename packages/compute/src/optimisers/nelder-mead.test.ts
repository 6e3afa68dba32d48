import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancelled } from '@backlot/core';
import { gap } from '../linear-algebra/random-matrix.fixture.ts';
import { nelderMead } from './nelder-mead.ts';
import { beale, rosenbrock } from './test-functions.fixture.ts';

const valuesOf = (f: typeof rosenbrock) => (x: Float64Array) => f(x, new Float64Array(x.length));

test('Rosenbrock and Beale without their gradients', () => {
  const a = nelderMead({ objective: valuesOf(rosenbrock), start: Float64Array.of(-1.2, 1) });
  assert.ok(a.converged && gap(a.point, [1, 1]) < 1e-6);
  assert.ok(a.evaluations < 300);
  const b = nelderMead({ objective: valuesOf(beale), start: Float64Array.of(1, 1) });
  assert.ok(b.converged && gap(b.point, [3, 0.5]) < 1e-6);
});

test('twenty coordinates: the coefficients that adapt get there', () => {
  const objective = (x: Float64Array): number =>
    x.reduce((sum, value, k) => sum + (k + 1) * (value - k / 10) ** 2, 0);
  const found = nelderMead({
    objective,
    start: new Float64Array(20).fill(1),
    maxEvaluations: 60_000,
  });
  assert.ok(found.converged, `${found.evaluations}`);
  assert.ok(
    gap(
      found.point,
      Float64Array.from({ length: 20 }, (_, k) => k / 10),
    ) < 1e-5,
  );
});

test('one coordinate, a kink, and a domain with an edge', () => {
  const kink = nelderMead({ objective: ([x]) => Math.abs(x! - 3), start: Float64Array.of(0) });
  assert.ok(kink.converged && Math.abs(kink.point[0]! - 3) < 1e-7);
  const edge = nelderMead({ objective: ([x]) => x! - Math.log(x!), start: Float64Array.of(4) });
  assert.ok(Math.abs(edge.point[0]! - 1) < 1e-4);
});

test('spent evaluations, a signal and a start without value are said', () => {
  const common = { objective: valuesOf(rosenbrock), start: Float64Array.of(-1.2, 1) };
  const spent = nelderMead({ ...common, maxEvaluations: 20 });
  assert.ok(!spent.converged && spent.evaluations >= 20 && spent.evaluations < 24);
  assert.throws(() => nelderMead({ ...common, signal: AbortSignal.abort() }), Cancelled);
  assert.throws(() => nelderMead({ ...common, objective: () => Infinity }), {
    code: 'E-COMPUTE-011',
  });
});
