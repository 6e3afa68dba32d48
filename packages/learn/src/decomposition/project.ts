import type { OnnxGraph } from '@backlot/compute';
import { type TabularModel, tensorOf } from '../fitted-model.ts';
import { type Matrix, type SparseMatrix, zeros } from '../matrix.ts';

/** (x - means) times each direction (outputs x columns), times its scale. */
export function project(matrix: Matrix, means: Float64Array, directions: Float64Array): Matrix {
  const { rows, columns, values } = matrix;
  const outputs = directions.length / columns;
  const out = zeros(rows, outputs);
  const centred = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < columns; k++) centred[k] = values[row * columns + k]! - means[k]!;
    for (let j = 0; j < outputs; j++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += centred[k]! * directions[j * columns + k]!;
      out.values[row * outputs + j] = sum;
    }
  }
  return out;
}

/** Sparse rows times each direction (outputs x columns). */
export function projectSparse(
  { rows, columns, offsets, indices, values }: SparseMatrix,
  directions: Float64Array,
): Matrix {
  const outputs = directions.length / columns;
  const out = zeros(rows, outputs);
  for (let row = 0; row < rows; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      for (let j = 0; j < outputs; j++) {
        out.values[row * outputs + j]! += values[at]! * directions[j * columns + indices[at]!]!;
      }
    }
  }
  return out;
}

/** The projection as ONNX. */
export function projectionGraph(
  name: string,
  means: Float64Array,
  directions: Float64Array,
): OnnxGraph {
  const columns = means.length;
  const outputs = directions.length / columns;
  const across = new Float32Array(columns * outputs);
  directions.forEach((value, at) => {
    across[(at % columns) * outputs + Math.floor(at / columns)] = value;
  });
  return {
    name,
    inputs: [{ name: 'features', type: 'float', shape: ['rows', columns] }],
    outputs: [{ name: 'features_out', type: 'float', shape: ['rows', outputs] }],
    nodes: [
      { op: 'Sub', inputs: ['features', 'means'], outputs: ['centred'] },
      { op: 'MatMul', inputs: ['centred', 'directions'], outputs: ['features_out'] },
    ],
    constants: {
      means: { type: 'float', shape: [1, columns], data: Float32Array.from(means) },
      directions: { type: 'float', shape: [columns, outputs], data: across },
    },
  };
}

/** The components, divided by their deviations where whitened; a direction without any stays as it is. */
export function directionsOf(model: TabularModel): Float64Array {
  const { data } = tensorOf(model, 'components', 'float64');
  if (!model.specification.parameters.whiten) return data;
  const variances = tensorOf(model, 'variances', 'float64').data;
  const { columns } = model.signature;
  return data.map((value, at) => {
    const variance = variances[Math.floor(at / columns)]!;
    return variance > 0 ? value / Math.sqrt(variance) : value;
  });
}
