import type { OnnxAttribute, OnnxGraph } from '@backlot/compute';
import { type IsolationTrees, meanPath } from './isolation-trees.ts';

/** The forest as ONNX: mean paths by an ensemble of trees, then scores and labels. */
export function isolationGraph(
  trees: IsolationTrees,
  columns: number,
  sample: number,
  threshold: number,
): OnnxGraph {
  const count = trees.starts.length - 1;
  const usual = meanPath(sample);
  const float = (value: number): OnnxGraph['constants'][string] => ({
    type: 'float',
    shape: [1],
    data: Float32Array.of(value),
  });
  const whole = (value: bigint): OnnxGraph['constants'][string] => ({
    type: 'int64',
    shape: [1],
    data: BigInt64Array.of(value),
  });
  return {
    name: 'isolationForest',
    inputs: [{ name: 'features', type: 'float', shape: ['rows', columns] }],
    outputs: [
      { name: 'prediction', type: 'int64', shape: ['rows'] },
      { name: 'scores', type: 'float', shape: ['rows'] },
    ],
    nodes: [
      {
        op: 'TreeEnsembleRegressor',
        domain: 'ai.onnx.ml',
        inputs: ['features'],
        outputs: ['paths'],
        attributes: treeAttributes(trees),
      },
      { op: 'Squeeze', inputs: ['paths', 'one'], outputs: ['totals'] },
      { op: 'Mul', inputs: ['totals', 'share'], outputs: ['lengths'] },
      { op: 'Add', inputs: ['lengths', 'lone'], outputs: ['exponents'] },
      { op: 'Pow', inputs: ['two', 'exponents'], outputs: ['unusual'] },
      { op: 'Neg', inputs: ['unusual'], outputs: ['scores'] },
      { op: 'Less', inputs: ['scores', 'threshold'], outputs: ['below'] },
      { op: 'Where', inputs: ['below', 'minusOne', 'one'], outputs: ['prediction'] },
    ],
    constants: {
      one: whole(1n),
      minusOne: whole(-1n),
      two: float(2),
      share: float(usual > 0 ? -1 / (usual * count) : 0),
      // A sample that cannot be split has scores of -1/2.
      lone: float(usual > 0 ? 0 : -1),
      threshold: float(threshold),
    },
  };
}

function treeAttributes(trees: IsolationTrees): Record<string, OnnxAttribute> {
  const { starts, columns, values, children } = trees;
  const treeOf = new Int32Array(columns.length);
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    treeOf.fill(tree, starts[tree]!, starts[tree + 1]!);
  }
  const nodes = Array.from({ length: columns.length }, (_, node) => node);
  const within = (node: number): number => node - starts[treeOf[node]!]!;
  const child = (node: number, side: number): number =>
    columns[node]! < 0 ? 0 : within(children[node]! + side);
  const leaves = nodes.filter((node) => columns[node]! < 0);
  return {
    n_targets: { int: 1 },
    nodes_treeids: { ints: Array.from(treeOf) },
    nodes_nodeids: { ints: nodes.map(within) },
    nodes_featureids: { ints: Array.from(columns, (column) => Math.max(0, column)) },
    nodes_values: { floats: nodes.map((node) => floatBelow(values[node]!)) },
    nodes_modes: {
      texts: Array.from(columns, (column) => (column < 0 ? 'LEAF' : 'BRANCH_LEQ')),
    },
    nodes_truenodeids: { ints: nodes.map((node) => child(node, 0)) },
    nodes_falsenodeids: { ints: nodes.map((node) => child(node, 1)) },
    target_treeids: { ints: leaves.map((node) => treeOf[node]!) },
    target_nodeids: { ints: leaves.map(within) },
    target_ids: { ints: leaves.map(() => 0) },
    target_weights: { floats: leaves.map((node) => values[node]!) },
  };
}

/** The largest float that is at most the number: floats fall on the same side of both. */
function floatBelow(value: number): number {
  const near = Math.fround(value);
  if (near <= value) return near;
  const bits = new Int32Array(Float32Array.of(near).buffer);
  // Towards minus infinity: down in size above 0, up in size below; 0 goes to the least negative.
  bits[0] = near > 0 ? bits[0]! - 1 : near < 0 ? bits[0]! + 1 : -2147483647;
  return new Float32Array(bits.buffer)[0]!;
}
