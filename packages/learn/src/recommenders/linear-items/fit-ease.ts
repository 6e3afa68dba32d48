import { invertStrips, type SymmetricStrips, stripRows, symmetricStrips } from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import { InvalidArgument } from '../../error.ts';
import type { FitOptions } from '../../fit-options.ts';
import type { RecommenderModel } from '../../fitted-model.ts';
import type { Specification } from '../../specification.ts';
import { type Interactions, itemsOf } from '../interactions.ts';
import type { EaseValues } from './ease.ts';
import { sharesOf } from './fit-slim.ts';
import { denseWeightTensors, sparseWeightTensors } from './item-weights.ts';
import { largestWeights } from './largest-weights.ts';

/** Sums of pairs, their inverse in place, and each item's weights from its column of that. */
export async function fitEase(
  specification: Specification<string, EaseValues>,
  interactions: Interactions,
  options: FitOptions,
): Promise<RecommenderModel> {
  const { users, items, indices } = interactions;
  const { l2, dropout, damping, neighboursKept, maximumItems } = specification.parameters;
  if (items > maximumItems) {
    const reason = `have ${items} items; up to ${maximumItems} are allowed (maximumItems), or use slim`;
    throw new InvalidArgument('interactions', reason);
  }
  throwIfCancelled(options.signal, 'the fit');
  const sums = pairSums(interactions, damping);
  for (let item = 0; item < items; item++) {
    const { strip, at } = placeOf(sums, item, item);
    strip[at]! += (dropout / (1 - dropout)) * strip[at]! + l2;
  }
  await invertStrips(sums, {
    threads: options.threads,
    onStep: (done, total) => {
      options.onProgress?.({ step: 'inverse', done, total });
      throwIfCancelled(options.signal, 'the fit');
    },
  });
  return {
    kind: specification.kind,
    specification: specification as unknown as Specification,
    seed: options.seed ?? 0,
    signature: { users, items, interactions: indices.length },
    tensors:
      neighboursKept === null
        ? denseWeightTensors(interactions, allWeights(sums))
        : sparseWeightTensors(interactions, keptWeights(sums, neighboursKept)),
  };
}

/** Where the entry of two items, the first not the smaller, lies. */
function placeOf({ strips }: SymmetricStrips, row: number, column: number) {
  const strip = Math.floor(row / stripRows);
  const at = (row % stripRows) * stripRows * (strip + 1) + column;
  return { strip: strips[strip]!, at };
}

function pairSums(interactions: Interactions, damping: number): SymmetricStrips {
  const sums = symmetricStrips(interactions.items);
  const shares = sharesOf(interactions, damping);
  for (let user = 0; user < interactions.users; user++) {
    const met = itemsOf(interactions, user);
    const share = shares[user]!;
    for (let i = 0; i < met.length; i++) {
      const { strip, at } = placeOf(sums, met[i]!, 0);
      for (let j = 0; j <= i; j++) strip[at + met[j]!]! += share;
    }
  }
  return sums;
}

/** -P_ij / P_jj with zeros on the diagonal: rows by item met. */
function allWeights(inverse: SymmetricStrips): Float32Array {
  const { n: items } = inverse;
  const weights = new Float32Array(items * items);
  const diagonal = diagonalOf(inverse);
  for (let i = 0; i < items; i++) {
    const { strip, at } = placeOf(inverse, i, 0);
    for (let j = 0; j < i; j++) {
      const value = -strip[at + j]!;
      weights[i * items + j] = value / diagonal[j]!;
      weights[j * items + i] = value / diagonal[i]!;
    }
  }
  return weights;
}

function diagonalOf(inverse: SymmetricStrips): Float64Array {
  return Float64Array.from({ length: inverse.n }, (_, item) => {
    const { strip, at } = placeOf(inverse, item, item);
    return strip[at]!;
  });
}

/** By column the largest without their sign. */
function keptWeights(inverse: SymmetricStrips, kept: number) {
  const diagonal = diagonalOf(inverse);
  return largestWeights(inverse.n, kept, (item, column) => {
    const own = placeOf(inverse, item, 0);
    for (let other = 0; other < item; other++) {
      column[other] = -own.strip[own.at + other]! / diagonal[item]!;
    }
    column[item] = 0;
    for (let other = item + 1; other < inverse.n; other++) {
      const { strip, at } = placeOf(inverse, other, item);
      column[other] = -strip[at]! / diagonal[item]!;
    }
  });
}
