import { seededRandom } from '@backlot/core';
import type { RunOptions } from '@backlot/data';
import type { FeatureValue } from '../aggregates/aggregate.ts';
import { sweepKey } from '../offline/training-set.ts';
import { type OfflineEngine, readEvents } from '../offline/view-events.ts';
import type { FeatureView } from '../views/feature-view.ts';
import { ViewProgram } from '../views/view-state.ts';
import type { OnlineFeatures } from './online-features.ts';

/** A served value that is not what the tables say. */
export interface Mismatch {
  readonly key: string;
  readonly feature: string;
  readonly served: FeatureValue;
  readonly offline: FeatureValue;
}

/** What a check found; `mismatches` is expected to be empty. */
export interface ConsistencyReport {
  readonly view: string;
  /** The moment of the read, in microseconds. */
  readonly at: number;
  readonly keys: number;
  readonly values: number;
  readonly mismatches: readonly Mismatch[];
}

export interface ConsistencyOptions {
  readonly engine: OfflineEngine;
  readonly run: RunOptions;
  /** How many keys to draw; fewer where fewer are served. */
  readonly sample: number;
  readonly seed: number;
}

/**
 * Reads a sample of served values and computes each again from the tables as of the moment of the
 * read. Events that were pushed and are not in the tables yet are mismatches too: run it after a
 * delivery and a build.
 */
export async function checkConsistency(
  online: OnlineFeatures,
  view: FeatureView,
  { engine, run, sample, seed }: ConsistencyOptions,
): Promise<ConsistencyReport> {
  const keys = await drawKeys(online, view, sample, seed);
  const { at, rows } = await online.read([view], keys);
  const program = new ViewProgram(view);
  const events = keys.length > 0 && (await readEvents(engine, program, run, { keys, to: at + 1 }));
  const features = Object.keys(view.features);
  const mismatches = keys.flatMap((key, row) => {
    const moments = { moments: [at], order: [0], strict: false };
    const [offline] = events ? sweepKey(program, events.of(key), moments) : [];
    return features.flatMap((feature, index) => {
      const served = (rows[row] as Readonly<Record<string, FeatureValue>>)[feature]!;
      const known = offline![index]!;
      return isSame(served, known) ? [] : [{ key, feature, served, offline: known }];
    });
  });
  const values = keys.length * features.length;
  return { view: view.name, at, keys: keys.length, values, mismatches };
}

/** Every key has the same chance: reservoir sampling, Vitter's algorithm R. */
async function drawKeys(
  online: OnlineFeatures,
  view: FeatureView,
  sample: number,
  seed: number,
): Promise<readonly string[]> {
  const { entity } = online.served(view.name, view.digest);
  const random = seededRandom(seed);
  const drawn: string[] = [];
  let seen = 0;
  let page = await online.store.keys(entity, { limit: 10_000 });
  while (page.length > 0) {
    for (const key of page) {
      const place = seen < sample ? seen : random.below(seen + 1);
      if (place < sample) drawn[place] = key;
      seen++;
    }
    page = await online.store.keys(entity, { after: page.at(-1)!, limit: 10_000 });
  }
  return drawn.sort();
}

function isSame(left: FeatureValue, right: FeatureValue): boolean {
  if (!Array.isArray(left) || !Array.isArray(right)) return Object.is(left, right);
  return left.length === right.length && left.every((item, at) => Object.is(item, right[at]));
}
