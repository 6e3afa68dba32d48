import { type Clock, seededRandom } from '@backlot/core';
import { type RecommenderModel, recommendOne } from '@backlot/learn';

const answers = 200;
const k = 20;

/** How long the model takes to rank for one account, on the machine that proposes it. */
export function measureLatency(
  model: RecommenderModel,
  clock: Clock,
  seed: number,
): { readonly p50Ms: number; readonly p99Ms: number; readonly measured: string } {
  const random = seededRandom(seed);
  const { users } = model.signature;
  const times = Float64Array.from({ length: answers }, () => {
    const begin = clock.monotonic();
    recommendOne(model, { user: random.below(users) }, { k });
    return clock.monotonic() - begin;
  }).sort();
  const at = (share: number): number => round(times[Math.floor(share * (answers - 1))]!);
  return {
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    measured: `ranking alone, ${answers} accounts, one thread of the machine that trained it`,
  };
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
