import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from '../../../../compute/build.ts';
import { ease, fit, foldIn, slim } from '../../index.ts';
import { estimatorLaws, smallInteractions } from '../recommender-laws.fixture.ts';
import { referenceInteractions } from './linear-items.fixture.ts';

await build();
estimatorLaws({
  specification: ease({ l2: 3, dropout: 0.1 }),
  ...{ historyIsUser: true, foldIn: 'scores' },
});
estimatorLaws({
  specification: ease({ l2: 3, damping: 0.5, neighboursKept: 12 }),
  ...{ historyIsUser: true, foldIn: 'scores' },
});

/** Row i: -P_ij / P_jj for P = numpy.linalg.inv(X'X + 2.5 I) of numpy 2.4.6. */
const closedForm = [
  [
    0, 0.052840968, 0.000629977, -0.246959932, 0.068785097, 0.373629617, 0.229360185, 0.166434647,
    0.090851192, 0.316077483,
  ],
  [
    0.041263298, 0, 0.211069758, 0.03730098, -0.051884205, 0.06658569, 0.092873181, 0.183635889,
    -0.006872995, 0.162487021,
  ],
  [
    0.000544526, 0.23362918, 0, -0.018367825, 0.181477286, 0.148587745, 0.087033171, -0.032950905,
    -0.029445352, 0.123292115,
  ],
  [
    -0.228877963, 0.044269493, -0.019694319, 0, 0.098580226, 0.373919607, 0.109338153, 0.241091093,
    0.223671342, 0.107305106,
  ],
  [
    0.062941578, -0.060797437, 0.192119438, 0.097331989, 0, 0.128994819, -0.186455185, 0.269934282,
    -0.112126443, 0.218846881,
  ],
  [
    0.380164886, 0.08675978, 0.174911939, 0.410517298, 0.143436507, 0, 0.049558898, -0.001453072,
    0.135869575, -0.343212456,
  ],
  [
    0.215317519, 0.111649937, 0.094526135, 0.110753022, -0.191290115, 0.045724848, 0, 0.072729109,
    -0.073135924, 0.161029427,
  ],
  [
    0.137030852, 0.193615004, -0.03138685, 0.214179698, 0.242878677, -0.001175794, 0.063785439, 0,
    0.118209503, -0.08846648,
  ],
  [
    0.088191217, -0.008543731, -0.033068707, 0.234275873, -0.118948639, 0.129624238, -0.07562478,
    0.139371019, 0, 0.231626893,
  ],
  [
    0.367050487, 0.241633837, 0.165643083, 0.13445444, 0.277734182, -0.39170993, 0.199193956,
    -0.124777527, 0.277093617, 0,
  ],
];

test('weights are those of the closed form', async () => {
  const model = await fit(ease({ l2: 2.5 }), referenceInteractions());
  for (let met = 0; met < 10; met++) {
    const scores = foldIn(model, Int32Array.of(met));
    // Kept as floats: 3e-8 of a weight below 0.5.
    closedForm[met]!.forEach((weight, item) => {
      assert.ok(Math.abs(scores[item]! - weight) < 5e-8, `${met} ${item}`);
    });
  }
});

test('only the largest weights of each item are kept', async () => {
  const model = await fit(ease({ l2: 2.5, neighboursKept: 3 }), referenceInteractions());
  const rows = Array.from({ length: 10 }, (_, met) => foldIn(model, Int32Array.of(met)));
  for (let item = 0; item < 10; item++) {
    const column = closedForm.map((row) => row[item]!);
    const least = column.map(Math.abs).sort((a, b) => b - a)[2]!;
    column.forEach((weight, met) => {
      const wanted = Math.abs(weight) >= least ? weight : 0;
      assert.ok(Math.abs(rows[met]![item]! - wanted) < 5e-8);
    });
  }
});

test('the sparse linear method without its limits finds the same weights', async () => {
  const data = referenceInteractions();
  const shared = { l2: 2, dropout: 0.3, damping: 0.4 };
  const closed = await fit(ease(shared), data);
  const descended = await fit(
    slim({
      ...shared,
      candidates: 10,
      l1: 0,
      nonNegative: false,
      tolerance: 1e-12,
      sweeps: 10_000,
    }),
    data,
  );
  for (let met = 0; met < 10; met++) {
    const found = foldIn(descended, Int32Array.of(met));
    foldIn(closed, Int32Array.of(met)).forEach((weight, item) => {
      assert.ok(Math.abs(weight - found[item]!) < 1e-6, `${met} ${item}`);
    });
  }
});

test('more items than are allowed are refused before anything is held', async () => {
  const data = smallInteractions(5, 80, 30);
  await assert.rejects(fit(ease({ maximumItems: 29 }), data), {
    code: 'E-LEARN-005',
    message: /29 are allowed.*slim/,
  });
});
