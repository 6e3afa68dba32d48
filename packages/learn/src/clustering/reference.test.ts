import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../../compute/build.ts';
import {
  adjustedRandIndex,
  agglomerative,
  dbscan,
  fit,
  gaussianMixture,
  hdbscan,
  kMeans,
  miniBatchKMeans,
  predict,
  spectral,
} from '../index.ts';
import { referenceRows } from '../reference-rows.fixture.ts';
import { classExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

before(build);

// All numbers here are of scikit-learn 1.9.0 (and scipy 1.17.1) on the same rows.
const features = referenceRows();

tabularLaws({
  specification: miniBatchKMeans({ clusters: 3, batches: 20, batchRows: 32 }),
  examples: { features: classExamples(1).features },
  verbs: ['predict', 'transform'],
  rowOrder: { seeded: 'rows are drawn by their places' },
  onnx: 1e-5,
});
tabularLaws({
  specification: spectral({ clusters: 3 }),
  examples: { features: classExamples(1, 3, 60).features },
  verbs: ['predict'],
  rowOrder: { seeded: 'the first centres are drawn from the rows in their order' },
});

/** Labels by first appearance, `.` for none. */
function canonical(labels: Float64Array): string {
  const names = new Map<number, number>();
  return Array.from(labels, (label) => {
    if (label < 0) return '.';
    if (!names.has(label)) names.set(label, names.size);
    return names.get(label);
  }).join('');
}

test('k-means reaches the inertia of the best of many restarts', async () => {
  for (const [clusters, inertia] of [
    [3, 61.28146000781799],
    [5, 46.17412094572795],
  ] as const) {
    const specification = kMeans({ clusters, restarts: 200, tolerance: 0 });
    const model = await fit(specification, { features });
    assert.ok(Math.abs((model.facts!.inertia as number) - inertia) < 1e-4);
    const batch = await fit(miniBatchKMeans({ clusters, batches: 400 }), { features });
    assert.ok((batch.facts!.inertia as number) < 1.1 * inertia);
  }
});

test('mixtures reach the same densities and criteria', async () => {
  for (const [covariance, density, bic, aic] of [
    ['full', -3.641903543615969, 555.7644175383572, 495.02842523391627],
    ['tied', -3.7219188328002697, 516.2341174938081, 480.63025993603236],
    ['diagonal', -3.7052433294828093, 526.5160907823791, 484.6291995379371],
    ['spherical', -3.723594744723248, 504.1521932378991, 474.8313693667897],
  ] as const) {
    const settings = { components: 3, covariance, tolerance: 1e-12, rounds: 5000 };
    const { facts } = await fit(gaussianMixture(settings), { features });
    assert.ok(Math.abs((facts!.logDensity as number) - density) < 1e-7, covariance);
    assert.ok(Math.abs((facts!.bic as number) - bic) < 1e-5, covariance);
    assert.ok(Math.abs((facts!.aic as number) - aic) < 1e-5, covariance);
  }
});

const ward = '012012013012012012013013013012012012012013012013012013012012';
const average = '012013012012012013012012012012012012012012012013012013013013';
const complete = '012012013012012012013013013012012012012013012013012013012012';
const single = '012013012012012013012012012012012012012012012013012013013013';

test('agglomerative labels and distances are the same', async () => {
  for (const [linkage, distance, labels] of [
    ['ward', 3.782357379807725, ward],
    ['average', 1.731574613781069, average],
    ['complete', 2.7762193992554822, complete],
    ['single', 1.0059177033360898, single],
  ] as const) {
    const model = await fit(agglomerative({ clusters: 4, linkage }), { features });
    assert.equal(adjustedRandIndex(await predict(model, features), [...labels].map(Number)), 1);
    assert.ok(Math.abs((model.facts!.nextDistance as number) - distance) < 1e-9, linkage);
  }
});

// Equal reachabilities merge in any order, and strengths may depend on it: for 5 rows the two algorithms of
// the package hdbscan 0.8.44 disagree with each other here. For 4 and 8 all agree.
test('hdbscan finds the same clusters with the same strengths', async () => {
  for (const [least, strengths] of [
    [4, [0.992837073945, 0.837868723639, 0.972023932977, 0.763614961737, 0.636830873645]],
    [8, [0.711704289728, 1, 1, 0.805693957513, 0.717167998742]],
  ] as const) {
    const model = await fit(hdbscan({ least }), { features });
    assert.equal(canonical(await predict(model, features)), '012'.repeat(20));
    strengths.forEach((strength, row) => {
      assert.ok(Math.abs(model.tensors.strengths!.data[row]! - strength) < 1e-9, `${least} ${row}`);
    });
  }
});

test('dbscan agrees but for rows at two clusters; spectral wholly', async () => {
  for (const [radius, least, labels] of [
    [0.8, 5, '.01...20.201.01.0..0..0.20..01201.01..12..20120..01.0.....0.'],
    [0.7, 4, '.01...20.201..1.0..0..0..0..012.1.01..1.....120...1.0.....0.'],
  ] as const) {
    const model = await fit(dbscan({ radius, least }), { features });
    assert.equal(model.tensors.labels!.data.length, least === 5 ? 15 : 14);
    assert.equal(canonical(await predict(model, features)), labels);
  }
  const model = await fit(spectral({ clusters: 3, affinity: 'kernel', rate: 1 }), { features });
  assert.equal(canonical(await predict(model, features)), '012'.repeat(20));
});
