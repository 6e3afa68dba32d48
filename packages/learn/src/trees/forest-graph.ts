import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxValue } from '@backlot/compute';
import type { TabularModel } from '../fitted-model.ts';
import { floatBelow } from './ensemble-graph.ts';
import { type Forest, forestOf } from './forest-model.ts';

/** The forest as one ONNX operator that adds up its trees in floats, then their mean. */
export function forestGraph(model: TabularModel): OnnxGraph {
  const forest = forestOf(model);
  const { columns, classes } = model.signature;
  const means = classes > 0 ? 'probabilities' : 'means';
  const nodes: OnnxNode[] = [
    {
      ...{ op: 'TreeEnsembleRegressor', domain: 'ai.onnx.ml' },
      ...{ inputs: ['features'], outputs: ['sums'], attributes: attributesOf(forest) },
    },
    { op: 'Div', inputs: ['sums', 'trees'], outputs: [means] },
  ];
  const outputs: OnnxValue[] = [];
  if (classes > 0) {
    outputs.push({ name: 'probabilities', type: 'float', shape: ['rows', classes] });
    outputs.push({ name: 'prediction', type: 'int64', shape: ['rows'] });
    nodes.push({
      ...{ op: 'ArgMax', inputs: ['sums'], outputs: ['prediction'] },
      attributes: { axis: { int: 1 }, keepdims: { int: 0 } },
    });
  } else {
    outputs.push({ name: 'prediction', type: 'float', shape: ['rows'] });
    nodes.push({ op: 'Squeeze', inputs: ['means', 'last'], outputs: ['prediction'] });
  }
  const trees = Float32Array.of(forest.roots.length);
  return {
    name: model.kind,
    inputs: [{ name: 'features', type: 'float', shape: ['rows', columns] }],
    ...{ outputs, nodes },
    constants: {
      trees: { type: 'float', shape: [1], data: trees },
      ...(classes === 0 && {
        last: { type: 'int64', shape: [1], data: BigInt64Array.of(-1n) },
      }),
    },
  };
}

/** Nodes tree by tree, each tree's numbered from its root 0. */
function attributesOf(forest: Forest): Record<string, OnnxAttribute> {
  const numbers = (): number[] => [];
  const [tree, node, feature, value] = [numbers(), numbers(), numbers(), numbers()];
  const [yes, no, missing, mode] = [numbers(), numbers(), numbers(), [] as string[]];
  const [leafTree, leafNode, output, weight] = [numbers(), numbers(), numbers(), numbers()];
  forest.roots.forEach((root, at) => {
    let next = 1;
    const open: (readonly [number, number])[] = [[root, 0]];
    for (let item = open.pop(); item; item = open.pop()) {
      const [from, own] = item;
      const leaf = from < 0;
      const [left, right] = leaf ? [0, 0] : [next++, next++];
      tree.push(at);
      node.push(own);
      feature.push(leaf ? 0 : forest.features[from]!);
      value.push(leaf ? 0 : floatBelow(forest.thresholds[from]!));
      mode.push(leaf ? 'LEAF' : 'BRANCH_LEQ');
      yes.push(left);
      no.push(right);
      missing.push(leaf ? 0 : forest.missingLeft[from]!);
      if (!leaf) open.push([forest.left[from]!, left], [forest.right[from]!, right]);
      for (let k = 0; leaf && k < forest.outputs; k++) {
        leafTree.push(at);
        leafNode.push(own);
        output.push(k);
        weight.push(forest.values[~from * forest.outputs + k]!);
      }
    }
  });
  return {
    ...{ nodes_treeids: { ints: tree }, nodes_nodeids: { ints: node } },
    ...{ nodes_featureids: { ints: feature }, nodes_values: { floats: value } },
    ...{ nodes_modes: { texts: mode }, nodes_missing_value_tracks_true: { ints: missing } },
    ...{ nodes_truenodeids: { ints: yes }, nodes_falsenodeids: { ints: no } },
    ...{ target_treeids: { ints: leafTree }, target_nodeids: { ints: leafNode } },
    ...{ target_ids: { ints: output }, target_weights: { floats: weight } },
    ...{ n_targets: { int: forest.outputs }, post_transform: { text: 'NONE' } },
  };
}
