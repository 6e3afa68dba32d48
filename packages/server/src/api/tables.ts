import * as z from 'zod';
import { contract } from '../contract.ts';
import { inWorkspace, ofParam } from './permission.ts';
import { ruleResult } from './quality.ts';
import { count, digest, instant, name, next, page, problem, readLimits } from './shapes.ts';

const column = z.strictObject({
  name: z.string(),
  type: z.string(),
  optional: z.boolean(),
  sensitivity: z.enum(['public', 'internal', 'personal', 'pseudonym']),
  purposes: z.array(z.string()),
  /** The rules in words, such as `>= 0`. */
  rules: z.array(z.string()),
});

const columnProfile = z.strictObject({
  name: z.string(),
  nulls: count,
  distinct: count,
  /** Whether `distinct` is counted; else it is estimated. */
  exact: z.boolean(),
  min: z.union([z.string(), z.number()]).optional(),
  max: z.union([z.string(), z.number()]).optional(),
  /** At 0.01, 0.25, 0.5, 0.75, 0.99; numbers and times only. */
  quantiles: z.array(z.number()).optional(),
  /** Whether the quantiles are estimated. */
  approximate: z.literal(true).optional(),
  histogram: z
    .strictObject({ low: z.number(), high: z.number(), counts: z.array(count) })
    .optional(),
  top: z.array(z.strictObject({ value: z.string(), rows: count })).optional(),
  /** Of free text: ISO 639-1 codes, `und` where it cannot be told, with shares from 0 to 1. */
  languages: z.array(z.strictObject({ language: z.string(), share: z.number() })).optional(),
  /** Against the snapshot before, where there is one. */
  drift: z
    .strictObject({
      /** The share of missing values now, less that before. */
      nulls: z.number(),
      /** The population stability index: over 0.2 is a lot. */
      psi: z.number().optional(),
      /** The greatest gap between the distributions, 0 to 1. */
      ks: z.number().optional(),
      /** The distance of the top values' shares, 0 to 1. */
      top: z.number().optional(),
    })
    .optional(),
});

const retention = z.strictObject({
  /** Days that rows are kept; absent: for ever. */
  days: count.optional(),
  /** The column that it counts from; absent: nothing is removed. */
  by: z.string().optional(),
  /** Newest first, at most ten. */
  runs: z.array(
    z.strictObject({
      at: instant,
      cutoff: z.int().optional(),
      rowsRemoved: count,
      filesRewritten: count,
      filesRemoved: count,
      snapshotsRemoved: z.array(digest),
      snapshotsHeld: z.array(digest),
      snapshot: digest.optional(),
      nextAt: z.int().optional(),
    }),
  ),
  /** When the next row is to be removed, as the newest run found. */
  nextAt: z.int().optional(),
});

export const snapshotView = z.strictObject({
  digest,
  rows: count,
  bytes: count,
  buckets: count,
  at: instant,
  delivery: z.string(),
  /** Against the snapshot before; absent for the first. */
  rowDelta: z.int().optional(),
});

const ruleView = z.strictObject({
  name: z.string(),
  state: z.enum(['ok', 'warn', 'fail']),
  broken: count,
  checked: count,
});

export const quarantineGroup = z.strictObject({
  delivery: z.string(),
  rule: z.string(),
  column: z.string(),
  mend: z.string(),
  firstRow: count,
  /** A value that broke the rule, absent where the column is personal. */
  example: z.string().optional(),
  rows: count,
  at: instant,
});

export const listTables = contract({
  id: 'tables.list',
  method: 'GET',
  path: '/api/v1/tables',
  summary: 'The tables of this workspace',
  permission: inWorkspace('table.describe'),
  result: z.strictObject({
    tables: z.array(
      z.strictObject({
        name,
        columns: count,
        rows: count,
        bytes: count,
        snapshot: digest.optional(),
        at: instant.optional(),
        purposes: z.array(z.string()),
        quarantined: count,
        retentionDays: count.optional(),
      }),
    ),
  }),
  limits: readLimits,
});

export const readTable = contract({
  id: 'tables.read',
  method: 'GET',
  path: '/api/v1/tables/:table',
  summary: 'A table: contract, profile, snapshots, rules and quarantine',
  permission: ofParam('table.describe', 'table'),
  params: z.strictObject({ table: name }),
  result: z.strictObject({
    name,
    contractDigest: digest,
    contractVersion: count,
    purposes: z.array(z.string()),
    retentionDays: count.optional(),
    columns: z.array(column),
    profile: z.array(columnProfile).optional(),
    /** The profile of the snapshot before, where there is one. */
    profileBefore: z.array(columnProfile).optional(),
    snapshots: z.array(snapshotView),
    retention,
    rules: z.array(ruleView),
    /** The quality rules, and the newest report on the current snapshot where it was checked. */
    quality: z.strictObject({
      rules: z.array(
        z.strictObject({
          rule: z.string(),
          kind: z.string(),
          severity: z.enum(['block', 'warn']),
        }),
      ),
      report: z
        .strictObject({ at: instant, passed: z.boolean(), results: z.array(ruleResult) })
        .optional(),
    }),
    quarantine: z.array(quarantineGroup),
  }),
  limits: readLimits,
});

/** Describes the current snapshot for others; files are said to lie under `url`. */
export const readCroissant = contract({
  id: 'tables.croissant',
  method: 'GET',
  path: '/api/v1/tables/:table/croissant',
  summary: 'The current snapshot described in Croissant 1.1, without personal columns',
  permission: ofParam('table.describe', 'table'),
  params: z.strictObject({ table: name }),
  query: z.strictObject({
    url: z.string().min(1).max(1_000),
    license: z.string().min(1).max(1_000),
    creator: z.string().min(1).max(200),
  }),
  result: z.record(z.string(), z.json()),
  limits: readLimits,
});

export const deliveryView = z.strictObject({
  id: z.string(),
  table: name,
  status: z.enum(['accepted', 'refused', 'unchanged']),
  provider: z.string(),
  format: z.string(),
  /** Absent where the file was refused before it was read to its end. */
  source: digest.optional(),
  rows: count,
  accepted: count,
  quarantined: count,
  snapshot: digest.optional(),
  receipt: digest,
  run: z.string().optional(),
  at: instant,
  reasons: z.array(
    z.strictObject({ rule: z.string(), column: z.string(), rows: count, mend: z.string() }),
  ),
});

export const listDeliveries = contract({
  id: 'deliveries.list',
  method: 'GET',
  path: '/api/v1/deliveries',
  summary: 'Deliveries, newest first',
  permission: inWorkspace('delivery.read'),
  query: z.strictObject({ ...page, table: name.optional() }),
  result: z.strictObject({ deliveries: z.array(deliveryView), next }),
  limits: readLimits,
});

export const readDelivery = contract({
  id: 'deliveries.read',
  method: 'GET',
  path: '/api/v1/deliveries/:delivery',
  summary: 'A delivery and its receipt',
  permission: ofParam('delivery.read', 'delivery'),
  params: z.strictObject({ delivery: z.string().max(100) }),
  result: deliveryView,
  limits: readLimits,
});

export const listQuarantine = contract({
  id: 'quarantine.list',
  method: 'GET',
  path: '/api/v1/tables/:table/quarantine',
  summary: 'Rows in quarantine, with the rule each broke and its mend',
  permission: ofParam('table.describe', 'table'),
  params: z.strictObject({ table: name }),
  query: z.strictObject({ ...page, delivery: z.string().max(100).optional() }),
  result: z.strictObject({
    rows: z.array(
      z.strictObject({
        delivery: z.string(),
        row: count,
        column: z.string(),
        rule: z.string(),
        mend: z.string(),
        value: z.string().optional(),
      }),
    ),
    next,
  }),
  limits: readLimits,
});

/**
 * Hands in a delivery: the file's bytes are the body, as they are. Answers at once with the run that
 * checks it; the receipt is the run's.
 */
export const deliver = contract({
  id: 'deliveries.create',
  method: 'POST',
  path: '/api/v1/tables/:table/deliveries',
  summary: 'Hand in a delivery of rows',
  permission: ofParam('table.deliver', 'table'),
  params: z.strictObject({ table: name }),
  query: z.strictObject({
    format: z.enum(['csv', 'jsonl', 'parquet']),
    compression: z.enum(['none', 'gzip']).default('none'),
    mode: z.enum(['append', 'replace']).default('append'),
    provider: name.default('local'),
  }),
  body: 'bytes',
  result: z.strictObject({
    run: z.string(),
    source: digest,
    bytes: count,
    problem: problem.optional(),
  }),
  limits: { bodyBytes: 4 * 1024 ** 3, timeoutMs: 30 * 60_000 },
});
