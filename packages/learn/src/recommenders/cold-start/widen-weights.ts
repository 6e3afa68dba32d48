import { float32, int32, type RecommenderModel, tensorOf } from '../../fitted-model.ts';
import { transpose } from '../interactions.ts';
import type { ContentNeighbours } from './content-neighbours.ts';

/**
 * The model with so many more items: an added item is scored by the mean of the columns of its neighbours,
 * where each neighbour's own entry is its column's largest weight.
 */
export function widenWeights(
  model: RecommenderModel,
  added: number,
  alike: ContentNeighbours,
): RecommenderModel {
  const { items } = model.signature;
  const columns = columnsOf(model);
  const rows = Array.from({ length: added }, (_, row) => columnOf(columns, alike, row));
  const total = rows.reduce((sum, { size }) => sum + size, columns.indices.length);
  const wider = {
    offsets: new Int32Array(items + added + 1),
    indices: new Int32Array(total),
    weights: new Float32Array(total),
  };
  wider.offsets.set(columns.offsets);
  wider.indices.set(columns.indices);
  wider.weights.set(columns.weights!);
  let to = columns.indices.length;
  rows.forEach((row, at) => {
    for (const [item, weight] of [...row].sort(([a], [b]) => a - b)) {
      wider.indices[to] = item;
      wider.weights[to++] = weight;
    }
    wider.offsets[items + at + 1] = to;
  });
  const turned = transpose({ users: items + added, items: items + added, ...wider });
  return {
    ...model,
    signature: { ...model.signature, items: items + added },
    tensors: {
      ...model.tensors,
      neighbourOffsets: int32([items + added + 1], turned.offsets),
      neighbourItems: int32([total], turned.indices),
      similarities: float32([total], turned.weights!),
    },
  };
}

type Columns = ReturnType<typeof transpose>;

/** By item that is scored: the model holds them by item met. */
function columnsOf(model: RecommenderModel): Columns {
  const { items } = model.signature;
  return transpose({
    ...{ users: items, items },
    offsets: tensorOf(model, 'neighbourOffsets', 'int32').data,
    indices: tensorOf(model, 'neighbourItems', 'int32').data,
    weights: tensorOf(model, 'similarities', 'float32').data,
  });
}

function columnOf(
  { offsets, indices, weights }: Columns,
  { neighbours, items: alike, cosines }: ContentNeighbours,
  row: number,
): ReadonlyMap<number, number> {
  const own = cosines.subarray(row * neighbours, (row + 1) * neighbours);
  const total = own.reduce((sum, cosine) => sum + cosine, 0);
  const mean = new Map<number, number>();
  own.forEach((cosine, place) => {
    if (cosine === 0) return;
    const neighbour = alike[row * neighbours + place]!;
    const share = cosine / total;
    let largest = 0;
    for (let at = offsets[neighbour]!; at < offsets[neighbour + 1]!; at++) {
      const [item, weight] = [indices[at]!, weights![at]!];
      largest = Math.max(largest, weight);
      mean.set(item, (mean.get(item) ?? 0) + share * weight);
    }
    mean.set(neighbour, (mean.get(neighbour) ?? 0) + share * largest);
  });
  return mean;
}
