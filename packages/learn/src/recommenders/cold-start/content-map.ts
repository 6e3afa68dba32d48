import { conjugateGradient, multiplySparse, multiplySparseTransposed } from '@backlot/compute';
import type { SparseMatrix } from '../../matrix.ts';

/**
 * Factors of items from their content by ridge regression (the map from attributes to features of Gantner
 * et al. 2010): M minimises the sum over known items of weight |factors - content M|^2, plus
 * penalty |M|^2; the added items' factors are their content times M. A column of ones is part of the
 * content, so that items without any get the mean. Each factor is solved by conjugate gradients to 1e-8 of
 * its right side. `factors` are items x width; gives added x width.
 */
export function mapContent(
  known: SparseMatrix,
  factors: Float32Array,
  weights: Float64Array,
  penalty: number,
  added: SparseMatrix,
): Float32Array {
  const content = withOnes(known);
  const asked = withOnes(added);
  const width = factors.length / known.rows;
  const out = new Float32Array(added.rows * width);
  const multiply = (x: Float64Array, to: Float64Array): void => {
    const image = multiplySparse(content, x);
    for (let row = 0; row < image.length; row++) image[row]! *= weights[row]!;
    const back = multiplySparseTransposed(content, image);
    for (let k = 0; k < to.length; k++) to[k] = back[k]! + penalty * x[k]!;
  };
  for (let k = 0; k < width; k++) {
    const weighted = weights.map((weight, item) => weight * factors[item * width + k]!);
    const right = multiplySparseTransposed(content, weighted);
    const { solution } = conjugateGradient({
      multiply,
      right,
      tolerance: 1e-8,
      maxIterations: 500,
    });
    multiplySparse(asked, solution).forEach((value, row) => {
      out[row * width + k] = value;
    });
  }
  return out;
}

function withOnes({ rows, columns, offsets, indices, values }: SparseMatrix): SparseMatrix {
  const ones = {
    offsets: offsets.map((offset, row) => offset + row),
    indices: new Int32Array(indices.length + rows),
    values: new Float64Array(indices.length + rows),
  };
  for (let row = 0; row < rows; row++) {
    const [from, end, to] = [offsets[row]!, offsets[row + 1]!, ones.offsets[row]!];
    ones.indices.set(indices.subarray(from, end), to);
    ones.values.set(values.subarray(from, end), to);
    ones.indices[to + end - from] = columns;
    ones.values[to + end - from] = 1;
  }
  return { rows, columns: columns + 1, ...ones };
}
