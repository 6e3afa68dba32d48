import {
  type ConstrainedModel,
  constrainedEpoch,
  openKernels,
  PairCells,
  randomStream,
} from '@backlot/compute';
import type { FitOptions } from '../../fit-options.ts';
import { float32, int32, type RecommenderModel } from '../../fitted-model.ts';
import type { Specification } from '../../specification.ts';
import { type Interactions, itemsOf } from '../interactions.ts';
import { contentOrder } from './content-order.ts';
import { startTables, tableRows } from './factor-tables.ts';
import { type ItemConstraints, itemConstraints, pullsOf } from './item-constraints.ts';
import type { UltraGCNValues } from './ultra-gcn.ts';

/** Epochs of steps from small random vectors; progress is by epoch, with the loss by record. */
export async function fitUltraGCN(
  specification: Specification<string, UltraGCNValues>,
  interactions: Interactions,
  options: FitOptions,
): Promise<RecommenderModel> {
  const { users, items, offsets, indices } = interactions;
  const { parameters } = specification;
  const { factors, epochs, learningRate, negatives } = parameters;
  const seed = options.seed ?? 0;
  const random = randomStream(seed, 'ultraGCN');
  await using session = await openKernels({
    ...(options.threads !== undefined && { threads: options.threads }),
    signal: options.signal,
  });
  const constraints = await itemConstraints(interactions, parameters.neighbours, options.signal);
  const order = contentOrder(interactions);
  const scales = degreeScales(interactions);
  const pairs = weightedPairs(interactions, order.places, constraints, scales, parameters);
  const tables = startTables(session, factors, order.places, items, 0.1, random);
  const share = parameters.negativeWeight / negatives;
  const model: ConstrainedModel = {
    ...tables,
    historyOffsets: session.place(offsets),
    historyItems: session.place(indices),
    userScales: session.place(scales.users),
    itemScales: session.place(scales.items),
    negatives,
    negative: share * parameters.negativeFlat,
    negativeScaled: share * parameters.negativeScaled,
    decay: parameters.regularisation,
  };
  const cells = new PairCells(session, { users, items, ...pairs, places: order.places });
  for (let epoch = 0; epoch < epochs; epoch++) {
    cells.deal(random.child('epoch', epoch));
    const rate = learningRate * (1 - (0.9 * epoch) / epochs);
    const { loss } = await constrainedEpoch(session, cells, model, rate);
    options.onProgress?.({ step: 'epochs', done: epoch + 1, total: epochs, loss });
  }
  const known = (user: number): boolean => offsets[user + 1]! > offsets[user]!;
  const userVectors = tableRows(session.float32(tables.users), tables);
  for (let user = 0; user < users; user++) {
    if (!known(user)) userVectors.fill(0, user * factors, (user + 1) * factors);
  }
  return {
    kind: specification.kind,
    specification: specification as Specification,
    seed,
    signature: { users, items, interactions: indices.length },
    tensors: {
      userVectors: float32([users, factors], userVectors),
      itemVectors: float32([items, factors], tableRows(session.float32(tables.items), tables)),
      itemScales: float32([items], scales.items),
      neighbours: int32([items, constraints.width], constraints.neighbours),
      neighbourWeights: float32([items, constraints.width], constraints.weights),
    },
  };
}

/** sqrt(d + 1) / d of a person who met d items. */
export function userScale(degree: number): number {
  return degree === 0 ? 0 : Math.sqrt(degree + 1) / degree;
}

/** Factors of beta by user and by item. */
function degreeScales({ users, items, offsets, indices }: Interactions) {
  const degrees = new Float64Array(items);
  for (const item of indices) degrees[item]!++;
  return {
    users: Float32Array.from({ length: users }, (_, user) =>
      userScale(offsets[user + 1]! - offsets[user]!),
    ),
    items: Float32Array.from(degrees, (degree) => 1 / Math.sqrt(degree + 1)),
  };
}

/** Interactions with their weights above 0, and, below 0, what only the constraints between items pull. */
function weightedPairs(
  interactions: Interactions,
  places: Int32Array,
  constraints: ItemConstraints,
  scales: ReturnType<typeof degreeScales>,
  { positiveFlat, positiveScaled, itemWeight }: UltraGCNValues,
) {
  const { users, indices } = interactions;
  const most = indices.length * (1 + (itemWeight > 0 ? constraints.width : 0));
  const userIndices = new Int32Array(most);
  const itemIndices = new Int32Array(most);
  const weights = new Float32Array(most);
  const byPlace = new Int32Array(users);
  places.forEach((place, user) => {
    byPlace[place] = user;
  });
  let count = 0;
  const push = (user: number, item: number, weight: number): void => {
    userIndices[count] = user;
    itemIndices[count] = item;
    weights[count++] = weight;
  };
  for (const user of byPlace) {
    const history = itemsOf(interactions, user);
    const pulls = itemWeight > 0 ? pullsOf(history, constraints) : new Map<number, number>();
    const met = new Set(history);
    for (const item of history) {
      const beta = scales.users[user]! * scales.items[item]!;
      const pull = itemWeight * (pulls.get(item) ?? 0);
      // A weight of 0 would not be told from a pull: what is least above it moves nothing.
      push(user, item, Math.max(positiveFlat + positiveScaled * beta + pull, 1e-30));
    }
    for (const [item, pull] of pulls) if (!met.has(item)) push(user, item, -itemWeight * pull);
  }
  return {
    userIndices: userIndices.subarray(0, count),
    itemIndices: itemIndices.subarray(0, count),
    weights: weights.subarray(0, count),
  };
}
