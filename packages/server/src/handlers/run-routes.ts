import type { Principal } from '@backlot/access';
import {
  BadParameters,
  findRun,
  listRuns,
  nextTime,
  type Pipeline,
  type Plan,
  plan,
  planDigest,
  type RunDetail,
  runDetail,
  taskLog,
} from '@backlot/pipelines';
import type * as z from 'zod';
import * as runs from '../api/runs.ts';
import type { StreamEvent } from '../contract.ts';
import { type Route, route } from '../route.ts';
import { runSummary, runView } from './run-view.ts';
import type { Services } from './services.ts';

type Tenant = Pick<Principal, 'workspace'>;

/** Pipelines and their runs: to start, to watch, to cancel and to go on with. */
export function runRoutes(services: Services): readonly Route[] {
  const { metadata, scheduler, io, home } = services;
  return [
    route(runs.listPipelines, async ({ principal }) => ({
      pipelines: await Promise.all(
        services.definitions.pipelines.map((one) => pipelineView(services, principal, one)),
      ),
    })),
    route(runs.startRun, async ({ principal, params, body }) => ({
      run: await scheduler.startRun(principal, {
        pipeline: params.pipeline,
        parameters: body.parameters,
      }),
    })),
    route(runs.listRuns, async ({ principal, query }) => {
      const { limit, after, pipeline, state } = query;
      const found = await listRuns(metadata, principal, {
        limit,
        ...(after !== undefined && { after }),
        ...(pipeline !== undefined && { pipeline }),
        ...(state !== undefined && { state }),
      });
      return {
        runs: found.runs.map(runSummary),
        ...(found.next !== undefined && { next: found.next }),
      };
    }),
    route(runs.readRun, async ({ principal, params }) =>
      runView(await detailOf(services, principal, params.run)),
    ),
    route(runs.watchRun, async ({ principal, params, request }) => {
      // An unknown run is refused here, while the answer can still say so.
      const { id } = await findRun(metadata, principal, params.run);
      return watchRun(services, principal, id, request.signal);
    }),
    route(runs.cancelRun, async ({ principal, params }) => {
      const { id } = await findRun(metadata, principal, params.run);
      await scheduler.cancelRun(principal, id);
      return runSummary(await detailOf(services, principal, id));
    }),
    route(runs.resumeRun, async ({ principal, params }) => {
      const { id } = await findRun(metadata, principal, params.run);
      await scheduler.resumeRun(principal, id);
      return runSummary(await detailOf(services, principal, id));
    }),
    route(runs.readTaskLog, async ({ principal, params, query }) => {
      const { id } = await findRun(metadata, principal, params.run);
      return taskLog({ reader: metadata, files: io.files, home }, principal, {
        ...{ run: id, node: params.task, from: query.from },
        ...(query.attempt !== undefined && { attempt: query.attempt }),
      });
    }),
  ];
}

function detailOf(services: Services, principal: Tenant, run: string): Promise<RunDetail> {
  return runDetail(services.metadata, principal, run, services.scheduler.progress);
}

async function pipelineView(
  { metadata, io }: Services,
  principal: Tenant,
  pipeline: Pipeline,
): Promise<z.input<typeof runs.listPipelines.result>['pipelines'][number]> {
  const { schedule } = pipeline;
  const found = planWithDefaults(pipeline);
  const last = (await listRuns(metadata, principal, { pipeline: pipeline.name, limit: 1 })).runs[0];
  return {
    name: pipeline.name,
    ...(found && { plan: planDigest(found) }),
    tasks: (found?.nodes ?? []).map(({ id, task, inputs }) => ({
      ...{ id, task },
      upstream: upstreamOf(inputs),
    })),
    ...(last && { lastRun: runSummary(last) }),
    ...(schedule && {
      schedule: {
        ...{ expression: schedule.expression, zone: schedule.zone },
        next: nextTime(schedule, io.clock.now()),
      },
    }),
  };
}

function upstreamOf(inputs: Plan['nodes'][number]['inputs']): string[] {
  const origins = Object.values(inputs);
  return [...new Set(origins.flatMap((origin) => ('node' in origin ? [origin.node] : [])))];
}

/** A pipeline that needs parameters has no plan before it is given them. */
function planWithDefaults(pipeline: Pipeline): Plan | undefined {
  try {
    return plan(pipeline);
  } catch (error) {
    if (error instanceof BadParameters) return undefined;
    throw error;
  }
}

type RunEvent = StreamEvent<ReturnType<typeof runView>>;

/** Five views a second are as many as a person can follow. */
const restMs = 200;
/** A change that another process wrote is not told here, so the rows are looked at now and then. */
const lookMs = 2_000;

/** The whole run at each change, until it has ended or the reader has left. */
async function* watchRun(
  services: Services,
  principal: Tenant,
  run: string,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  const { clock } = services.io;
  let told = '';
  while (!signal.aborted) {
    const change = nextChange(services, signal);
    try {
      const data = runView(await detailOf(services, principal, run));
      const text = JSON.stringify(data);
      if (text !== told) yield { data };
      told = text;
      if (hasEnded(data.state)) return;
      await change.happened;
    } finally {
      change.forget();
    }
    await clock.sleep(restMs, signal);
  }
}

function hasEnded(state: RunDetail['state']): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** Begins to listen before the run is read, so that no change falls between. */
function nextChange(
  { scheduler, io }: Services,
  signal: AbortSignal,
): { readonly happened: Promise<void>; readonly forget: () => void } {
  const enough = new AbortController();
  const ends = AbortSignal.any([signal, enough.signal]);
  const happened = Promise.race([scheduler.changes.next(ends), io.clock.sleep(lookMs, ends)]);
  return { happened, forget: () => enough.abort() };
}
