import { interactionsFromPairs } from '@backlot/learn';
import { TooLittleData } from './error.ts';
import type { InteractionSet } from './interaction-set.ts';

/** First meetings of users and items: parallel columns, names as codes into sorted lists. */
export interface TimedPairs {
  readonly users: readonly string[];
  readonly items: readonly string[];
  readonly userCodes: Int32Array;
  readonly itemCodes: Int32Array;
  /** When they met, in one unit throughout. */
  readonly times: Float64Array;
}

export interface TimeSplit {
  readonly train: InteractionSet;
  readonly test: InteractionSet;
  /** Pairs at this time or later are held out. */
  readonly cutoff: number;
  /** Held-out pairs that no model could know: their user or item is not in the training part. */
  readonly cold: number;
}

/**
 * Splits by time: the latest share of the pairs is held out. Users and items are those of the
 * training part; a held-out pair with another one is counted as cold and left out, and said so.
 */
export function splitByTime(
  pairs: TimedPairs,
  holdoutShare: number,
  attributesOf: (users: readonly string[]) => InteractionSet['attributes'] = () => ({}),
): TimeSplit {
  const cutoff = cutoffOf(pairs.times, holdoutShare);
  const inTrain = Array.from(pairs.times, (time) => time < cutoff);
  const users = renumber(pairs.users, pairs.userCodes, inTrain);
  const items = renumber(pairs.items, pairs.itemCodes, inTrain);
  const attributes = attributesOf(users.names);
  const part = (train: boolean): InteractionSet => {
    const [userIndices, itemIndices]: [number[], number[]] = [[], []];
    inTrain.forEach((of, row) => {
      const user = users.numbers[pairs.userCodes[row]!]!;
      const item = items.numbers[pairs.itemCodes[row]!]!;
      if (of !== train || user < 0 || item < 0) return;
      userIndices.push(user);
      itemIndices.push(item);
    });
    const sizes = { users: users.names.length, items: items.names.length };
    const matrix = interactionsFromPairs({ ...sizes, userIndices, itemIndices });
    return { users: users.names, items: items.names, matrix, attributes };
  };
  const [train, test] = [part(true), part(false)];
  if (test.matrix.indices.length === 0) {
    throw new TooLittleData('nothing is left to test on once pairs of unknown users are left out');
  }
  const held = inTrain.filter((of) => !of).length;
  return { train, test, cutoff, cold: held - test.matrix.indices.length };
}

function cutoffOf(times: Float64Array, holdoutShare: number): number {
  const sorted = times.slice().sort();
  const cutoff = sorted[Math.floor(sorted.length * (1 - holdoutShare))];
  if (cutoff === undefined || cutoff === sorted[0]) {
    throw new TooLittleData(`${times.length} pairs cannot be split by time`);
  }
  return cutoff;
}

/** New numbers, in the same order, for the names that the kept rows use; -1 for the others. */
function renumber(
  names: readonly string[],
  codes: Int32Array,
  kept: readonly boolean[],
): { readonly names: readonly string[]; readonly numbers: Int32Array } {
  const used = new Uint8Array(names.length);
  codes.forEach((code, row) => {
    if (kept[row]) used[code] = 1;
  });
  const numbers = new Int32Array(names.length).fill(-1);
  const left: string[] = [];
  used.forEach((is, code) => {
    if (is) numbers[code] = left.push(names[code]!) - 1;
  });
  return { names: left, numbers };
}
