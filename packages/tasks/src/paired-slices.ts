import { comparePaired, type Estimate, type UserMetrics } from '@backlot/learn';

/** How far one model is ahead of another, by attribute and by the attribute's value. */
type PairedSlices = Record<string, Record<string, { recall: Estimate; ndcg: Estimate }>>;

/**
 * Paired differences within each slice that has enough users: a gain on the whole may hide a loss
 * in one storefront.
 */
export function pairedSlices(
  first: UserMetrics,
  second: UserMetrics,
  attributes: Readonly<Record<string, readonly string[]>>,
  options: { readonly seed: number; readonly leastUsers: number },
): PairedSlices {
  const slices: PairedSlices = {};
  for (const [name, values] of Object.entries(attributes)) {
    const parts: PairedSlices[string] = {};
    for (const [value, members] of membersByValue(first.users, values)) {
      if (members.length < options.leastUsers) continue;
      const { recall, ndcg } = comparePaired(subset(first, members), subset(second, members), {
        seed: options.seed,
      });
      parts[value] = { recall, ndcg };
    }
    slices[name] = parts;
  }
  return slices;
}

/** Places in the list of measured users by the value that each has, in the order of the values. */
function membersByValue(
  users: Int32Array,
  values: readonly string[],
): readonly (readonly [string, readonly number[]])[] {
  const found = new Map<string, number[]>();
  users.forEach((user, at) => {
    const members = found.get(values[user]!);
    if (members) members.push(at);
    else found.set(values[user]!, [at]);
  });
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

function subset(metrics: UserMetrics, members: readonly number[]): UserMetrics {
  const pick = (values: Float64Array): Float64Array =>
    Float64Array.from(members, (at) => values[at]!);
  return {
    ...{ k: metrics.k, coverage: metrics.coverage },
    users: Int32Array.from(members, (at) => metrics.users[at]!),
    recall: pick(metrics.recall),
    ndcg: pick(metrics.ndcg),
    recommendedPopularity: pick(metrics.recommendedPopularity),
    consumedPopularity: pick(metrics.consumedPopularity),
  };
}
