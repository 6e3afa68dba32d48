import type { FeatureValue } from './aggregates/aggregate.ts';
import { hour, type Play } from './world.fixture.ts';

/**
 * The values of `listening` for an account at a moment, from its definition alone: no tiles, no
 * states, every event looked at. Estimates are given as the truth, to be held to their error.
 */
export function listeningOracle(
  plays: readonly Play[],
  key: string | null,
  now: number | null,
  strict = false,
): readonly FeatureValue[] {
  const known = plays
    .filter(
      ({ account, playedAt }) =>
        key !== null && now !== null && account === key && playedAt !== null,
    )
    .filter(({ playedAt }) => (strict ? playedAt! < now! : playedAt! <= now!))
    .sort((a, b) => a.playedAt! - b.playedAt! || (a.play < b.play ? -1 : 1));
  const since = (window: number, tile: number) =>
    known.filter(
      ({ playedAt }) =>
        playedAt! >= Math.floor((now! - window * hour) / (tile * hour)) * (tile * hour),
    );
  const there = <T>(values: readonly (T | null)[]): T[] => values.filter((one) => one !== null);
  const latest = known.at(-1);
  const fresh = latest && latest.playedAt! >= now! - 5 * hour ? latest : undefined;
  const ratings = there(since(6, 1).map(({ rating }) => rating));
  const meanMs = there(since(3, 1).map(({ ms }) => ms));
  const leastMs = there(since(4, 2).map(({ ms }) => ms));
  const most = there(since(4, 2).map(({ rating }) => rating));
  const sortedMs = there(since(6, 1).map(({ ms }) => ms)).sort((a, b) => a - b);
  return [
    fresh?.item ?? null,
    fresh?.rating ?? null,
    since(6, 1).length,
    there(since(2, 0.5).map(({ rating }) => rating)).length,
    ratings.length === 0 ? null : exactSum(ratings),
    meanMs.length === 0 ? null : meanMs.reduce((sum, one) => sum + one, 0) / meanMs.length,
    leastMs.length === 0 ? null : Math.min(...leastMs),
    most.length === 0 ? null : Math.max(...most),
    there(since(6, 1).map(({ item }) => item))
      .slice(-3)
      .reverse(),
    new Set(there(since(12, 1).map(({ item }) => item))).size,
    sortedMs.length === 0 ? null : sortedMs[Math.floor(0.5 * (sortedMs.length - 1))]!,
  ];
}

/** The exact sum as one whole number of units of 2^-1074, rounded to the nearest double at the end. */
export function exactSum(values: readonly number[]): number {
  const total = values.reduce((sum, value) => sum + units(value), 0n);
  if (total === 0n) return 0;
  const size = total < 0n ? -total : total;
  const drop = BigInt(Math.max(0, size.toString(2).length - 53));
  let kept = size >> drop;
  const rest = size - (kept << drop);
  const half = drop === 0n ? 0n : 1n << (drop - 1n);
  if (drop > 0n && (rest > half || (rest === half && (kept & 1n) === 1n))) kept += 1n;
  // Two steps, since 2^-1074 and what lies above it do not fit one power.
  const exponent = Number(drop) - 1_074;
  const scaled =
    Number(kept) * 2 ** Math.max(exponent, -1_000) * 2 ** Math.min(0, exponent + 1_000);
  return total < 0n ? -scaled : scaled;
}

function units(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n);
  const size = mantissa << BigInt(Math.max(exponent, 1) - 1);
  return bits >> 63n === 1n ? -size : size;
}

/** Whether values are the oracle's: exact but for the quantile, which is within 1% of the truth. */
export function agrees(values: readonly FeatureValue[], truth: readonly FeatureValue[]): boolean {
  return values.every((value, at) => {
    if (at < values.length - 1) return JSON.stringify(value) === JSON.stringify(truth[at]);
    if (value === null || truth[at] === null) return value === truth[at];
    return (
      Math.abs(Number(value) - Number(truth[at])) <= 0.01 * Math.abs(Number(truth[at])) + 1e-12
    );
  });
}
