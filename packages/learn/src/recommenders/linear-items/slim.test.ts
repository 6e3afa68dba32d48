import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from '../../../../compute/build.ts';
import { fit, foldIn, slim } from '../../index.ts';
import { estimatorLaws } from '../recommender-laws.fixture.ts';
import { referenceInteractions } from './linear-items.fixture.ts';

await build();
estimatorLaws({
  specification: slim({ candidates: 20, l1: 0.5, l2: 2, damping: 0.2, tolerance: 1e-8 }),
  ...{ historyIsUser: true, foldIn: 'scores' },
});
estimatorLaws({
  specification: slim({ candidates: 30, l1: 0, dropout: 0.4, nonNegative: false, tolerance: 1e-8 }),
  ...{ historyIsUser: true, foldIn: 'scores' },
});

/**
 * Row j: the coefficients of scikit-learn 1.9.1's ElasticNet(alpha=2.2 / 24, l1_ratio=0.7 / 2.2,
 * fit_intercept=False, tol=1e-14) for item j from all others, with positive=True.
 */
const positive = [
  [0, 0.001117, 0, 0, 0, 0.3205412, 0.1609939, 0.0834515, 0, 0.388528],
  [0.0307844, 0, 0.2101287, 0.0104717, 0, 0.0661321, 0.0940482, 0.1751941, 0, 0.2167102],
  [0, 0.198258, 0, 0, 0.1537698, 0.1297653, 0.0461554, 0, 0, 0.1313566],
  [0, 0.0010787, 0, 0, 0.0367764, 0.3441715, 0.0099994, 0.1962632, 0.1998484, 0.0357284],
  [0, 0, 0.1353641, 0.0255799, 0, 0.1066889, 0, 0.2122534, 0, 0.1846052],
  [0.2939971, 0, 0.0787751, 0.4068648, 0.0141708, 0, 0, 0.0065317, 0, 0],
  [0.2289515, 0.0979863, 0.025086, 0.0656388, 0, 0, 0, 0, 0, 0.1084856],
  [0.1369828, 0.1417557, 0, 0.24947, 0.2068691, 0.0052713, 0, 0, 0.0678556, 0],
  [0.0562915, 0, 0, 0.2089047, 0, 0.0793614, 0, 0.062157, 0, 0.1971147],
  [0.2171154, 0.1291858, 0.0579193, 0, 0.1329499, 0, 0.1146638, 0, 0.1508332, 0],
];

/** The same without positive=True. */
const ofEitherSign = [
  [0, 0.0016083, 0, -0.0952821, 0, 0.3620152, 0.1636768, 0.1081675, 0, 0.4034838],
  [0.0307844, 0, 0.2101287, 0.0104717, 0, 0.0661321, 0.0940482, 0.1751941, 0, 0.2167102],
  [0, 0.198258, 0, 0, 0.1537698, 0.1297653, 0.0461554, 0, 0, 0.1313566],
  [-0.0900197, 0.0021501, 0, 0, 0.038489, 0.3753843, 0.0281225, 0.2050708, 0.2005473, 0.0733462],
  [0, 0, 0.1409929, 0.0276622, 0, 0.1159084, -0.0656376, 0.2171725, 0, 0.2045872],
  [0.3746013, 0.0170315, 0.1154958, 0.4076103, 0.058027, 0, 0, 0, 0.0422147, -0.2589092],
  [0.2340345, 0.0964374, 0.033992, 0.0738147, -0.0399988, 0, 0, 0, 0, 0.1158275],
  [0.1369828, 0.1417557, 0, 0.24947, 0.2068691, 0.0052713, 0, 0, 0.0678556, 0],
  [0.0562915, 0, 0, 0.2089047, 0, 0.0793614, 0, 0.062157, 0, 0.1971147],
  [0.2821128, 0.1379935, 0.0878902, 0.01904, 0.1645065, -0.2251345, 0.1205296, 0, 0.1912688, 0],
];

test('weights are those of an elastic net for each item', async () => {
  const data = referenceInteractions();
  for (const [nonNegative, wanted] of [
    [true, positive],
    [false, ofEitherSign],
  ] as const) {
    const penalties = { l1: 0.7, l2: 1.5, dropout: 0, damping: 0 };
    const parameters = { ...penalties, candidates: 10, nonNegative, tolerance: 1e-10 };
    const model = await fit(slim({ ...parameters, sweeps: 10_000 }), data);
    for (let met = 0; met < 10; met++) {
      const scores = foldIn(model, Int32Array.of(met));
      for (let item = 0; item < 10; item++) {
        // They are printed to seven digits and kept as floats.
        assert.ok(Math.abs(scores[item]! - wanted[item]![met]!) < 3e-7, `${item} ${met}`);
      }
    }
  }
});

test('fewer candidates and a larger penalty leave fewer weights', async () => {
  const data = referenceInteractions();
  const count = async (parameters: Parameters<typeof slim>[0]) =>
    (await fit(slim(parameters), data)).tensors.similarities!.data.length;
  const base = { candidates: 9, l1: 0.1, l2: 1, dropout: 0, damping: 0 };
  const all = await count(base);
  assert.ok((await count({ ...base, l1: 2 })) < all);
  assert.ok((await count({ ...base, candidates: 2 })) <= 20);
});
