import type { FeatureView, FeatureViewSummary, Freshness } from '../api-types.ts';

const hourMs = 3_600_000;
const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`;

function freshness(now: number, state: Freshness['state'], lagMs: number): Freshness {
  return {
    ...{ state, keys: state === 'empty' ? 0 : 182_440, pushed: state === 'fresh' ? 1_204 : 0 },
    ...(state !== 'empty' && {
      through: now - 2 * hourMs,
      builtAt: now - hourMs,
      newestEvent: now - lagMs,
      lagMs,
    }),
  };
}

/** Feature views of the story: one fresh, one stale, one that was never built. */
export function featureViews(now: number): readonly FeatureViewSummary[] {
  const purposes = ['recommend', 'measure'];
  return [
    {
      ...{ name: 'listening', digest: digestOf('a'), entity: 'account', features: 5, purposes },
      ...{ tables: ['plays', 'items'], freshness: freshness(now, 'fresh', 40_000) },
    },
    {
      ...{ name: 'item-popularity', digest: digestOf('b'), entity: 'item', features: 3, purposes },
      ...{ tables: ['plays'], freshness: freshness(now, 'stale', 30 * hourMs) },
    },
    {
      ...{ name: 'ratings', digest: digestOf('c'), entity: 'account', features: 2, purposes },
      ...{ tables: ['ratings'], freshness: freshness(now, 'empty', 0) },
    },
  ];
}

export function featureView(now: number, name: string): FeatureView | undefined {
  const found = featureViews(now).find((view) => view.name === name);
  if (!found) return undefined;
  const dayMs = 24 * hourMs;
  return {
    ...{ name, digest: found.digest, tables: found.tables, purposes: found.purposes },
    ...{ entity: { name: found.entity, key: found.entity }, at: 'playedAt', event: 'play' },
    ...{ ttlMs: 30 * dayMs, freshness: found.freshness, command: `backlot features show ${name}` },
    features: [
      { name: 'plays7d', type: 'int', aggregate: 'count', windowMs: 7 * dayMs },
      { name: 'ms30d', type: 'int', aggregate: 'sum', column: 'msPlayed', windowMs: 30 * dayMs },
      {
        ...{ name: 'items30d', type: 'int', aggregate: 'distinct', column: 'item' },
        ...{ windowMs: 30 * dayMs, error: '1.6%' },
      },
      { name: 'last5', type: 'texts', aggregate: 'last5', column: 'item' },
      { name: 'storefront', type: 'text', aggregate: 'latest', column: 'storefront' },
    ],
  };
}
