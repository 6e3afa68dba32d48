import type { DenseMatrix } from './dense-matrix.ts';
import { reflector } from './qr.ts';
import { addScaled, dot } from './vector.ts';

/** A least-squares problem with at most as many rows as columns and the same solution. */
interface ReducedRows {
  /** Rows that are left. */
  readonly height: number;
  /** Column-major (columns x height). */
  readonly triangle: Float64Array;
  /** Column-major (targets x height). */
  readonly right: Float64Array;
  /** What no coefficients can explain, squared and summed, by target. */
  readonly residualSquares: Float64Array;
}

/** Doubles of a block that stay in the second-level cache. */
const blockLength = 32768;

/**
 * Folds the rows into a triangle, block after block: each column's reflector joins the triangle's
 * diagonal entry with the block below it and leaves the triangle's other rows alone.
 */
export function reduceRows(matrix: DenseMatrix, right: Float64Array): ReducedRows {
  const { rows, columns } = matrix;
  const targets = right.length / rows;
  if (rows <= columns) return unreduced(matrix, right, targets);
  const width = columns + targets;
  const blockRows = Math.min(rows, Math.max(16, Math.ceil(blockLength / width)));
  const triangle = new Float64Array(columns * width);
  const block = new Float64Array(width * blockRows);
  const residualSquares = new Float64Array(targets);
  for (let top = 0; top < rows; top += blockRows) {
    const height = Math.min(blockRows, rows - top);
    fill(block, matrix.values, top, height, columns, 0, columns);
    fill(block, right, top, height, targets, columns, targets);
    foldBlock(triangle, block, height, columns, width);
    for (let target = 0; target < targets; target++) {
      const at = (columns + target) * height;
      residualSquares[target]! += dot(block, at, block, at, height);
    }
  }
  return { height: columns, ...split(triangle, columns, targets), residualSquares };
}

function unreduced(matrix: DenseMatrix, right: Float64Array, targets: number): ReducedRows {
  const { rows, columns, values } = matrix;
  const triangle = new Float64Array(rows * columns);
  const sides = new Float64Array(rows * targets);
  fill(triangle, values, 0, rows, columns, 0, columns);
  fill(sides, right, 0, rows, targets, 0, targets);
  const residualSquares = new Float64Array(targets);
  return { height: rows, triangle, right: sides, residualSquares };
}

/** Rows top to top + height of a row-major array, as columns of the block. */
function fill(
  block: Float64Array,
  values: Float64Array | Float32Array,
  top: number,
  height: number,
  stride: number,
  firstColumn: number,
  columns: number,
): void {
  for (let row = 0; row < height; row++) {
    const from = (top + row) * stride;
    for (let column = 0; column < columns; column++) {
      block[(firstColumn + column) * height + row] = values[from + column]!;
    }
  }
}

/** The triangle is row-major (columns x width), its pivot moved beside the block's column meanwhile. */
function foldBlock(
  triangle: Float64Array,
  block: Float64Array,
  height: number,
  columns: number,
  width: number,
): void {
  const joined = new Float64Array(height + 1);
  for (let j = 0; j < columns; j++) {
    joined[0] = triangle[j * width + j]!;
    joined.set(block.subarray(j * height, (j + 1) * height), 1);
    const scale = reflector(joined, 0, 1, height);
    triangle[j * width + j] = joined[0]!;
    if (scale === 0) continue;
    for (let k = j + 1; k < width; k++) {
      const at = j * width + k;
      const overlap = scale * (triangle[at]! + dot(joined, 1, block, k * height, height));
      triangle[at]! -= overlap;
      addScaled(block, k * height, -overlap, joined, 1, height);
    }
  }
}

/** The triangle and the right sides, each column-major. */
function split(
  rowsOfBoth: Float64Array,
  columns: number,
  targets: number,
): Pick<ReducedRows, 'triangle' | 'right'> {
  const width = columns + targets;
  const column = (j: number) =>
    Float64Array.from({ length: columns }, (_, i) => rowsOfBoth[i * width + j]!);
  const triangle = new Float64Array(columns * columns);
  const right = new Float64Array(columns * targets);
  for (let j = 0; j < columns; j++) triangle.set(column(j), j * columns);
  for (let j = 0; j < targets; j++) right.set(column(columns + j), j * columns);
  return { triangle, right };
}
