import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../build.ts';
import { distance, normals } from '../random-arrays.fixture.ts';
import { denseRows } from './dense-rows.ts';
import type { LinearRows, LossQuery } from './linear-rows.ts';
import { plainRows } from './plain-rows.ts';
import { lossCodes, type RowLoss, rowLoss } from './row-loss.ts';

before(build);

interface Case {
  readonly matrix: { rows: number; columns: number; values: Float32Array | Float64Array };
  readonly weights: Float64Array | undefined;
  /** Sums of floats within 128 rows, or doubles. */
  readonly tolerance: number;
}

function randomCase(round: number): Case {
  const random = seededRandom(round);
  const [rows, columns] = [1 + random.below(3000), 1 + random.below(20)];
  const floats = normals(rows * columns, round).map((value, at) => 3 * value + (at % columns));
  const single = round % 2 === 0;
  const values = single ? floats : Float64Array.from(floats);
  const weights = Float64Array.from({ length: rows }, () => random.below(3));
  weights[0] = 1;
  return {
    matrix: { rows, columns, values },
    weights: round % 3 === 0 ? undefined : weights,
    tolerance: single ? 2e-6 : 1e-11,
  };
}

async function both(
  { matrix }: Case,
  act: (rows: LinearRows) => Promise<Float64Array>,
): Promise<readonly Float64Array[]> {
  const found = [await act(plainRows(matrix))];
  for (const threads of [1, 2]) {
    for (const again of [false, true]) {
      await using rows = await denseRows(matrix, { threads, again });
      found.push(await act(rows));
    }
  }
  return found;
}

test('moments are those of the twin, the same bytes for any threads and twice in a row', async () => {
  for (let round = 0; round < 10; round++) {
    const one = randomCase(round);
    const target = Float64Array.from(normals(one.matrix.rows, 50 + round));
    const [plain, ...found] = await both(one, async (rows) => {
      const first = await rows.moments(target, one.weights);
      assert.deepEqual(await rows.moments(target, one.weights), first);
      return first;
    });
    for (const each of found) assert.deepEqual(each, found[0]);
    assert.ok(distance(found[0]!, plain!) < one.tolerance, `round ${round}`);
  }
});

test('losses, gradients and curvatures are those of the twin, for every loss', async () => {
  let round = 0;
  for (const loss of Object.keys(lossCodes) as RowLoss[]) {
    for (let repeat = 0; repeat < 3; repeat++, round++) {
      const one = randomCase(round);
      const query = queryFor(loss, one, round);
      const [plain, ...found] = await both(one, async (rows) => {
        const curvature = new Float64Array(rows.rows);
        const gradient = new Float64Array(query.coefficients.length);
        const value = await rows.loss({ ...query, curvature }, gradient);
        return Float64Array.of(value, ...gradient, ...curvature);
      });
      for (const each of found) assert.deepEqual(each, found[0]);
      // A row beside the kink of a hinge may fall on either side of it in floats.
      const tolerance = loss.includes('nsens') || loss.includes('inge') ? 1e-3 : one.tolerance;
      const [a, b] = [found[0]!, plain!];
      const ends = 1 + query.coefficients.length;
      assert.ok(distance(a.subarray(0, ends), b.subarray(0, ends)) < tolerance, `${loss} ${round}`);
      if (tolerance < 1e-3) assert.ok(distance(a, b) < 10 * tolerance, `${loss} ${round}`);
    }
  }
});

function queryFor(loss: RowLoss, { matrix, weights }: Case, round: number): LossQuery {
  const random = seededRandom(900 + round);
  const outputs = loss === 'softmax' ? 3 : 1;
  const width = outputs * (matrix.columns + 1);
  const coefficients = Float64Array.from({ length: width }, () => 0.3 * random.normal());
  const numbers = ['squared', 'squaredInsensitive', 'insensitive'].includes(loss);
  const signs = loss === 'hinge' || loss === 'squaredHinge';
  const target = Float64Array.from({ length: matrix.rows }, () => {
    if (numbers) return random.normal();
    if (loss === 'softmax') return random.below(3);
    if (loss === 'logistic') return random.below(2);
    return signs ? 2 * random.below(2) - 1 : 0.1 + random.uniform();
  });
  const first = loss === 'softmax' ? 1 : loss === 'tweedie' ? 1.5 : 0.2;
  return { loss, first, second: 0.3, outputs, coefficients, target, weights };
}

test('slopes and curvatures are the derivatives of the losses', () => {
  const random = seededRandom(8);
  for (const loss of Object.keys(lossCodes) as RowLoss[]) {
    if (loss === 'softmax') continue;
    for (let round = 0; round < 40; round++) {
      const y = loss.includes('inge')
        ? 1
        : loss === 'logistic'
          ? round % 2
          : 0.1 + random.uniform();
      const score = 3 * random.normal();
      const first = loss === 'tweedie' ? 1.3 : 0.1;
      const at = (s: number): readonly [number, number, number] => rowLoss(loss, s, y, first, 0.5);
      const step = 1e-5;
      const [, slope, curvature] = at(score);
      const rise = (at(score + step)[0] - at(score - step)[0]) / (2 * step);
      assert.ok(Math.abs(slope - rise) < 1e-5 * Math.max(1, Math.abs(slope)), `${loss} slope`);
      const bend = (at(score + step)[1] - at(score - step)[1]) / (2 * step);
      // At a kink of the slope there is no second derivative.
      const kinked = at(score + step)[2] !== at(score - step)[2] && !loss.match(/^[lpgt]/);
      if (!kinked) assert.ok(Math.abs(curvature - bend) < 1e-4 * Math.max(1, Math.abs(bend)), loss);
    }
  }
});

test('far scores lose what the closed forms say, without overflow', () => {
  assert.deepEqual(rowLoss('logistic', 800, 1, 0, 0), [0, 0, 0]);
  assert.equal(rowLoss('logistic', 800, 0, 0, 0)[0], 800);
  assert.equal(rowLoss('logistic', -800, 1, 0, 0)[0], 800);
  assert.equal(rowLoss('logistic', -40, 0, 0, 0)[1], Math.exp(-40) / (1 + Math.exp(-40)));
});
