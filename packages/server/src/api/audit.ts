import * as z from 'zod';
import { contract } from '../contract.ts';
import { inWorkspace } from './permission.ts';
import { count, instant, json, next, page, readLimits, smallLimits } from './shapes.ts';

export const entryView = z.strictObject({
  position: count,
  at: instant,
  workspace: z.string(),
  actor: z.string(),
  action: z.string(),
  resource: z.string(),
  facts: json,
});

export const checkpointView = z.strictObject({
  size: count,
  /** Hexadecimal. */
  root: z.string(),
  at: instant,
  key: z.string(),
  signature: z.string(),
});

export const listAudit = contract({
  id: 'audit.list',
  method: 'GET',
  path: '/api/v1/audit',
  summary: 'The ledger, newest first',
  permission: inWorkspace('audit.read'),
  query: z.strictObject({
    ...page,
    actor: z.string().max(100).optional(),
    action: z.string().max(100).optional(),
    resource: z.string().max(200).optional(),
  }),
  result: z.strictObject({
    entries: z.array(entryView),
    next,
    size: count,
    checkpoint: checkpointView.optional(),
  }),
  limits: readLimits,
});

export const readAuditEntry = contract({
  id: 'audit.entry',
  method: 'GET',
  path: '/api/v1/audit/:position',
  summary: 'An entry with the proof that the signed checkpoint includes it',
  permission: inWorkspace('audit.read'),
  params: z.strictObject({ position: z.coerce.number().int().min(0) }),
  result: z.strictObject({
    entry: entryView,
    /** The exact bytes that the leaf hashes, as text. */
    bytes: z.string(),
    leaf: z.string(),
    proof: z.strictObject({ size: count, root: z.string(), path: z.array(z.string()) }).optional(),
    checkpoint: checkpointView.optional(),
  }),
  limits: readLimits,
});

export const verifyAudit = contract({
  id: 'audit.verify',
  method: 'POST',
  path: '/api/v1/audit/verify',
  summary: 'Recompute the whole ledger and check its signed checkpoints',
  permission: inWorkspace('audit.verify'),
  body: z.strictObject({}),
  result: z.strictObject({
    ok: z.boolean(),
    entries: count,
    checkpoints: count,
    root: z.string(),
    firstBad: count.optional(),
    reason: z.string().optional(),
    ms: z.number(),
  }),
  limits: { ...smallLimits, timeoutMs: 120_000 },
});
