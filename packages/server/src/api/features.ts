import * as z from 'zod';
import { contract } from '../contract.ts';
import { inWorkspace, ofParam } from './permission.ts';
import { command, count, digest, instant, name, readLimits } from './shapes.ts';

/** Times of events and of what is served, in milliseconds since 1970, UTC. */
const freshness = z.strictObject({
  state: z.enum(['empty', 'building', 'fresh', 'stale']),
  /** Events before this moment come from the tables; absent before the first build. */
  through: instant.optional(),
  /** When the last build ended. */
  builtAt: instant.optional(),
  /** The newest event that was built or pushed. */
  newestEvent: instant.optional(),
  /** Now less the newest event. */
  lagMs: count.optional(),
  /** Keys in the last whole build. */
  keys: count,
  /** Events pushed since this server started. */
  pushed: count,
});

const purposes = z.array(z.string());

export const listFeatures = contract({
  id: 'features.list',
  method: 'GET',
  path: '/api/v1/features',
  summary: 'The feature views of this project, and how fresh they are',
  permission: inWorkspace('feature.read'),
  result: z.strictObject({
    views: z.array(
      z.strictObject({
        name,
        digest,
        entity: name,
        features: count,
        tables: z.array(z.string()),
        purposes,
        freshness,
      }),
    ),
  }),
  limits: readLimits,
});

export const readFeatures = contract({
  id: 'features.read',
  method: 'GET',
  path: '/api/v1/features/:view',
  summary: 'A feature view: its features, what they are computed from, and how fresh they are',
  permission: ofParam('feature.read', 'view'),
  params: z.strictObject({ view: name }),
  result: z.strictObject({
    name,
    digest,
    /** What the features are of, and the column that names it. */
    entity: z.strictObject({ name, key: z.string() }),
    /** The column of the event's time. */
    at: z.string(),
    /** The column that names an event. */
    event: z.string(),
    tables: z.array(z.string()),
    purposes,
    /** Older values are missing; absent: values do not age. */
    ttlMs: count.optional(),
    features: z.array(
      z.strictObject({
        name: z.string(),
        type: z.string(),
        /** Such as `sum`; `latest` is the value of the newest event. */
        aggregate: z.string(),
        column: z.string().optional(),
        windowMs: count.optional(),
        /** The start of the window is rounded down to this; the end is exact. */
        tileMs: count.optional(),
        /** How far an estimate may be from the truth; absent where it is exact. */
        error: z.string().optional(),
      }),
    ),
    freshness,
    command,
  }),
  limits: readLimits,
});

export const readFeatureFreshness = contract({
  id: 'features.freshness',
  method: 'GET',
  path: '/api/v1/features/:view/freshness',
  summary: 'How fresh what a feature view serves is',
  permission: ofParam('feature.read', 'view'),
  params: z.strictObject({ view: name }),
  result: freshness,
  limits: readLimits,
});

const key = z.union([z.string().max(256), z.int()]);

/**
 * The values of views of one entity by key, in the order of keys and features. A view whose digest is
 * given is refused when another version is served. Numbers that JSON lacks are `"NaN"`, `"Infinity"`
 * and `"-Infinity"`. The answer is `{ features, at, rows: [{ key, values }] }`, written by hand.
 */
export const readFeatureVectors = contract({
  id: 'features.vectors',
  method: 'POST',
  path: '/api/v1/features/vectors',
  summary: 'The values of features by key',
  permission: inWorkspace('feature.serve'),
  body: z.strictObject({
    views: z
      .array(z.strictObject({ name, digest: digest.optional() }))
      .min(1)
      .max(50),
    keys: z.array(key).min(1).max(1_000),
    /** `accounts`: the keys are accounts as the provider names them. */
    named: z.enum(['keys', 'accounts']).default('keys'),
  }),
  result: z.string(),
  stream: 'text',
  mediaType: 'application/json; charset=utf-8',
  limits: { bodyBytes: 512 * 1024, timeoutMs: 5_000 },
});

export const pushFeatures = contract({
  id: 'features.push',
  method: 'POST',
  path: '/api/v1/features/:view/push',
  summary: 'Add events to what a feature view serves, at once',
  permission: ofParam('feature.push', 'view'),
  params: z.strictObject({ view: name }),
  body: z.strictObject({
    /** Columns of the view's relation; times in microseconds since 1970, or ISO 8601. */
    rows: z
      .array(z.record(z.string().max(63), z.union([z.string(), z.number(), z.boolean(), z.null()])))
      .min(1)
      .max(10_000),
    named: z.enum(['keys', 'accounts']).default('keys'),
  }),
  result: z.strictObject({
    accepted: count,
    /** Known already by their event's name. */
    repeated: count,
    /** Older than what was built: the next build brings them from the tables. */
    late: count,
  }),
  limits: { bodyBytes: 8 * 1024 * 1024, timeoutMs: 30_000 },
});

export const buildFeatures = contract({
  id: 'features.build',
  method: 'POST',
  path: '/api/v1/features/:view/build',
  summary: 'Bring what a feature view serves up to the current snapshots of its tables',
  permission: ofParam('feature.build', 'view'),
  params: z.strictObject({ view: name }),
  body: z.strictObject({
    /** From the first event on, not only from where the last build ended. */
    whole: z.boolean().default(false),
  }),
  result: z.strictObject({
    from: instant.optional(),
    to: instant,
    keys: count,
    events: count,
    /** Whether it went on from where an earlier one broke off. */
    resumed: z.boolean(),
  }),
  limits: { bodyBytes: 1024, timeoutMs: 30 * 60_000 },
});
