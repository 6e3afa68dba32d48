import type { OnnxGraph } from '@backlot/compute';
import type { Features } from '../features.ts';
import type { TensorShape } from '../fit-options.ts';
import { float64, type TabularModel, type TabularSignature, tensorOf } from '../fitted-model.ts';
import type { Matrix, SparseMatrix } from '../matrix.ts';
import type { Learned } from '../tabular-kind.ts';

/** What scalers learn: by column, what is taken away and then what is multiplied by. */
export function learnedScale(shifts: Float64Array, factors: Float64Array): Learned {
  return {
    outputs: shifts.length,
    tensors: {
      shifts: float64([shifts.length], shifts),
      factors: float64([factors.length], factors),
    },
  };
}

export function scaleTensors({ columns }: TabularSignature): Readonly<Record<string, TensorShape>> {
  return {
    shifts: { type: 'float64', shape: [columns] },
    factors: { type: 'float64', shape: [columns] },
  };
}

/** (x - shift) factor in doubles; NaN stays NaN. Zeros of sparse rows stay, since their shifts are 0. */
export async function shiftAndScale(model: TabularModel, features: Features): Promise<Features> {
  const shifts = tensorOf(model, 'shifts', 'float64').data;
  const factors = tensorOf(model, 'factors', 'float64').data;
  const given = features as Matrix | SparseMatrix;
  const { columns } = given;
  if ('offsets' in given) {
    const values = Float64Array.from(given.values, (value, at) => {
      return value * factors[given.indices[at]!]!;
    });
    return { ...given, values };
  }
  const values = new Float64Array(given.values.length);
  for (let at = 0, column = 0; at < values.length; at++) {
    values[at] = (given.values[at]! - shifts[column]!) * factors[column]!;
    if (++column === columns) column = 0;
  }
  return { rows: given.rows, columns, values };
}

/** The same as ONNX, in floats. */
export function scaleGraph(model: TabularModel): OnnxGraph {
  const { columns } = model.signature;
  const constant = (name: string) => {
    const { data } = tensorOf(model, name, 'float64');
    return { type: 'float', shape: [columns], data: Float32Array.from(data) } as const;
  };
  return {
    name: model.kind,
    inputs: [{ name: 'features', type: 'float', shape: ['rows', columns] }],
    outputs: [{ name: 'features_out', type: 'float', shape: ['rows', columns] }],
    nodes: [
      { op: 'Sub', inputs: ['features', 'shifts'], outputs: ['shifted'] },
      { op: 'Mul', inputs: ['shifted', 'factors'], outputs: ['features_out'] },
    ],
    constants: { shifts: constant('shifts'), factors: constant('factors') },
  };
}
