import type { OnnxGraph, OnnxNode, OnnxTensor } from '@backlot/compute';
import { type Features, featuresAs } from '../../features.ts';
import type { TensorShape } from '../../fit-options.ts';
import { float64, type TabularModel, type Tensor, tensorOf } from '../../fitted-model.ts';

/** Factorisation machines of some columns, one for each output. */
interface Machines {
  /** outputs. */
  readonly intercepts: Float64Array;
  /** outputs x columns. */
  readonly coefficients: Float64Array;
  /** outputs x columns x factors. */
  readonly factors: Float64Array;
}

/** The tensors of machines from records of (w, v, padding), the constant's first. */
export function machineTensors(
  records: Float64Array,
  { outputs, columns, factors }: { outputs: number; columns: number; factors: number },
): Readonly<Record<string, Tensor>> {
  const width = records.length / outputs / (columns + 1);
  const intercepts = new Float64Array(outputs);
  const coefficients = new Float64Array(outputs * columns);
  const vectors = new Float64Array(outputs * columns * factors);
  for (let output = 0; output < outputs; output++) {
    const from = output * (columns + 1) * width;
    intercepts[output] = records[from]!;
    for (let column = 0; column < columns; column++) {
      const own = records.subarray(from + (column + 1) * width, from + (column + 2) * width);
      coefficients[output * columns + column] = own[0]!;
      vectors.set(own.subarray(1, 1 + factors), (output * columns + column) * factors);
    }
  }
  return {
    intercepts: float64([outputs], intercepts),
    coefficients: float64([outputs, columns], coefficients),
    factors: float64([outputs, columns, factors], vectors),
  };
}

/** Their shapes. */
export function machineShapes(
  outputs: number,
  columns: number,
  factors: number,
): Readonly<Record<string, TensorShape>> {
  return {
    intercepts: { type: 'float64', shape: [outputs] },
    coefficients: { type: 'float64', shape: [outputs, columns] },
    factors: { type: 'float64', shape: [outputs, columns, factors] },
  };
}

/** The machines of a model. */
export function machinesOf(model: TabularModel): Machines {
  const data = (name: string): Float64Array => tensorOf(model, name, 'float64').data;
  return {
    intercepts: data('intercepts'),
    coefficients: data('coefficients'),
    factors: data('factors'),
  };
}

/**
 * Rows x outputs. The sum over pairs of columns is that over factors f of
 * ((sum_j v_jf x_j)^2 - sum_j v_jf^2 x_j^2) / 2 (Rendle 2010, lemma 3.1), so that a row costs its stored
 * numbers times the factors.
 */
export function machineScores(machines: Machines, features: Features): Float64Array {
  const outputs = machines.intercepts.length;
  const columns = machines.coefficients.length / outputs;
  const width = machines.factors.length / machines.coefficients.length;
  const visit = visitor(features);
  const sums = new Float64Array(width);
  const out = new Float64Array(visit.rows * outputs);
  for (let row = 0; row < visit.rows; row++) {
    for (let output = 0; output < outputs; output++) {
      let score = machines.intercepts[output]!;
      sums.fill(0);
      visit.each(row, (column, x) => {
        const at = output * columns + column;
        score += machines.coefficients[at]! * x;
        for (let k = 0; k < width; k++) {
          const part = machines.factors[at * width + k]! * x;
          sums[k]! += part;
          score -= 0.5 * part * part;
        }
      });
      for (let k = 0; k < width; k++) score += 0.5 * sums[k]! * sums[k]!;
      out[row * outputs + output] = score;
    }
  }
  return out;
}

/** The stored numbers of a row, one after another. */
function visitor(features: Features): {
  readonly rows: number;
  each(row: number, see: (column: number, x: number) => void): void;
} {
  if ('offsets' in features) {
    const { rows, offsets, indices, values } = featuresAs(features, 'sparse');
    const each = (row: number, see: (column: number, x: number) => void): void => {
      for (let at = offsets[row]!; at < offsets[row + 1]!; at++) see(indices[at]!, values[at]!);
    };
    return { rows, each };
  }
  const { rows, columns, values } = featuresAs(features, 'dense');
  const each = (row: number, see: (column: number, x: number) => void): void => {
    for (let column = 0; column < columns; column++) see(column, values[row * columns + column]!);
  };
  return { rows, each };
}

const float = (shape: readonly number[], data: Float32Array): OnnxTensor => ({
  ...{ type: 'float', shape, data },
});

/**
 * A graph of linear scores with the machines' pairs added: the node that makes `linear` makes `affine` instead,
 * and linear = affine + ((x V)^2 S - x^2 W) with S summing each output's factors, halved, and W half the sums
 * of their squares. `ahead` outputs without pairs come first.
 */
export function withPairs(graph: OnnxGraph, machines: Machines, ahead: number): OnnxGraph {
  const own = machines.intercepts.length;
  const columns = machines.coefficients.length / own;
  const width = machines.factors.length / machines.coefficients.length;
  const outputs = ahead + own;
  const [vectors, squares] = [
    new Float32Array(columns * own * width),
    new Float32Array(columns * outputs),
  ];
  const collect = new Float32Array(own * width * outputs);
  for (let output = 0; output < own; output++) {
    for (let k = 0; k < width; k++) {
      collect[(output * width + k) * outputs + ahead + output] = 0.5;
      for (let column = 0; column < columns; column++) {
        const value = machines.factors[(output * columns + column) * width + k]!;
        vectors[column * own * width + output * width + k] = value;
        squares[column * outputs + ahead + output]! += 0.5 * value * value;
      }
    }
  }
  const nodes: OnnxNode[] = graph.nodes.map((node) =>
    node.outputs[0] === 'linear' ? { ...node, outputs: ['affine'] } : node,
  );
  const pairs: OnnxNode[] = [
    { op: 'MatMul', inputs: ['features', 'vectors'], outputs: ['projected'] },
    { op: 'Mul', inputs: ['projected', 'projected'], outputs: ['products'] },
    { op: 'MatMul', inputs: ['products', 'collect'], outputs: ['together'] },
    { op: 'Mul', inputs: ['features', 'features'], outputs: ['ownSquares'] },
    { op: 'MatMul', inputs: ['ownSquares', 'squares'], outputs: ['alone'] },
    { op: 'Sub', inputs: ['together', 'alone'], outputs: ['pairs'] },
    { op: 'Add', inputs: ['affine', 'pairs'], outputs: ['linear'] },
  ];
  return {
    ...graph,
    constants: {
      ...graph.constants,
      vectors: float([columns, own * width], vectors),
      collect: float([own * width, outputs], collect),
      squares: float([columns, outputs], squares),
    },
    nodes: [nodes[0]!, ...pairs, ...nodes.slice(1)],
  };
}
