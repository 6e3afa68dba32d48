import type { OnnxGraph, OnnxNode, OnnxTensor } from '@backlot/compute';
import { type RecommenderModel, tensorOf } from '../fitted-model.ts';

/**
 * How a model whose scores are products of a user's vector and the items' is written as ONNX: input `users`
 * (int64 [rows], indices of the model's users), output `scores` (float [rows, items]).
 */
export function vectorsGraph(
  users: string = 'userVectors',
  items: string = 'itemVectors',
): (model: RecommenderModel) => OnnxGraph {
  return (model) => {
    const constant = (name: string): OnnxTensor => {
      const { data, shape } = tensorOf(model, name, 'float32');
      return { type: 'float', shape, data };
    };
    // A table may have rows beyond the items, such as one for no item.
    const own = model.signature.items;
    const table = constant(items);
    const width = table.shape[1]!;
    const nodes: readonly OnnxNode[] = [
      {
        ...{ op: 'Gather', inputs: ['userVectors', 'users'], outputs: ['vectors'] },
        attributes: { axis: { int: 0 } },
      },
      {
        ...{ op: 'Gemm', inputs: ['vectors', 'itemVectors'], outputs: ['scores'] },
        attributes: { transB: { int: 1 } },
      },
    ];
    return {
      name: model.kind,
      inputs: [{ name: 'users', type: 'int64', shape: ['rows'] }],
      outputs: [{ name: 'scores', type: 'float', shape: ['rows', own] }],
      constants: {
        userVectors: constant(users),
        itemVectors: {
          ...{ type: 'float', shape: [own, width] },
          data: (table.data as Float32Array).subarray(0, own * width),
        },
      },
      nodes,
    };
  };
}
