import { columnWeights, coOccurrence, openKernels } from '@backlot/compute';
import type { FitOptions } from '../../fit-options.ts';
import type { RecommenderModel } from '../../fitted-model.ts';
import type { Specification } from '../../specification.ts';
import { type Interactions, transpose } from '../interactions.ts';
import { sparseWeightTensors } from './item-weights.ts';
import type { SlimValues } from './slim.ts';

/** Counts pairs, then finds the weights of each item, both on all threads. */
export async function fitSlim(
  specification: Specification<string, SlimValues>,
  interactions: Interactions,
  options: FitOptions,
): Promise<RecommenderModel> {
  const { users, items, indices } = interactions;
  const { candidates, l1, l2, dropout, damping, nonNegative, tolerance, sweeps } =
    specification.parameters;
  await using session = await openKernels({
    ...(options.threads !== undefined && { threads: options.threads }),
    signal: options.signal,
  });
  const shares = sharesOf(interactions, damping);
  const pairs = await coOccurrence(session, interactions, transpose(interactions), shares);
  options.onProgress?.({ step: 'pairs', done: 1, total: 2 });
  const found = await columnWeights(session, pairs, {
    ...{ candidates, l1, nonNegative, tolerance, maxSweeps: sweeps },
    penalties: pairs.diagonal.map((sum) => l2 + (dropout / (1 - dropout)) * sum),
  });
  options.onProgress?.({ step: 'weights', done: 2, total: 2 });
  return {
    kind: specification.kind,
    specification: specification as unknown as Specification,
    seed: options.seed ?? 0,
    signature: { users, items, interactions: indices.length },
    tensors: sparseWeightTensors(interactions, found),
  };
}

/** What each user counts: the number of items they met to a negative power. */
export function sharesOf({ users, offsets }: Interactions, damping: number): Float64Array {
  return Float64Array.from(
    { length: users },
    (_, user) =>
      // A user who met nothing is in no sum, but a share must be a number.
      Math.max(1, offsets[user + 1]! - offsets[user]!) ** -damping,
  );
}
