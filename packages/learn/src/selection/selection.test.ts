import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancelled, seededRandom } from '@backlot/core';
import fc from 'fast-check';
import { constant } from '../baseline/constant.ts';
import { chain } from '../composition/chain.ts';
import { standardScaler } from '../preprocessing/standard-scaler.ts';
import { classExamples, regressionExamples } from '../tabular-examples.fixture.ts';
import { placeOf, valueAt } from './axis.ts';
import { crossValidate, splitExamples } from './cross-validate.ts';
import { searchParameters } from './search.ts';
import { type SplitPlan, splits } from './splits.ts';
import { proposeByTpe } from './tpe.ts';

test('every row is tested once, and never trained on in the same split', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 80 }), fc.integer({ min: 2, max: 5 }), (rows, folds) => {
      const labels = Array.from({ length: rows }, (_, row) => row % 7);
      for (const kind of ['folds', 'stratified', 'grouped'] as const) {
        const tested = new Array<number>(rows).fill(0);
        for (const { train, test: part } of splits({ kind, folds }, { rows, labels, seed: 4 })) {
          assert.equal(train.length + part.length, rows);
          const learned = new Set(train);
          for (const row of part) {
            tested[row]!++;
            assert.ok(!learned.has(row));
          }
        }
        assert.deepEqual(tested, new Array(rows).fill(1));
      }
    }),
  );
});

test('strata keep their share, groups stay whole', () => {
  const labels = Array.from({ length: 100 }, (_, row) => (row < 20 ? 1 : 0));
  for (const { test: part } of splits({ kind: 'stratified', folds: 5 }, { rows: 100, labels })) {
    assert.equal(part.filter((row) => labels[row] === 1).length, 4);
  }
  const groups = Array.from({ length: 90 }, (_, row) => row % 13);
  for (const { train, test: part } of splits(
    { kind: 'grouped', folds: 4 },
    { rows: 90, labels: groups },
  )) {
    const inside = new Set([...part].map((row) => groups[row]));
    assert.ok([...train].every((row) => !inside.has(groups[row])));
  }
});

test('time splits train on what came before, a gap away', () => {
  const random = seededRandom(1);
  const times = Array.from({ length: 60 }, () => random.below(40));
  for (const gap of [0, 5]) {
    const found = splits({ kind: 'time', folds: 3, gap }, { rows: 60, times });
    assert.equal(found.length, 3);
    for (const { train, test: part } of found) {
      const first = Math.min(...[...part].map((row) => times[row]!));
      assert.ok(train.length > 0 && [...train].every((row) => times[row]! < first - gap));
    }
  }
});

test('plans that leave a side empty are refused', () => {
  const plans: readonly SplitPlan[] = [
    { kind: 'folds', folds: 1 },
    { kind: 'folds', folds: 11 },
    { kind: 'stratified', folds: 2 },
    { kind: 'time', folds: 2 },
    { kind: 'holdout', share: 0 },
    { kind: 'holdout', share: 1 },
  ];
  for (const plan of plans) {
    assert.throws(() => splits(plan, { rows: 10 }), { code: 'E-LEARN-005' });
  }
});

test('cross-validation of a constant is the deviation of each fold from the other folds', async () => {
  const { features, target } = regressionExamples(2, 50);
  const options = { measure: 'meanSquaredError', seed: 3 } as const;
  const { scores } = await crossValidate(constant(), { features, target: target! }, options);
  const parts = splits({ kind: 'folds', folds: 5 }, { rows: 50, seed: 3 });
  parts.forEach(({ train, test: part }, at) => {
    const mean = train.reduce((sum, row) => sum + target![row]!, 0) / train.length;
    const expected = part.reduce((sum, row) => sum + (target![row]! - mean) ** 2, 0) / part.length;
    assert.ok(Math.abs(scores[at]! - expected) < 1e-12);
  });
});

test('a class that a fold lacks keeps its place', () => {
  const { features, target } = classExamples(1, 3, 12);
  const rare = target!.map((label, row) => (row === 2 ? 2 : Math.min(label, 1)));
  const plan = { kind: 'folds', folds: 4 } as const;
  for (const { train } of splitExamples({ features, target: rare }, { plan })) {
    assert.equal(train.classes!.length, 3);
  }
});

test('groups are dealt whole', () => {
  const examples = { ...regressionExamples(1, 20), groups: Int32Array.of(3, 7, 4, 6) };
  const parts = splitExamples(examples, { plan: { kind: 'folds', folds: 2 } });
  for (const { train, test: part } of parts) {
    assert.equal(
      [...train.groups!, ...part.groups!].reduce((sum, size) => sum + size, 0),
      20,
    );
    assert.equal(
      train.target!.length,
      train.groups!.reduce((sum, size) => sum + size, 0),
    );
  }
});

const laplace = regressionExamples(5, 60);
const skewed = {
  features: laplace.features,
  target: laplace.target!.map((value, row) => (row % 5 === 0 ? value + 100 : value)),
};

test('every strategy finds the better of two, and the same one again', async () => {
  const strategies = [
    { kind: 'grid' },
    { kind: 'random', trials: 6 },
    { kind: 'halving', trials: 9 },
    { kind: 'tpe', trials: 12 },
  ] as const;
  for (const strategy of strategies) {
    const options = {
      ...({ strategy, seed: 2, measure: 'meanAbsoluteError' } as const),
      space: { predicts: { choices: ['mean', 'median'] } },
    } as const;
    const found = await searchParameters(constant(), skewed, options);
    assert.deepEqual(found.best, constant({ predicts: 'median' }));
    assert.deepEqual(await searchParameters(constant(), skewed, options), found);
  }
});

test('a path leads into the parts of a composition', async () => {
  const { best, trials } = await searchParameters(chain(standardScaler(), constant()), skewed, {
    ...{ strategy: { kind: 'grid' }, measure: 'meanAbsoluteError' },
    space: { 'steps.1.predicts': { choices: ['mean', 'median'] } },
  });
  assert.equal(trials.length, 2);
  assert.deepEqual(best, chain(standardScaler(), constant({ predicts: 'median' })));
  const lost = { 'steps.2.predicts': { choices: ['mean'] } } as const;
  const options = { strategy: { kind: 'grid' }, measure: 'r2', space: lost } as const;
  await assert.rejects(searchParameters(chain(constant()), skewed, options), {
    code: 'E-LEARN-005',
  });
});

test('halving gives the last ones the most rows', async () => {
  const { trials } = await searchParameters(constant(), skewed, {
    ...{ strategy: { kind: 'halving', trials: 9 }, measure: 'meanAbsoluteError' },
    space: { predicts: { choices: ['mean', 'median'] } },
  });
  assert.deepEqual(
    trials.map(({ rows }) => rows),
    [...new Array(9).fill(7), ...new Array(3).fill(20), 60],
  );
});

test('a space that the estimator does not have is refused; a search can be cancelled', async () => {
  const options = { strategy: { kind: 'grid' }, measure: 'r2' } as const;
  const axis = { choices: [1] } as const;
  await assert.rejects(
    searchParameters(constant(), skewed, { ...options, space: { depth: axis } }),
    {
      code: 'E-LEARN-005',
    },
  );
  const empty = { predicts: { choices: [] } } as const;
  await assert.rejects(searchParameters(constant(), skewed, { ...options, space: empty }), {
    code: 'E-LEARN-005',
  });
  const space = { predicts: { choices: ['mean'] } } as const;
  const signal = AbortSignal.abort();
  await assert.rejects(
    searchParameters(constant(), skewed, { ...options, space, signal }),
    Cancelled,
  );
});

test('places and values of an axis are inverses', () => {
  const axes = [
    { from: 2, to: 8 },
    { from: 1e-4, to: 1e2, scale: 'log' },
    { choices: ['a', 'b', 'c'] },
  ] as const;
  for (const axis of axes) {
    for (const place of [0.02, 0.3, 0.5, 0.99]) {
      const value = valueAt(axis, place);
      assert.deepEqual(valueAt(axis, placeOf(axis, value)), value);
      if (!('choices' in axis)) assert.ok(Math.abs(placeOf(axis, value) - place) < 1e-12);
    }
  }
  assert.equal(valueAt({ from: 1, to: 4, whole: true }, 0.5), 3);
});

test('the Parzen estimator comes nearer to an optimum than chance', () => {
  const space = { x: { from: 0, to: 1 }, y: { from: 1e-3, to: 1e3, scale: 'log' } } as const;
  const loss = (x: number, y: number): number => (x - 0.7) ** 2 + (Math.log10(y) / 6 + 0.2) ** 2;
  let ahead = 0;
  for (let seed = 0; seed < 10; seed++) {
    const random = seededRandom(seed);
    const uniform = (): number => random.uniform();
    const at = ({ x, y }: { x: number; y: number }) => ({ x, y, loss: loss(x, y) });
    const draw = () => at({ x: uniform(), y: 10 ** (6 * uniform() - 3) });
    const past = Array.from({ length: 10 }, draw);
    const chance = Array.from({ length: 40 }, draw);
    for (let trial = 0; trial < 30; trial++) {
      past.sort((a, b) => a.loss - b.loss);
      const next = proposeByTpe(space, past, uniform) as { x: number; y: number };
      past.push(at(next));
    }
    const best = (all: readonly { loss: number }[]): number =>
      Math.min(...all.map((one) => one.loss));
    if (best(past) < best(chance)) ahead++;
  }
  assert.ok(ahead >= 8, `ahead in ${ahead} of 10`);
});
