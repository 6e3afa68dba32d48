import * as z from 'zod';
import { contract } from '../contract.ts';
import { inWorkspace } from './permission.ts';
import { command, instant, name, readLimits } from './shapes.ts';

const need = z.strictObject({
  kind: z.enum(['failed', 'review', 'quarantine', 'refused', 'stale']),
  /** A technical name, shown in mono. */
  subject: z.string(),
  /** Facts that the console words in the reader's language. */
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
  at: instant,
  /** When it must be done, when it must. */
  dueAt: instant.optional(),
  /** Where the console goes, below `/{workspace}/{project}`. */
  link: z.string(),
  command,
});

const activity = z.strictObject({
  pipeline: name,
  runs: z.array(
    z.strictObject({
      run: z.string(),
      state: z.string(),
      startedAt: instant,
      endedAt: instant.optional(),
    }),
  ),
});

const stage = z.enum(['proposal', 'design', 'building', 'review', 'trial', 'launched', 'retired']);

export const readHome = contract({
  id: 'home.read',
  method: 'GET',
  path: '/api/v1/home',
  summary: 'What needs a person, the last 24 hours, and projects by stage',
  permission: inWorkspace('workspace.read'),
  result: z.strictObject({
    needs: z.array(need),
    activity: z.array(activity),
    projects: z.array(
      z.strictObject({
        name,
        title: z.string(),
        /** Absent where the project says none. */
        mediaKind: z.string().optional(),
        stage,
        state: z.string(),
        note: z.string(),
      }),
    ),
    counts: z.strictObject({
      runs: z.int(),
      failed: z.int(),
      endpoints: z.int(),
      endpointsWithinTarget: z.int(),
      tables: z.int(),
      models: z.int(),
    }),
    now: instant,
  }),
  limits: readLimits,
});
