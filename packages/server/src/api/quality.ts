import * as z from 'zod';
import { contract } from '../contract.ts';
import { inWorkspace, ofParam } from './permission.ts';
import { count, digest, instant, name, smallLimits } from './shapes.ts';

/** What checking one quality rule found. */
export const ruleResult = z.strictObject({
  rule: z.string(),
  kind: z.string(),
  columns: z.array(z.string()),
  severity: z.enum(['block', 'warn']),
  passed: z.boolean(),
  checked: count,
  failing: count,
  /** Places of the first bad rows among all, sorted by the table's columns in order; from 1. */
  sample: z.array(count),
  measured: z.record(z.string(), z.number()).optional(),
  note: z.string().optional(),
});

/** Checks the current snapshot of a table; with a reason it may be read although it breaks rules. */
export const checkTable = contract({
  id: 'tables.check',
  method: 'POST',
  path: '/api/v1/tables/:table/check',
  summary: 'Check the quality rules of a table on its current snapshot',
  permission: ofParam('table.define', 'table'),
  params: z.strictObject({ table: name }),
  body: z.strictObject({ override: z.string().min(1).max(1_000).optional() }),
  result: z.strictObject({
    table: name,
    snapshot: digest,
    engine: z.enum(['duckdb', 'spark']),
    rules: digest,
    at: instant,
    passed: z.boolean(),
    results: z.array(ruleResult),
    override: z.strictObject({ actor: z.string(), reason: z.string(), at: instant }).optional(),
  }),
  limits: { bodyBytes: 16 * 1024, timeoutMs: 30 * 60_000 },
});

/** Asks in SQL, for a purpose; each table that is named has to allow it, and so do the policies. */
export const queryTables = contract({
  id: 'tables.query',
  method: 'POST',
  path: '/api/v1/query',
  summary: 'One SELECT over the current snapshots of tables, without personal columns',
  permission: inWorkspace('table.describe'),
  body: z.strictObject({
    sql: z.string().min(1).max(20_000),
    purpose: z.string().max(40),
    limit: z.int().min(1).max(10_000).default(100),
  }),
  result: z.strictObject({
    columns: z.array(z.string()),
    rows: z.array(z.array(z.json())),
    /** Whether there were more rows. */
    cut: z.boolean(),
    tables: z.array(z.string()),
  }),
  limits: smallLimits,
});
