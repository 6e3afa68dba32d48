import * as z from 'zod';
import { contract } from '../contract.ts';
import { inWorkspace } from './permission.ts';
import { count, digest, smallLimits } from './shapes.ts';

export const backUp = contract({
  id: 'state.backup',
  method: 'POST',
  path: '/api/v1/state/backups',
  summary: 'Write a consistent copy of the state folder into its backups',
  permission: inWorkspace('state.backup'),
  body: z.strictObject({}),
  result: z.strictObject({
    name: z.string(),
    manifest: digest,
    objects: count,
    bytes: count,
    entries: count,
  }),
  limits: { ...smallLimits, timeoutMs: 30 * 60_000 },
});

export const collectGarbage = contract({
  id: 'state.collect',
  method: 'POST',
  path: '/api/v1/state/collections',
  summary: 'Remove the objects that nothing refers to',
  permission: inWorkspace('state.collect'),
  body: z.strictObject({ dryRun: z.boolean().default(false) }),
  result: z.strictObject({ kept: count, removed: count, bytes: count }),
  limits: { ...smallLimits, timeoutMs: 30 * 60_000 },
});
