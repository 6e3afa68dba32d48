import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../../compute/build.ts';
import {
  fit,
  InvalidExamples,
  kernelDensity,
  localOutlierFactor,
  matrixFromRows,
  predict,
  scoreRows,
} from '../index.ts';
import { referenceRows } from '../reference-rows.fixture.ts';
import { classExamples, regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';
import { isNear, referenceQueries } from './reference-queries.fixture.ts';

before(build);

tabularLaws({
  specification: localOutlierFactor({ k: 6, contamination: 0.1 }),
  examples: { features: classExamples(6).features },
  verbs: ['predict', 'scoreRows'],
  rowOrder: 1e-12,
});

tabularLaws({
  specification: kernelDensity(),
  examples: { features: regressionExamples(7).features },
  verbs: ['scoreRows'],
  rowOrder: 1e-12,
});

const features = referenceRows();
const queries = referenceQueries();

/** The rows' sines are 4e4 times as far from NumPy's as doubles are apart. */
const by = 1e-9;

/**
 * scikit-learn 1.9.1: LocalOutlierFactor with `novelty=True`, but for the fifth query with k = 20: rows 40 and 47
 * are equally far from it, scikit-learn takes the second, and NumPy with the first gives the number here.
 */
const outliers = [
  {
    parameters: { k: 20 },
    threshold: -1.5,
    scores: [
      ...[-0.9637289725277046, -0.853008010789269, -0.8653147517074838, -0.8741019739879367],
      ...[-0.9998452137281361, -0.9998452137281364, -5.899840759019999],
    ],
    fitted: [
      ...[-1.0002974772115203, -0.997407235387277, -1.0103784865041594, -1.0021380762622885],
      ...[-1.000636153034509, -1.0103784865041594],
    ],
    labels: [1, 1, 1, 1, 1, 1, -1],
  },
  {
    parameters: { k: 5, contamination: 0.1 },
    threshold: -1.124809871930994,
    scores: [
      ...[-1.030030363619528, -1.4674705304465174, -1.4593370661550187, -1.8673491862769147],
      ...[-1.1838291761309176, -1.04072097247121, -14.565310535289104],
    ],
    fitted: [
      ...[-0.9858342182871876, -1.0161041109683748, -0.9995726734712258, -1.0529727137390492],
      ...[-1.1234676775498387, -1.0853462093271509],
    ],
    labels: [1, -1, -1, -1, -1, 1, -1],
  },
  {
    parameters: { k: 100 },
    threshold: -1.5,
    scores: [
      ...[-0.997404913430889, -0.9982203520711246, -0.997404913430889, -0.9974049134308893],
      ...[-0.9982203520711249, -0.9974049134308889, -3.483530130801342],
    ],
    fitted: [
      ...[-0.9982203520711249, -1.0003141002276348, -0.9990309379033726, -0.997409630401686],
      ...[-0.9989745262725855, -0.9997330010026785],
    ],
    labels: [1, 1, 1, 1, 1, 1, -1],
  },
] as const;

test('outlier factors, thresholds and labels are those of scikit-learn', async () => {
  for (const { parameters, threshold, scores, fitted, labels } of outliers) {
    const model = await fit(localOutlierFactor(parameters), { features });
    assert.ok(isNear([model.facts!.threshold as number], [threshold], by));
    assert.ok(isNear(await scoreRows(model, queries), scores, by), `${parameters.k}`);
    const own = model.tensors.factors!.data.subarray(0, 6);
    assert.ok(isNear(own, fitted, by), `${parameters.k}`);
    assert.deepEqual([...(await predict(model, queries))], labels);
  }
  const cosine = await fit(localOutlierFactor({ k: 5, metric: 'cosine' }), { features });
  const expected = [
    ...[-1.236816465016215, -3.7022529278273, -2.244552719988948, -7.01116215847122],
    ...[-2.4871011945368506, -1.0089430534507324, -2.3737986817616816],
  ];
  // Their cosines near 1 are differences of numbers near 1, and lose half the digits.
  assert.ok(isNear(await scoreRows(cosine, queries), expected, 1e-7));
});

test('rows that are all the same have the factor 1, as in scikit-learn', async () => {
  const near = [
    [1, 2.1],
    [3, 3],
    [3, 3.1],
    [2.9, 3],
  ];
  const twins = matrixFromRows([...Array.from({ length: 6 }, () => [1, 2]), ...near]);
  const model = await fit(localOutlierFactor({ k: 3 }), { features: twins });
  const last = [-7.924020883752401, -7.924020883752401, -7.924020883752399];
  // 0.1, the distance of 2.1 and 2, over 1e-10: seven digits are left in the difference.
  const own = model.tensors.factors!.data;
  assert.ok(isNear(own, [-1, -1, -1, -1, -1, -1, -1000000001.0000008, ...last], 1e-7));
  const rows = matrixFromRows([
    [1, 2],
    [2, 2.5],
    [3, 3.05],
  ]);
  assert.ok(isNear(await scoreRows(model, rows), [-1, -4774940621.260545, -1], 1e-7));
});

test('a graph finds the factors of usual rows', async () => {
  const exact = await fit(localOutlierFactor({ k: 10 }), { features });
  const graph = await fit(localOutlierFactor({ k: 10, search: 'hnsw' }), { features });
  const scores = [...(await scoreRows(exact, queries))];
  assert.ok(isNear(await scoreRows(graph, queries), scores, 1e-12));
});

test('one row has no neighbours', async () => {
  const one = { rows: 1, columns: 1, values: Float64Array.of(1) };
  await assert.rejects(fit(localOutlierFactor(), { features: one }), InvalidExamples);
});

/** scikit-learn 1.9.1: KernelDensity with bandwidth 0.9. */
const densities = {
  gaussian: [
    ...[-4.7210490189289676, -5.560857068308934, -5.796572389850787, -5.633078357728619],
    ...[-4.666693128105602, -4.617057561960004],
  ],
  tophat: [-3.8243806124299122, -Infinity, -Infinity, -Infinity, -4.517527792989857],
  epanechnikov: [-3.7838227150783457, -Infinity, -Infinity, -Infinity, -5.225466460638223],
  exponential: [
    ...[-5.317028036157705, -5.60731451728829, -5.7637671938871415, -5.6405323422321825],
    ...[-5.298556008397756, -5.295148298059412],
  ],
} as const;

test('log densities and bandwidths by rule are those of scikit-learn', async () => {
  for (const [name, expected] of Object.entries(densities)) {
    const kernel = name as keyof typeof densities;
    const model = await fit(kernelDensity({ kernel, bandwidth: 0.9 }), { features });
    const found = await scoreRows(model, queries);
    assert.ok(isNear(found.subarray(0, expected.length), expected, by), kernel);
  }
  for (const [rule, bandwidth, last] of [
    ['scott', 0.5571580282870016, -464.2117473124802],
    ['silverman', 0.5396772430244133, -494.36367455429263],
  ] as const) {
    const model = await fit(kernelDensity({ rule }), { features });
    assert.ok(isNear([model.facts!.bandwidth as number], [bandwidth], 1e-14));
    assert.ok(isNear([(await scoreRows(model, queries))[6]!], [last], by));
  }
  const weights = Float64Array.from({ length: 60 }, (_, row) => row + 1);
  const weighted = await fit(kernelDensity({ bandwidth: 0.9 }), { features, weights });
  const expected = [
    ...[-4.662012307240401, -5.406780887440404, -5.792480821904253, -5.5270328683913865],
    ...[-4.575589663890106, -4.668009836115419, -182.22548347611442],
  ];
  assert.ok(isNear(await scoreRows(weighted, queries), expected, by));
});

test('every kernel integrates to 1, in one column and in two', async () => {
  for (const kernel of ['gaussian', 'tophat', 'epanechnikov', 'exponential'] as const) {
    const line = await fit(kernelDensity({ kernel, bandwidth: 0.5 }), {
      features: matrixFromRows([[0], [0.3]]),
    });
    const step = 0.001;
    const grid = Float64Array.from({ length: 40_001 }, (_, at) => (at - 20_000) * step);
    const logs = await scoreRows(line, { rows: grid.length, columns: 1, values: grid });
    const sum = logs.reduce((total, log) => total + Math.exp(log) * step, 0);
    // A step of the grid at an edge of the top hat.
    assert.ok(Math.abs(sum - 1) < 2e-3, `${kernel}: ${sum}`);
    const plane = await fit(kernelDensity({ kernel, bandwidth: 0.7 }), {
      features: matrixFromRows([[0, 0]]),
    });
    const radii = Float64Array.from({ length: 20_000 }, (_, at) => (at + 0.5) * step);
    const points = new Float64Array(40_000);
    radii.forEach((radius, at) => {
      points[2 * at] = radius;
    });
    const rings = await scoreRows(plane, { rows: radii.length, columns: 2, values: points });
    const disc = rings.reduce(
      (total, log, at) => total + Math.exp(log) * 2 * Math.PI * radii[at]! * step,
      0,
    );
    assert.ok(Math.abs(disc - 1) < 2e-3, `${kernel}: ${disc}`);
  }
});

test('tails are finite where the density is below the least double', async () => {
  const one = { features: matrixFromRows([[0, 0]]) };
  const far = matrixFromRows([[3e5, 4e5]]);
  const normal = await fit(kernelDensity({ bandwidth: 2 }), one);
  // The closed form of a normal density.
  const expected = -(5e5 ** 2) / 8 - Math.log(2 * Math.PI) - 2 * Math.log(2);
  assert.ok(isNear(await scoreRows(normal, far), [expected], 1e-14));
  const flat = await fit(kernelDensity({ kernel: 'exponential', bandwidth: 2 }), one);
  assert.ok(isNear(await scoreRows(flat, far), [-2.5e5 - Math.log(8 * Math.PI)], 1e-14));
});
