import { listRuns, type RunSummary } from '@backlot/pipelines';
import { listModels, type Proposal } from '@backlot/registry';
import type { Endpoint } from '@backlot/serving';
import type * as z from 'zod';
import { readHome } from '../api/home.ts';
import { type Route, route } from '../route.ts';
import { isWithinTarget } from './endpoint-view.ts';
import { homeNeeds, type Need, waitingProposals } from './home-needs.ts';
import type { Services } from './services.ts';

type HomeShown = z.input<typeof readHome.result>;
type Project = HomeShown['projects'][number];

const dayMs = 86_400_000;

/** The first page: what needs a person, the last day, and the project's stage. */
export function homeRoutes(services: Services): readonly Route[] {
  const { metadata, io, endpoints, tables } = services;
  return [
    route(readHome, async ({ principal }): Promise<HomeShown> => {
      const { workspace } = principal;
      const now = io.clock.now();
      const waiting = await waitingProposals(services, workspace);
      const needs = await homeNeeds(services, principal, waiting);
      // 500 are as many as one list answers; a day rarely has more.
      const { runs } = await listRuns(metadata, principal, { limit: 500 });
      const today = runs.filter((run) => run.createdAt >= now - dayMs);
      const held = endpoints.list(workspace);
      const models = await listModels(metadata, workspace, { limit: 200 });
      return {
        ...{ needs, now, activity: activityOf(today) },
        projects: [projectView(services, { held, waiting, needs, today })],
        counts: {
          runs: today.length,
          failed: today.filter(({ state }) => state === 'failed').length,
          endpoints: held.length,
          endpointsWithinTarget: held.filter(isWithinTarget).length,
          ...{ tables: tables.length, models: models.items.length },
        },
      };
    }),
  ];
}

/** Runs by pipeline, oldest first, as a day's line shows them. */
function activityOf(today: readonly RunSummary[]): HomeShown['activity'] {
  const byPipeline = Map.groupBy([...today].reverse(), ({ pipeline }) => pipeline);
  return [...byPipeline]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([pipeline, runs]) => ({
      pipeline,
      runs: runs.map(({ id, state, startedAt, createdAt, endedAt }) => ({
        ...{ run: id, state, startedAt: startedAt ?? createdAt },
        ...(endedAt !== undefined && { endedAt }),
      })),
    }));
}

interface ProjectState {
  readonly held: readonly Endpoint[];
  readonly waiting: readonly Proposal[];
  readonly needs: readonly Need[];
  readonly today: readonly RunSummary[];
}

/** Launched once an endpoint serves; before that in review while a proposal waits. */
function projectView({ project }: Services, state: ProjectState): Project {
  const serving = state.held.find((endpoint) => endpoint.state !== 'stopped');
  const [proposal] = state.waiting;
  const stage = serving ? 'launched' : proposal ? 'review' : 'building';
  const version = serving?.loaded ?? proposal;
  return {
    ...{ name: project.name, title: project.title, stage },
    ...(project.mediaKind !== undefined && { mediaKind: project.mediaKind }),
    state: signOf(state),
    note: version ? `${version.model} v${version.version}` : '',
  };
}

/** The gravest thing first. */
function signOf({ held, waiting, needs, today }: ProjectState): string {
  if (needs.some(({ kind }) => kind === 'failed' || kind === 'refused')) return 'fail';
  if (needs.some(({ kind }) => kind === 'quarantine')) return 'warn';
  if (held.some(({ state }) => state === 'degraded')) return 'warn';
  if (today.some(({ endedAt }) => endedAt === undefined)) return 'run';
  if (waiting.length > 0) return 'wait';
  return held.some(({ state }) => state === 'serving') ? 'ok' : 'idle';
}
