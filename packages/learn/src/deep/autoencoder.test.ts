import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../../compute/build.ts';
import { autoencoder, fit, type Matrix, scoreRows, transform } from '../index.ts';
import { normalSource, regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

before(build);

tabularLaws({
  specification: autoencoder({ code: 2, hidden: [6], epochs: 4 }),
  examples: { features: regressionExamples(3).features },
  verbs: ['transform', 'scoreRows'],
  rowOrder: { seeded: 'mini-batches are drawn from the order of rows' },
  onnx: 1e-5,
});

/** Two independent factors in four columns of deviation 1: the covariance is known by hand. */
function factors(rows: number): Matrix {
  const normal = normalSource(5);
  const values = new Float64Array(4 * rows);
  for (let row = 0; row < rows; row++) {
    const [a, b] = [normal(), normal()];
    values.set(
      [a + 0.3 * normal(), a + 0.3 * normal(), b + 0.3 * normal(), b + 0.3 * normal()],
      4 * row,
    );
  }
  return { rows, columns: 4, values };
}

test('without hidden layers it comes to what two principal components leave, and no lower', async () => {
  const features = factors(500);
  const specification = autoencoder({
    ...{ code: 2, hidden: [], epochs: 120, learningRate: 0.01, decay: 0 },
  });
  const model = await fit(specification, { features });
  const scores = await scoreRows(model, features);
  const error = -scores.reduce((sum, one) => sum + one, 0) / scores.length;
  const least = leftBy(features);
  assert.ok(error >= least - 1e-6 && error < 1.02 * least, `${error} ${least}`);
  const codes = (await transform(model, features)) as Matrix;
  assert.equal(codes.columns, 2);
  // A row that breaks what holds in all others comes back badly.
  const odd = { rows: 1, columns: 4, values: Float64Array.of(3, -3, 0, 0) };
  assert.ok((await scoreRows(model, odd))[0]! < scores.reduce((a, b) => Math.min(a, b)));
});

/** The mean of the smaller half of the correlations' eigenvalues, found by turning pairs (Jacobi). */
function leftBy({ rows, columns, values }: Matrix): number {
  const column = (at: number) =>
    Array.from({ length: rows }, (_, row) => values[row * columns + at]!);
  const scaled = Array.from({ length: columns }, (_, at) => {
    const own = column(at);
    const mean = own.reduce((a, b) => a + b, 0) / rows;
    const deviation = Math.sqrt(own.reduce((a, b) => a + (b - mean) ** 2, 0) / rows);
    return own.map((one) => (one - mean) / deviation);
  });
  const a = scaled.map((x) =>
    scaled.map((y) => x.reduce((sum, one, at) => sum + one * y[at]!, 0) / rows),
  );
  for (let sweep = 0; sweep < 20; sweep++) {
    for (let p = 0; p < columns; p++) {
      for (let q = p + 1; q < columns; q++) {
        const angle = 0.5 * Math.atan2(2 * a[p]![q]!, a[q]![q]! - a[p]![p]!);
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (let k = 0; k < columns; k++) {
          const [x, y] = [a[k]![p]!, a[k]![q]!];
          [a[k]![p], a[k]![q]] = [c * x - s * y, s * x + c * y];
        }
        for (let k = 0; k < columns; k++) {
          const [x, y] = [a[p]![k]!, a[q]![k]!];
          [a[p]![k], a[q]![k]] = [c * x - s * y, s * x + c * y];
        }
      }
    }
  }
  const eigenvalues = a.map((row, at) => row[at]!).sort((x, y) => x - y);
  return (eigenvalues[0]! + eigenvalues[1]!) / columns;
}
