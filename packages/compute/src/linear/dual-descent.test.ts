import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../build.ts';
import { randomSparse } from '../linear-algebra/random-sparse.fixture.ts';
import { multiplySparse } from '../linear-algebra/sparse-matrix.ts';
import {
  type DualProblem,
  type DualSolution,
  dualDescent,
  kernelDualDescent,
  plainDualDescent,
} from './dual-descent.ts';

before(build);

function problemOf(seed: number, loss: DualProblem['loss'], changes: Partial<DualProblem> = {}) {
  const { sparse } = randomSparse(150, 40, 0.2, seed);
  const target = Float64Array.from(
    multiplySparse(sparse, new Float64Array(40).fill(1)),
    (score, row) => (score + Math.sin(row) > 0.4 ? 2 : score < -0.5 ? 1 : 0),
  );
  const problem: DualProblem = {
    ...{ matrix: sparse, target, loss, l2: 0.7, intercept: true, firstClass: 0, count: 3 },
    ...{ tolerance: 1e-10, maxEpochs: 5000, ...changes },
  };
  return problem;
}

/** The objective at any coefficients and intercept. */
function objectiveOf(problem: DualProblem, own: number, w: Float64Array, b: number): number {
  const { matrix, target, weights, loss, l2 } = problem;
  let total = 0;
  for (const value of w) total += 0.5 * l2 * value * value;
  multiplySparse(matrix, w).forEach((score, row) => {
    const miss = Math.max(0, 1 - (target[row] === own ? 1 : -1) * (score + b));
    total += (weights?.[row] ?? 1) * (loss === 'hinge' ? miss : miss * miss);
  });
  return total;
}

/** What the objective is at best: no place near is lower, which for a convex function says it all. */
function assertLeast(problem: DualProblem, own: number, found: DualSolution): void {
  const { coefficients, intercept } = found;
  const least = objectiveOf(problem, own, coefficients, intercept);
  assert.ok(found.converged);
  assert.ok(Math.abs(least - found.objective) <= 1e-9 * least);
  for (let j = -1; j < coefficients.length; j++) {
    if (j === -1 && !problem.intercept) continue;
    for (const by of [-1e-3, 1e-3]) {
      const moved = coefficients.slice();
      if (j >= 0) moved[j]! += by;
      const there = objectiveOf(problem, own, moved, intercept + (j < 0 ? by : 0));
      assert.ok(there >= least - 1e-8 * least, `${own} ${j}: ${there} < ${least}`);
    }
  }
}

const weights = Float64Array.from({ length: 150 }, (_, row) => row % 3);
for (const loss of ['hinge', 'squaredHinge'] as const) {
  for (const changes of [{}, { weights }, { intercept: false }, { l2: 20 }]) {
    test(`${loss} ${Object.keys(changes)}: the least objective, the same bytes as the twin`, async () => {
      const problem = problemOf(4, loss, changes);
      const plain = plainDualDescent(problem);
      plain.forEach((each, own) => {
        assertLeast(problem, own, each);
      });
      for (const threads of [1, 2]) {
        assert.deepEqual(await kernelDualDescent(problem, { threads }), plain);
      }
      const single = { ...problem.matrix, values: Float32Array.from(problem.matrix.values) };
      const floats = { ...problem, matrix: single };
      assert.deepEqual(await dualDescent(floats), await kernelDualDescent(floats, { threads: 2 }));
    });
  }
}

test('an intercept lowers the objective, and there is none where none is asked for', async () => {
  const problem = problemOf(8, 'squaredHinge', { l2: 5 });
  const [found] = await dualDescent({ ...problem, count: 1 });
  const [without] = await dualDescent({ ...problem, count: 1, intercept: false });
  assert.ok(found!.objective < without!.objective - 1);
  assert.equal(without!.intercept, 0);
});

test('too few epochs are said, and a class alone is no trouble', async () => {
  const problem = problemOf(5, 'hinge', { maxEpochs: 1 });
  assert.ok(
    (await dualDescent(problem)).every(({ converged, epochs }) => !converged && epochs === 1),
  );
  const target = new Float64Array(150);
  const [only] = await dualDescent({ ...problem, target, count: 1, maxEpochs: 1000 });
  assert.ok(only!.converged && only!.objective < 1e-6 && only!.intercept >= 1 - 1e-6);
});

test('a row of zeros does not keep a machine without intercept from its end', async () => {
  const dense = [
    [1, 0.5],
    [0, 0],
    [-1, 0.2],
    [0.4, -1],
    [-0.3, 0.8],
  ];
  const values = Float64Array.from(dense.flat().filter((one) => one !== 0));
  const indices = Int32Array.from(dense.flatMap((row) => [0, 1].filter((j) => row[j] !== 0)));
  const matrix = { rows: 5, columns: 2, offsets: Int32Array.of(0, 2, 2, 4, 6, 8), indices, values };
  const problem: DualProblem = {
    ...{ matrix, target: Float64Array.of(1, 1, 0, 1, 0), loss: 'hinge', l2: 0.5, intercept: false },
    ...{ firstClass: 1, count: 1, tolerance: 1e-10, maxEpochs: 5000 },
  };
  for (const [found] of [
    plainDualDescent(problem),
    await kernelDualDescent(problem, { threads: 2 }),
  ]) {
    assertLeast(problem, 1, found!);
    assert.ok(found!.epochs < 5000);
  }
  // Stopped early, it tells its gap and objective all the same.
  for (const [found] of [
    plainDualDescent({ ...problem, maxEpochs: 1 }),
    await kernelDualDescent({ ...problem, maxEpochs: 1 }, { threads: 1 }),
  ]) {
    assert.ok(!found!.converged && found!.dualityGap > 0 && found!.objective > 0);
  }
});
