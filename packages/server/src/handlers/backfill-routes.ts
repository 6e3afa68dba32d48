import { backfillView } from '@backlot/pipelines';
import * as runs from '../api/runs.ts';
import { type Route, route } from '../route.ts';
import type { Services } from './services.ts';

/** Backfills: to plan, to start, to look at, to cancel. */
export function backfillRoutes({ metadata, scheduler }: Services): readonly Route[] {
  return [
    route(runs.startBackfill, async ({ principal, params, body }) => {
      const { dryRun, ...rest } = body;
      const request = { ...rest, pipeline: params.pipeline };
      const { times, done } = await scheduler.planBackfill(principal, request);
      if (dryRun || times.length === 0) return { times: [...times], done: [...done] };
      const { id } = await scheduler.startBackfill(principal, request);
      return { times: [...times], done: [...done], backfill: id };
    }),
    route(runs.readBackfill, async ({ principal, params }) => {
      const found = await backfillView(metadata, principal, params.backfill);
      return { ...found, runs: found.runs.map((run) => ({ ...run })) };
    }),
    route(runs.cancelBackfill, async ({ principal, params }) => ({
      cancelled: await scheduler.cancelBackfill(principal, params.backfill),
    })),
  ];
}
