import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from '@backlot/compute';
import { UnsupportedVerb } from '../error.ts';
import { type TabularModel, tensorOf } from '../fitted-model.ts';
import { ensembleOf } from './ensemble.ts';

/** The trees as one ONNX operator in floats, then the link of the objective. */
export function boostingGraph(model: TabularModel): OnnxGraph {
  const { objective } = model.specification.parameters as { readonly objective: string };
  const start = tensorOf(model, 'start', 'float64').data;
  const { columns } = model.signature;
  const outputs = start.length;
  const constants: Record<string, OnnxTensor> = {
    start: { type: 'float', shape: [outputs], data: Float32Array.from(start) },
    last: { type: 'int64', shape: [1], data: BigInt64Array.of(-1n) },
  };
  const nodes: OnnxNode[] = [
    treeNode(model, outputs),
    { op: 'Add', inputs: ['trees', 'start'], outputs: ['raw'] },
  ];
  const found: OnnxValue[] = [];
  const give = (
    name: string,
    type: OnnxValue['type'],
    shape: OnnxValue['shape'],
    node: Omit<OnnxNode, 'outputs'>,
  ): void => {
    nodes.push({ ...node, outputs: [name] });
    found.push({ name, type, shape });
  };
  if (objective !== 'classes') {
    const flat = { op: 'Squeeze', inputs: ['raw', 'last'] };
    give('scores', 'float', ['rows'], flat);
    if (objective === 'poisson')
      give('prediction', 'float', ['rows'], { op: 'Exp', inputs: ['scores'] });
    else give('prediction', 'float', ['rows'], { op: 'Identity', inputs: ['scores'] });
  } else {
    if (outputs === 1) {
      nodes.push({ op: 'Neg', inputs: ['raw'], outputs: ['against'] });
      const both = {
        op: 'Concat',
        inputs: ['against', 'raw'],
        outputs: ['both'],
        attributes: { axis: { int: 1 } },
      };
      nodes.push(both);
      give('scores', 'float', ['rows'], { op: 'Squeeze', inputs: ['raw', 'last'] });
      give('probabilities', 'float', ['rows', 2], { op: 'Sigmoid', inputs: ['both'] });
    } else {
      give('probabilities', 'float', ['rows', outputs], {
        op: 'Softmax',
        inputs: ['raw'],
        attributes: { axis: { int: -1 } },
      });
    }
    give('prediction', 'int64', ['rows'], {
      ...{ op: 'ArgMax', inputs: ['probabilities'] },
      attributes: { axis: { int: 1 }, keepdims: { int: 0 } },
    });
  }
  return {
    name: model.kind,
    inputs: [{ name: 'features', type: 'float', shape: ['rows', columns] }],
    ...{ outputs: found, nodes, constants },
  };
}

/** Thresholds go to the next float at or below, so that a float is routed as its double would be. */
function treeNode(model: TabularModel, outputs: number): OnnxNode {
  const trees = ensembleOf(model);
  const { knownOffsets: known } = trees;
  if (trees.features.some((column) => known[column + 1]! > known[column]!)) {
    throw new UnsupportedVerb(model.kind, 'be written as ONNX', 'it splits categories by subsets');
  }
  const lists = listNodes(trees, outputs);
  return {
    ...{
      op: 'TreeEnsembleRegressor',
      domain: 'ai.onnx.ml',
      inputs: ['features'],
      outputs: ['trees'],
    },
    attributes: {
      nodes_treeids: { ints: lists.tree },
      nodes_nodeids: { ints: lists.node },
      nodes_featureids: { ints: lists.feature },
      nodes_values: { floats: lists.value },
      nodes_modes: { texts: lists.mode },
      nodes_truenodeids: { ints: lists.yes },
      nodes_falsenodeids: { ints: lists.no },
      nodes_missing_value_tracks_true: { ints: lists.missing },
      target_treeids: { ints: lists.leafTree },
      target_nodeids: { ints: lists.leafNode },
      target_ids: { ints: lists.output },
      target_weights: { floats: lists.weight },
      n_targets: { int: outputs },
      post_transform: { text: 'NONE' },
    },
  };
}

/** Nodes tree by tree, each tree's numbered from its root 0. */
function listNodes(trees: ReturnType<typeof ensembleOf>, outputs: number) {
  const numbers = (): number[] => [];
  const lists = {
    ...{ tree: numbers(), node: numbers(), feature: numbers(), value: numbers() },
    ...{ yes: numbers(), no: numbers(), missing: numbers(), mode: [] as string[] },
    ...{ leafTree: numbers(), leafNode: numbers(), output: numbers(), weight: numbers() },
  };
  trees.roots.forEach((root, tree) => {
    let next = 1;
    const open: (readonly [number, number])[] = [[root, 0]];
    for (let item = open.pop(); item; item = open.pop()) {
      const [at, node] = item;
      const leaf = at < 0;
      const [yes, no] = leaf ? [0, 0] : [next++, next++];
      lists.tree.push(tree);
      lists.node.push(node);
      lists.feature.push(leaf ? 0 : trees.features[at]!);
      lists.value.push(leaf ? 0 : floatBelow(trees.thresholds[at]!));
      lists.mode.push(leaf ? 'LEAF' : 'BRANCH_LEQ');
      lists.yes.push(yes);
      lists.no.push(no);
      lists.missing.push(leaf ? 0 : trees.missingLeft[at]!);
      if (leaf) {
        lists.leafTree.push(tree);
        lists.leafNode.push(node);
        lists.output.push(tree % outputs);
        lists.weight.push(trees.values[~at]!);
      } else open.push([trees.left[at]!, yes], [trees.right[at]!, no]);
    }
  });
  return lists;
}

const bits = new DataView(new ArrayBuffer(4));

/** The largest float that is at most the number, so that floats fall on the same side of both. */
export function floatBelow(value: number): number {
  const near = Math.fround(value);
  if (near === Infinity) return 3.4028234663852886e38;
  if (near <= value) return near;
  bits.setFloat32(0, near);
  bits.setInt32(0, bits.getInt32(0) + (near > 0 ? -1 : 1));
  return near === 0 ? -1.401298464324817e-45 : bits.getFloat32(0);
}
