import { type Features, featuresAs, formOf } from '../features.ts';
import type { SparseMatrix } from '../matrix.ts';

/** The counts that are not zero, row after row. */
export function countsOf(features: Features): SparseMatrix {
  if (formOf(features) === 'sparse') return featuresAs(features, 'sparse');
  const { rows, columns, values } = featuresAs(features, 'dense');
  const offsets = new Int32Array(rows + 1);
  const [indices, counts]: [number[], number[]] = [[], []];
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < columns; k++) {
      const value = values[row * columns + k]!;
      if (value === 0) continue;
      indices.push(k);
      counts.push(value);
    }
    offsets[row + 1] = indices.length;
  }
  return {
    rows,
    columns,
    offsets,
    indices: Int32Array.from(indices),
    values: Float64Array.from(counts),
  };
}
