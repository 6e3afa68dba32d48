import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DenseMatrix } from './dense-matrix.ts';
import { leastSquares } from './least-squares.ts';
import { digits, gap, plainProduct, randomMatrix, transpose } from './random-matrix.fixture.ts';

function polynomial(xs: readonly number[], degree: number): DenseMatrix {
  const values = Float64Array.from(xs.flatMap((x) => powers(x, degree)));
  return { rows: xs.length, columns: degree + 1, values };
}

function powers(x: number, degree: number): number[] {
  return Array.from({ length: degree + 1 }, (_, power) => x ** power);
}

const folder = join(import.meta.dirname, '../../../../../shared/data/nist-strd');

/** The certified estimates, their standard deviations, and the data of a NIST StRD file. */
function certified(name: string, parameters: number) {
  const lines = readFileSync(join(folder, `${name}.dat`), 'utf8').split(/\r?\n/);
  const table = lines.flatMap((line) => {
    const found = /^\s*B\d+\s+(\S+)\s+(\S+)\s*$/.exec(line);
    return found ? [[Number(found[1]), Number(found[2])] as const] : [];
  });
  assert.equal(table.length, parameters);
  const range = /Data\s+\(lines (\d+) to (\d+)\)/.exec(lines.slice(0, 12).join('\n'))!;
  const data = lines
    .slice(Number(range[1]) - 1, Number(range[2]))
    .map((line) => line.trim().split(/\s+/).map(Number));
  const y = Float64Array.from(data, (row) => row[0]!);
  const estimates = table.map(([estimate]) => estimate);
  return { estimates, deviations: table.map(([, deviation]) => deviation), y, data };
}

/** What double precision with QR should reach, by the folder's README, or what it does reach. */
const wantedDigits = [
  { name: 'Norris', degree: 1, estimates: 12, deviations: 12 },
  { name: 'Pontius', degree: 2, estimates: 11, deviations: 11 },
  { name: 'NoInt1', degree: 0, estimates: 14, deviations: 14 },
  { name: 'NoInt2', degree: 0, estimates: 14, deviations: 14 },
  { name: 'Longley', degree: 0, estimates: 12, deviations: 12 },
];

if (existsSync(folder)) {
  for (const wanted of wantedDigits) {
    test(`NIST ${wanted.name}: the certified estimates and standard deviations`, () => {
      const longley = wanted.name === 'Longley';
      const intercept = longley || wanted.degree > 0;
      const columns = longley ? 7 : intercept ? wanted.degree + 1 : 1;
      const { estimates, deviations, y, data } = certified(wanted.name, columns);
      const rows = data.map((row) => {
        if (longley) return [1, ...row.slice(1)];
        return intercept ? powers(row[1]!, wanted.degree) : [row[1]!];
      });
      const x = { rows: rows.length, columns, values: Float64Array.from(rows.flat()) };
      const found = leastSquares(x, y);
      assert.equal(found.rank, columns);
      assert.ok(digits(found.coefficients, estimates) > wanted.estimates);
      const variance = found.residualSquares[0]! / (x.rows - columns);
      const inverse = found.inverseGram();
      const errors = estimates.map((_, j) => Math.sqrt(variance * inverse[j * columns + j]!));
      assert.ok(digits(errors, deviations) > wanted.deviations);
    });
  }
}

/**
 * The Wampler problems of NIST StRD by their definition: polynomials of degree 5 at 0 .. 20, with
 * disturbances that are orthogonal to all of them.
 */
const half = [759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048];
const disturbances = [...half, 2048, ...half.toReversed()];
const places = Array.from({ length: 21 }, (_, x) => x);

test('the Wampler disturbances are orthogonal to the polynomials', () => {
  for (let power = 0; power <= 5; power++) {
    const total = places.reduce((sum, x) => sum + x ** power * disturbances[x]!, 0);
    assert.equal(total, 0);
  }
});

for (const [name, base, disturbance, least] of [
  ['Wampler1', 1, 0, 9],
  ['Wampler2', 0.1, 0, 11.5],
  ['Wampler3', 1, 1, 9],
  ['Wampler4', 1, 100, 7.5],
  ['Wampler5', 1, 10000, 5.5],
] as const) {
  test(`${name}: ${least} digits of the coefficients by definition`, () => {
    const x = polynomial(places, 5);
    const wanted = Array.from({ length: 6 }, (_, power) => base ** power);
    const y = plainProduct(x.values, wanted, 21, 6, 1).map(
      (value, at) => value + disturbance * disturbances[at]!,
    );
    const found = leastSquares(x, y);
    assert.equal(found.rank, 6);
    assert.ok(digits(found.coefficients, wanted) > least);
  });
}

test('Hilbert 8 x 8 (condition 1.5e10) loses the digits that it must and no more', () => {
  const values = Float64Array.from({ length: 64 }, (_, at) => 1 / ((at >> 3) + (at & 7) + 1));
  const wanted = new Float64Array(8).fill(1);
  const y = plainProduct(values, wanted, 8, 8, 1);
  const found = leastSquares({ rows: 8, columns: 8, values }, y);
  assert.ok(gap(found.coefficients, wanted) < 1e-5);
  assert.ok(gap(plainProduct(values, found.coefficients, 8, 8, 1), y) < 1e-15 * 8);
});

/** Residuals of least squares are orthogonal to the columns; that identifies the solution. */
function normalResidual(x: DenseMatrix, y: Float64Array, coefficients: Float64Array): number {
  const targets = y.length / x.rows;
  const fitted = plainProduct(x.values, coefficients, x.rows, x.columns, targets);
  const residual = y.map((value, at) => value - fitted[at]!);
  const across = transpose(x.values, x.rows, x.columns);
  const products = plainProduct(across, residual, x.columns, x.rows, targets);
  return gap(products, new Float64Array(products.length));
}

for (const [rows, columns] of [
  [1, 1],
  [50, 7],
  [7, 50],
  [20, 20],
  [5000, 12],
] as const) {
  test(`normal equations hold for several targets: ${rows} x ${columns}`, () => {
    const x = randomMatrix(rows, columns, rows + columns);
    const y = randomMatrix(rows, 3, 99).values;
    const found = leastSquares(x, y);
    assert.equal(found.rank, Math.min(rows, columns));
    assert.ok(normalResidual(x, y, found.coefficients) < 1e-11);
    const fitted = plainProduct(x.values, found.coefficients, rows, columns, 3);
    for (let target = 0; target < 3; target++) {
      let squares = 0;
      for (let row = 0; row < rows; row++) {
        squares += (y[row * 3 + target]! - fitted[row * 3 + target]!) ** 2;
      }
      assert.ok(Math.abs(squares - found.residualSquares[target]!) < 1e-12 * rows);
    }
  });
}

test('rank deficiency is found whatever the units, and both answers fit equally well', () => {
  const x = randomMatrix(300, 6, 11);
  for (let row = 0; row < 300; row++) {
    const at = row * 6;
    x.values[at + 2]! *= 1e-9;
    x.values[at + 5] = 3 * x.values[at]! - 1e9 * x.values[at + 2]!;
  }
  const y = randomMatrix(300, 1, 12).values;
  const shortest = leastSquares(x, y);
  const dropped = leastSquares(x, y, { deficient: 'drop' });
  assert.deepEqual([shortest.rank, dropped.rank], [5, 5]);
  assert.equal(dropped.dependent.length, 1);
  assert.equal(dropped.coefficients[dropped.dependent[0]!], 0);
  assert.ok(Math.abs(shortest.residualSquares[0]! - dropped.residualSquares[0]!) < 1e-10);
});

test('the shortest solution lies in the span of the rows', () => {
  // Columns 0 and 1 are equal: the shortest solution shares the coefficient, 1 + 1 instead of 2 + 0.
  const values = Float64Array.of(1, 1, 0, 2, 2, 1, 3, 3, 5, 4, 4, 2);
  const found = leastSquares({ rows: 4, columns: 3, values }, Float64Array.of(2, 5, 11, 10));
  assert.equal(found.rank, 2);
  assert.ok(gap(found.coefficients, [1, 1, 1]) < 1e-14);
  const wide = leastSquares(
    { rows: 1, columns: 2, values: Float64Array.of(3, 4) },
    Float64Array.of(5),
  );
  assert.ok(gap(wide.coefficients, [0.6, 0.8]) < 1e-15);
});

test('columns of zeros, no columns, and single precision', () => {
  const zero = leastSquares(
    { rows: 3, columns: 2, values: new Float64Array(6) },
    Float64Array.of(1, 2, 3),
  );
  assert.deepEqual([zero.rank, [...zero.dependent], [...zero.coefficients]], [0, [0, 1], [0, 0]]);
  assert.ok(Math.abs(zero.residualSquares[0]! - 14) < 1e-14);
  const none = leastSquares(
    { rows: 2, columns: 0, values: new Float64Array(0) },
    Float64Array.of(3, 4),
  );
  assert.equal(none.residualSquares[0], 25);
  const single = { rows: 3, columns: 1, values: Float32Array.of(1, 2, 3) };
  assert.ok(gap(leastSquares(single, Float64Array.of(2, 4, 6)).coefficients, [2]) < 1e-15);
});

test('the inverse of the normal matrix', () => {
  const x = randomMatrix(40, 5, 13);
  const across = transpose(x.values, 40, 5);
  const normal = plainProduct(across, x.values, 5, 40, 5);
  const inverse = leastSquares(x, new Float64Array(40)).inverseGram();
  const identity = Float64Array.from({ length: 25 }, (_, at) => (at % 6 === 0 ? 1 : 0));
  assert.ok(gap(plainProduct(normal, inverse, 5, 5, 5), identity) < 1e-13);
});
