import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancelled } from '@backlot/core';
import { fit, fitIncrementalPca, incrementalPca, type Matrix, pca, transform } from '../index.ts';
import { classExamples, regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

const { features } = regressionExamples(1);
tabularLaws({
  specification: incrementalPca({ components: 3, whiten: true, batch: 17 }),
  examples: { features },
  verbs: ['transform'],
  rowOrder: { seeded: 'batches are folded in as they come, and each cuts away what does not lead' },
  onnx: 1e-4,
});

const [rows, columns] = [30, 5];
const waves: Matrix = {
  ...{ rows, columns },
  values: Float64Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    return Math.sin(1 + 3 * i * (j + 1) + j * j) * (j + 1) + (j === 2 ? 0.05 * i : 0);
  }),
};
const part = (from: number, to: number): Matrix => ({
  ...{ rows: to - from, columns },
  values: waves.values.subarray(from * columns, to * columns),
});

function close(found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  assert.equal(found.length, wanted.length);
  for (let at = 0; at < found.length; at++) {
    const off = Math.abs(found[at]! - wanted[at]!);
    assert.ok(off <= tolerance, `${at}: ${found[at]} ${wanted[at]}`);
  }
}

test("batches of eight give the numbers of scikit-learn 1.9.1's IncrementalPCA", async () => {
  const model = await fit(incrementalPca({ components: 3, batch: 8 }), { features: waves });
  const { variances, means, components } = model.tensors;
  close(variances!.data, [12.681607534822172, 7.664058812023106, 4.960489899934563], 1e-12);
  close(
    means!.data,
    [
      ...[0.014071905677084834, 0.36323655297934226, 0.7286159906305113],
      ...[0.3733475333248558, -0.1487127634824454],
    ],
    1e-14,
  );
  close(
    components!.data,
    [
      ...[-0.0028387284522942914, -0.014745821880769812, 0.05508469766594529],
      ...[0.08991414631482392, 0.9943116336105908],
      ...[-0.010210892943777156, 0.08807267060936992, 0.04082505140318595],
      ...[0.9910915728904227, -0.09060768003066104],
      ...[-0.05195446914032736, -0.09181992160428525, 0.9922728858073094],
      ...[-0.038098187627617325, -0.05303662247970841],
    ],
    1e-12,
  );
  // Its var_ is over n.
  assert.ok(Math.abs((model.facts!.totalVariance as number) - 27.839474321580497) < 1e-12);
});

test('with all components, batches of any size give what all rows at once give', async () => {
  const one = classExamples(5, 4, 200).features as Matrix;
  const whole = await fit(pca(), { features: one });
  for (const batch of [1, 3, 50, 1000]) {
    const model = await fit(incrementalPca({ batch }), { features: one });
    // pca adds up in floats.
    close(model.tensors.variances!.data, whole.tensors.variances!.data, 1e-5);
    close(model.tensors.components!.data, whole.tensors.components!.data, 1e-4);
    const scores = (await transform(model, one)) as Matrix;
    close(scores.values, ((await transform(whole, one)) as Matrix).values, 1e-4);
  }
});

test('batches that come one after another give the bytes of the matrix in such batches', async () => {
  async function* batches(): AsyncGenerator<Matrix> {
    for (const from of [0, 8, 16, 24]) yield part(from, Math.min(rows, from + 8));
  }
  const specification = incrementalPca({ components: 3, batch: 8 });
  const known = await fit(specification, { features: waves });
  assert.deepEqual(await fitIncrementalPca(specification, batches()), known);
  const plain = await fitIncrementalPca(specification, [
    part(0, 8),
    part(8, 16),
    part(16, 24),
    part(24, 30),
  ]);
  assert.deepEqual(plain, known);
});

test('a weight of two is a row twice', async () => {
  const weights = Float64Array.from({ length: rows }, (_, row) => 1 + (row % 2));
  const twice = Array.from({ length: rows }, (_, row) => (row % 2 ? [row, row] : [row])).flat();
  const values = Float64Array.from(
    twice.flatMap((row) => [...waves.values.subarray(row * columns, (row + 1) * columns)]),
  );
  const repeated = { rows: twice.length, columns, values };
  const a = await fit(incrementalPca({ batch: 7 }), { features: waves, weights });
  const b = await fit(incrementalPca({ batch: 11 }), { features: repeated });
  close(a.tensors.variances!.data, b.tensors.variances!.data, 1e-11);
  close(a.tensors.means!.data, b.tensors.means!.data, 1e-13);
});

test('what does not fit is refused', async () => {
  const own = incrementalPca({ components: 3 });
  const refused = { code: 'E-LEARN-007' };
  const other: Matrix = { rows: 1, columns: 2, values: new Float64Array(2) };
  await assert.rejects(fitIncrementalPca(own, [part(0, 8), other]), refused);
  await assert.rejects(fitIncrementalPca(own, [part(0, 2)]), refused);
  await assert.rejects(fitIncrementalPca(incrementalPca({ components: 6 }), [waves]), refused);
  const missing = { ...other, columns: 2, values: Float64Array.of(1, Number.NaN) };
  await assert.rejects(fitIncrementalPca(incrementalPca(), [missing]), refused);
  await assert.rejects(fitIncrementalPca(own, []), { code: 'E-LEARN-002' });
  const signal = AbortSignal.abort();
  await assert.rejects(fitIncrementalPca(own, [waves], { signal }), Cancelled);
});
