import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../../compute/build.ts';
import {
  fit,
  InvalidParameter,
  kNearestClassifier,
  kNearestRegressor,
  matrixFromRows,
  predict,
  predictProbabilities,
} from '../index.ts';
import { referenceRows } from '../reference-rows.fixture.ts';
import { classExamples, regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';
import { isNear, referenceQueries } from './reference-queries.fixture.ts';

before(build);

tabularLaws({
  specification: kNearestClassifier({ k: 7, weights: 'distance' }),
  examples: classExamples(1),
  verbs: ['predict', 'predictProbabilities'],
  rowOrder: 1e-12,
});

tabularLaws({
  specification: kNearestRegressor({ k: 4, metric: 'cosine' }),
  examples: regressionExamples(2),
  verbs: ['predict'],
  rowOrder: 1e-12,
});

tabularLaws({
  specification: kNearestClassifier({
    search: 'hnsw',
    connections: 6,
    construction: 30,
    width: 30,
  }),
  examples: classExamples(3),
  verbs: ['predict', 'predictProbabilities'],
  rowOrder: { seeded: 'rows join the graph in their order, on levels drawn for their places' },
});

const features = referenceRows();
const labels = Float64Array.from({ length: 60 }, (_, row) => row % 3);
const numbers = Float64Array.from(
  { length: 60 },
  (_, row) => 2 * features.values[row * 3]! - features.values[row * 3 + 1]! + (row % 7),
);

/** scikit-learn 1.9.1: KNeighborsClassifier and KNeighborsRegressor of 7, `algorithm='brute'`. */
const references = [
  {
    metric: 'euclidean',
    weights: 'uniform',
    second: [0, 0.2857142857142857, 0.7142857142857143],
    fourth: [0.42857142857142855, 0.5714285714285714, 0],
    means: [
      ...[8.445311500098667, 2.998375804831864, 6.603109234546537, 3.5200136545785687],
      ...[0.6619699392935477, 2.446804821716796, 11.362101485545152],
    ],
  },
  {
    metric: 'euclidean',
    weights: 'distance',
    second: [0, 0.25072867945702726, 0.7492713205429727],
    fourth: [0.4019093917309869, 0.5980906082690131, 0],
    means: [
      ...[8.076510737009144, 3.3820979702560097, 6.6326540362410515, 3.4262435914096847],
      ...[0.5423657894169216, 3.3486368253361434, 11.360376382363318],
    ],
  },
  {
    metric: 'cosine',
    weights: 'distance',
    second: [0, 0.2943963187692538, 0.7056036812307462],
    fourth: [0.12952428984721076, 0.8704757101527892, 0],
    means: [
      ...[7.757795513060997, 3.7021541105008864, 8.067633005596129, 2.5552808134737974],
      ...[0.563594435039367, 3.348636825335208, 9.292168978529517],
    ],
  },
] as const;

test('shares and means are those of scikit-learn', async () => {
  const queries = referenceQueries();
  for (const { metric, weights, second, fourth, means } of references) {
    const parameters = { k: 7, metric, weights };
    const classes = await fit(kNearestClassifier(parameters), { features, target: labels });
    const shares = await predictProbabilities(classes, queries);
    // Cosines near 1 are differences of numbers near 1 there, and lose half the digits.
    const by = metric === 'cosine' ? 1e-7 : 1e-12;
    assert.ok(isNear(shares.values.subarray(3, 6), second, by), `${metric} ${weights}`);
    assert.ok(isNear(shares.values.subarray(9, 12), fourth, by), `${metric} ${weights}`);
    assert.deepEqual([...(await predict(classes, queries))], [0, 2, 0, 1, 1, 1, 0]);
    const regression = await fit(kNearestRegressor(parameters), { features, target: numbers });
    assert.ok(isNear(await predict(regression, queries), means, by), `${metric} ${weights}`);
  }
});

test('equal rows count by number, and at distance 0 alone, as in scikit-learn', async () => {
  const twins = matrixFromRows([
    [0, 0],
    [1, 0],
    [0, 0],
    [1, 0],
    [0, 1],
    [2, 2],
    [0, 0],
  ]);
  const queries = matrixFromRows([
    [0, 0],
    [1, 0],
    [0.5, 0],
    [0, 0.5],
    [2, 2],
  ]);
  const classes = { features: twins, target: Float64Array.of(0, 1, 1, 1, 0, 1, 0) };
  const means = { features: twins, target: Float64Array.of(1, 2, 3, 4, 5, 6, 7) };
  const first = async (weights: 'uniform' | 'distance'): Promise<number[]> => {
    const model = await fit(kNearestClassifier({ k: 4, weights }), classes);
    const { values } = await predictProbabilities(model, queries);
    return [...values].filter((_, at) => at % 2 === 0);
  };
  const mean = async (weights: 'uniform' | 'distance'): Promise<number[]> => [
    ...(await predict(await fit(kNearestRegressor({ k: 4, weights }), means), queries)),
  ];
  // scikit-learn 1.9.1, algorithm='brute'.
  assert.deepEqual(await first('uniform'), [0.5, 0.25, 0.25, 0.75, 0.25]);
  assert.ok(isNear(await first('distance'), [2 / 3, 0, 0.25, 0.75, 0]));
  assert.deepEqual(await mean('uniform'), [3.25, 2.5, 2.5, 4, 4.25]);
  assert.ok(isNear(await mean('distance'), [11 / 3, 3, 2.5, 4, 6]));
});

test('a weight multiplies a vote: as many equal votes, and none for 0', async () => {
  const line = { rows: 4, columns: 1, values: Float64Array.of(0, 1, 3, 2) };
  const target = Float64Array.of(10, 20, 50, 1000);
  const weights = Float64Array.of(3, 1, 2, 0);
  const model = await fit(kNearestRegressor({ k: 3 }), { features: line, target, weights });
  const query = { rows: 1, columns: 1, values: Float64Array.of(2) };
  assert.deepEqual([...(await predict(model, query))], [(3 * 10 + 20 + 2 * 50) / 6]);
  const near = await fit(kNearestRegressor({ k: 2, weights: 'distance' }), {
    ...{ features: line, target, weights },
  });
  // Distances 1 and 1, weights 1 and 2.
  assert.deepEqual([...(await predict(near, query))], [(20 + 2 * 50) / 3]);
});

test('the least distances of doubles are still weights', async () => {
  const line = { rows: 2, columns: 1, values: Float64Array.of(0, 4e-320) };
  const examples = { features: line, target: Float64Array.of(0, 1) };
  const model = await fit(kNearestClassifier({ k: 2, weights: 'distance' }), examples);
  const { values } = await predictProbabilities(model, {
    ...{ rows: 1, columns: 1, values: Float64Array.of(1e300) },
  });
  assert.deepEqual([...values], [0.5, 0.5]);
});

test('one over a negative product is refused as a weight', async () => {
  const specification = kNearestClassifier({ metric: 'dot', weights: 'distance' });
  await assert.rejects(fit(specification, classExamples(1)), InvalidParameter);
});
