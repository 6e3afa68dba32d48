import {
  openKernels,
  PairCells,
  type PairwiseModel,
  pairwiseEpoch,
  randomStream,
} from '@backlot/compute';
import type { FitOptions } from '../../fit-options.ts';
import { float32, type RecommenderModel } from '../../fitted-model.ts';
import type { Specification } from '../../specification.ts';
import type { Interactions } from '../interactions.ts';
import type { BprValues } from './bpr.ts';
import { contentOrder } from './content-order.ts';
import { startTables, tableRows } from './factor-tables.ts';

/** Epochs of steps from small random vectors; progress is by epoch, with the mean loss of its steps. */
export async function fitBpr(
  specification: Specification<string, BprValues>,
  interactions: Interactions,
  options: FitOptions,
): Promise<RecommenderModel> {
  const { users, items, offsets, indices } = interactions;
  const { parameters } = specification;
  const { factors, epochs, learningRate } = parameters;
  const seed = options.seed ?? 0;
  const random = randomStream(seed, 'bpr');
  await using session = await openKernels({
    ...(options.threads !== undefined && { threads: options.threads }),
    signal: options.signal,
  });
  const order = contentOrder(interactions);
  const tables = startTables(session, factors, order.places, items, 0.1, random);
  const model: PairwiseModel = {
    ...tables,
    biases: session.allocate(items * 4),
    historyOffsets: session.place(offsets),
    historyItems: session.place(indices),
    popular: parameters.negatives === 'popularity',
    decay: parameters.regularisation,
    biasDecay: parameters.biasRegularisation,
  };
  const cells = new PairCells(session, { users, items, ...order });
  for (let epoch = 0; epoch < epochs; epoch++) {
    cells.deal(random.child('epoch', epoch));
    const rate = learningRate * (1 - (0.9 * epoch) / epochs);
    const { loss } = await pairwiseEpoch(session, cells, model, rate);
    options.onProgress?.({ step: 'epochs', done: epoch + 1, total: epochs, loss });
  }
  const biases = session.float32(model.biases);
  const rows = tableRows(session.float32(tables.users), tables, () => 1);
  for (let user = 0; user < users; user++) {
    // Nothing has moved the start of those who met nothing: the biases alone speak for them.
    const begin = user * (factors + 1);
    if (offsets[user + 1] === offsets[user]) rows.fill(0, begin, begin + factors);
  }
  const columns = tableRows(session.float32(tables.items), tables, (item) => biases[item]!);
  return {
    kind: specification.kind,
    specification: specification as Specification,
    seed,
    signature: { users, items, interactions: indices.length },
    tensors: {
      userVectors: float32([users, factors + 1], rows),
      itemVectors: float32([items, factors + 1], columns),
    },
  };
}
