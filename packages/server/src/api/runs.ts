import * as z from 'zod';
import { contract } from '../contract.ts';
import { inWorkspace, ofParam } from './permission.ts';
import {
  command,
  count,
  digest,
  instant,
  json,
  name,
  next,
  page,
  problem,
  readLimits,
  smallLimits,
} from './shapes.ts';

export const taskState = z.enum([
  'queued',
  'leased',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
  'upstream_failed',
]);
export const runState = z.enum([
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelling',
  'cancelled',
]);

export const artifactView = z.strictObject({
  name: z.string(),
  kind: z.string(),
  digest,
  bytes: count,
});

export const progressView = z.strictObject({
  done: z.number(),
  total: z.number().optional(),
  unit: z.string(),
  /** Units a second. */
  rate: z.number().optional(),
  /** What the work makes smaller: now, and how it went, oldest first. */
  loss: z.number().optional(),
  losses: z.array(z.strictObject({ done: z.number(), loss: z.number() })).optional(),
});

export const attemptView = z.strictObject({
  attempt: count,
  state: z.string(),
  startedAt: instant.optional(),
  endedAt: instant.optional(),
  /** Bytes, the largest resident set seen. */
  peakMemory: count.optional(),
  error: problem.optional(),
});

export const taskView = z.strictObject({
  id: z.string(),
  task: name,
  state: taskState,
  upstream: z.array(z.string()),
  attempt: count,
  attempts: z.array(attemptView),
  startedAt: instant.optional(),
  endedAt: instant.optional(),
  progress: progressView.optional(),
  cache: z.strictObject({ hit: z.boolean(), reason: z.string() }).optional(),
  parameters: json,
  inputs: z.array(artifactView),
  outputs: z.array(artifactView),
  metrics: z.record(z.string(), z.number()).optional(),
});

export const runSummary = z.strictObject({
  id: z.string(),
  pipeline: name,
  plan: digest,
  state: runState,
  by: z.string(),
  createdAt: instant,
  startedAt: instant.optional(),
  endedAt: instant.optional(),
  tasks: count,
  done: count,
  error: problem.optional(),
});

export const runView = runSummary.extend({
  parameters: json,
  taskViews: z.array(taskView),
  /** What to type to go on after a failure. */
  resume: command.optional(),
});

export const listPipelines = contract({
  id: 'pipelines.list',
  method: 'GET',
  path: '/api/v1/pipelines',
  summary: 'The pipelines of this project',
  permission: inWorkspace('pipeline.read'),
  result: z.strictObject({
    pipelines: z.array(
      z.strictObject({
        name,
        plan: digest.optional(),
        tasks: z.array(
          z.strictObject({ id: z.string(), task: name, upstream: z.array(z.string()) }),
        ),
        lastRun: runSummary.optional(),
        /** When it runs by itself, on the wall clock of a zone. */
        schedule: z
          .strictObject({ expression: z.string(), zone: z.string(), next: instant })
          .optional(),
      }),
    ),
  }),
  limits: readLimits,
});

export const startRun = contract({
  id: 'runs.start',
  method: 'POST',
  path: '/api/v1/pipelines/:pipeline/runs',
  summary: 'Start a run of a pipeline',
  permission: inWorkspace('run.start'),
  params: z.strictObject({ pipeline: name }),
  body: z.strictObject({ parameters: z.record(z.string(), json).default({}) }),
  result: z.strictObject({ run: z.string() }),
  limits: smallLimits,
});

export const startBackfill = contract({
  id: 'backfills.start',
  method: 'POST',
  path: '/api/v1/pipelines/:pipeline/backfills',
  summary: 'Run a pipeline for the times of its schedule from one moment to before another',
  permission: inWorkspace('run.start'),
  params: z.strictObject({ pipeline: name }),
  body: z.strictObject({
    from: instant,
    until: instant,
    /** For times that have a run already, too. */
    again: z.boolean().default(false),
    priority: z.int().min(-100).max(100).default(-1),
    /** Only says what would run. */
    dryRun: z.boolean().default(false),
  }),
  result: z.strictObject({
    times: z.array(instant),
    /** Times that are left out, since they have a run. */
    done: z.array(instant),
    backfill: z.string().optional(),
  }),
  limits: { ...smallLimits, timeoutMs: 60_000 },
});

const backfillParams = z.strictObject({ backfill: z.string().length(20) });

export const readBackfill = contract({
  id: 'backfills.read',
  method: 'GET',
  path: '/api/v1/backfills/:backfill',
  summary: 'A backfill with where each of its runs stands',
  permission: inWorkspace('run.read'),
  params: backfillParams,
  result: z.strictObject({
    id: z.string(),
    pipeline: name,
    from: instant,
    until: instant,
    priority: z.int(),
    by: z.string(),
    createdAt: instant,
    runs: z.array(z.strictObject({ time: instant, run: z.string(), state: runState })),
  }),
  limits: readLimits,
});

export const cancelBackfill = contract({
  id: 'backfills.cancel',
  method: 'POST',
  path: '/api/v1/backfills/:backfill/cancel',
  summary: 'Cancel the runs of a backfill that have not ended',
  permission: inWorkspace('run.cancel'),
  params: backfillParams,
  body: z.strictObject({}),
  result: z.strictObject({ cancelled: count }),
  limits: { ...smallLimits, timeoutMs: 60_000 },
});

export const listRuns = contract({
  id: 'runs.list',
  method: 'GET',
  path: '/api/v1/runs',
  summary: 'Runs, newest first',
  permission: inWorkspace('run.read'),
  query: z.strictObject({ ...page, pipeline: name.optional(), state: runState.optional() }),
  result: z.strictObject({ runs: z.array(runSummary), next }),
  limits: readLimits,
});

const runParams = z.strictObject({ run: z.string().min(4).max(40) });

export const readRun = contract({
  id: 'runs.read',
  method: 'GET',
  path: '/api/v1/runs/:run',
  summary: 'A run with its tasks; any unique beginning of its id will do',
  permission: ofParam('run.read', 'run'),
  params: runParams,
  result: runView,
  limits: readLimits,
});

export const watchRun = contract({
  id: 'runs.watch',
  method: 'GET',
  path: '/api/v1/runs/:run/events',
  summary: 'The run as it changes: one event with the whole run at each change',
  permission: ofParam('run.read', 'run'),
  params: runParams,
  stream: 'events',
  result: runView,
  limits: { bodyBytes: 0, timeoutMs: 6 * 3600_000 },
});

export const cancelRun = contract({
  id: 'runs.cancel',
  method: 'POST',
  path: '/api/v1/runs/:run/cancel',
  summary: 'Cancel a run: its processes end, what is done stays',
  permission: ofParam('run.cancel', 'run'),
  params: runParams,
  body: z.strictObject({}),
  result: runSummary,
  limits: smallLimits,
});

export const resumeRun = contract({
  id: 'runs.resume',
  method: 'POST',
  path: '/api/v1/runs/:run/resume',
  summary: 'Go on from the tasks that failed',
  permission: ofParam('run.resume', 'run'),
  params: runParams,
  body: z.strictObject({}),
  result: runSummary,
  limits: smallLimits,
});

export const readTaskLog = contract({
  id: 'runs.log',
  method: 'GET',
  path: '/api/v1/runs/:run/tasks/:task/log',
  summary: 'The log of an attempt, from a byte on',
  permission: ofParam('run.read', 'run'),
  params: z.strictObject({ run: z.string().min(4).max(40), task: z.string().max(130) }),
  query: z.strictObject({
    attempt: z.coerce.number().int().min(1).optional(),
    from: z.coerce.number().int().min(0).default(0),
  }),
  result: z.strictObject({ attempt: count, text: z.string(), next: count, ended: z.boolean() }),
  limits: readLimits,
});
