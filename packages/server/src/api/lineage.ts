import * as z from 'zod';
import { contract } from '../contract.ts';
import { inWorkspace } from './permission.ts';
import { count, digest, instant, json, problem, readLimits } from './shapes.ts';

/** Names that others give may be long; ids hold kind, namespace and name escaped. */
const nodeId = z.string().min(1).max(15_000);

const source = z.strictObject({
  dataset: nodeId,
  column: z.string(),
  type: z.enum(['DIRECT', 'INDIRECT']),
  subtype: z.string(),
  masking: z.boolean(),
});

const columnSources = z.strictObject({
  columns: z.record(z.string(), z.array(source)),
  /** Columns that decide which rows there are: they bear on all. */
  rows: z.array(source),
});

const steps = z.coerce.number().int().min(0).max(50);

export const readLineage = contract({
  id: 'lineage.read',
  method: 'GET',
  path: '/api/v1/lineage',
  summary: 'Jobs and data sets, and what is made from what',
  permission: inWorkspace('lineage.read'),
  query: z.strictObject({
    /** Where to begin; all nodes, newest first, without it. */
    node: nodeId.optional(),
    up: steps.default(4),
    down: steps.default(4),
    limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
    /** Whether columns are answered too. */
    columns: z.enum(['yes', 'no']).default('no'),
  }),
  result: z.strictObject({
    nodes: z.array(
      z.strictObject({
        id: nodeId,
        kind: z.enum(['dataset', 'job']),
        namespace: z.string(),
        name: z.string(),
        /** Whether others told of it. */
        external: z.boolean(),
        fields: z.array(z.strictObject({ name: z.string(), type: z.string().optional() })),
        state: z.string().optional(),
        at: instant,
      }),
    ),
    edges: z.array(
      z.strictObject({ source: nodeId, target: nodeId, columns: columnSources.optional() }),
    ),
    truncated: z.boolean(),
  }),
  limits: readLimits,
});

export const readMaking = contract({
  id: 'lineage.making',
  method: 'GET',
  path: '/api/v1/lineage/snapshots/:snapshot',
  summary: 'What made a snapshot',
  permission: inWorkspace('lineage.read'),
  params: z.strictObject({ snapshot: digest }),
  result: z.strictObject({
    snapshot: digest,
    table: z.string(),
    kind: z.enum(['delivery', 'task']),
    job: z.string(),
    run: z.string().optional(),
    code: digest.optional(),
    relation: digest.optional(),
    delivery: z.string().optional(),
    inputs: z.record(z.string(), digest),
    at: instant,
  }),
  limits: readLimits,
});

/** What came of events, in the words of OpenLineage's transports. */
const received = z.strictObject({
  status: z.enum(['success', 'partial_success']),
  summary: z.strictObject({ received: count, successful: count, failed: count }),
  failed_events: z.array(
    z.strictObject({ index: count, reason: z.string(), retriable: z.boolean(), problem }),
  ),
});

export const sendLineage = contract({
  id: 'lineage.send',
  method: 'POST',
  path: '/api/v1/lineage',
  summary: 'Send an event of OpenLineage 2, or a list of them',
  permission: inWorkspace('lineage.send'),
  body: json,
  result: received,
  limits: { bodyBytes: 16 * 1024 ** 2, timeoutMs: 30_000 },
});

export const sendLineageBatch = contract({
  id: 'lineage.sendBatch',
  method: 'POST',
  path: '/api/v1/lineage/batch',
  summary: 'Send events of OpenLineage 2',
  permission: inWorkspace('lineage.send'),
  body: z.array(json).max(1_000),
  result: received,
  limits: { bodyBytes: 16 * 1024 ** 2, timeoutMs: 60_000 },
});
