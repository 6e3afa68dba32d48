import type {
  AttemptView,
  NamedArtifact,
  RunDetail,
  RunSummary,
  TaskView,
} from '@backlot/pipelines';
import type * as z from 'zod';
import type * as runs from '../api/runs.ts';
import { shownJson } from './shown-json.ts';

type RunShown = z.input<typeof runs.runView>;
type SummaryShown = z.input<typeof runs.runSummary>;
type TaskShown = z.input<typeof runs.taskView>;

/** A run with its tasks, with exactly the fields that the contract names. */
export function runView(detail: RunDetail): RunShown {
  const stopped = detail.state === 'failed' || detail.state === 'cancelled';
  return {
    ...runSummary(detail),
    parameters: shownJson(detail.parameters),
    taskViews: detail.taskViews.map(taskView),
    ...(stopped && { resume: resumeCommand(detail.id) }),
  };
}

/** What to type to go on with a run that stopped. */
export function resumeCommand(run: string): string {
  return `backlot run --resume ${run}`;
}

/** A run as a list shows it. */
export function runSummary(run: RunSummary): SummaryShown {
  const { id, pipeline, plan, state, by, createdAt, tasks, done, error } = run;
  return {
    ...{ id, pipeline, plan, state, by, createdAt, tasks, done },
    ...times(run),
    ...(error && { error: { ...error } }),
  };
}

function taskView(view: TaskView): TaskShown {
  const { id, task, state, attempt, progress, cache, metrics } = view;
  return {
    ...{ id, task, state, attempt },
    ...times(view),
    upstream: [...view.upstream],
    attempts: view.attempts.map(attemptView),
    ...(progress && { progress: progressView(progress) }),
    ...(cache && { cache: { ...cache } }),
    parameters: shownJson(view.parameters),
    inputs: view.inputs.map(artifactView),
    outputs: view.outputs.map(artifactView),
    ...(metrics && { metrics: { ...metrics } }),
  };
}

/** A worker tells its progress: only numbers that JSON can say go on. */
function progressView({
  done,
  total,
  unit,
  rate,
  loss,
  losses,
}: NonNullable<TaskView['progress']>): NonNullable<TaskShown['progress']> {
  return {
    ...{ done, unit },
    ...(total !== undefined && { total }),
    ...(rate !== undefined && Number.isFinite(rate) && { rate }),
    ...(loss !== undefined && { loss }),
    ...(losses && { losses: losses.map(({ done: at, loss: was }) => ({ done: at, loss: was })) }),
  };
}

function attemptView(view: AttemptView): TaskShown['attempts'][number] {
  const { attempt, state, error } = view;
  return { attempt, state, ...times(view), ...(error && { error: { ...error } }) };
}

function artifactView({ name, kind, digest, bytes }: NamedArtifact): TaskShown['inputs'][number] {
  return { name, kind, digest, bytes };
}

function times({
  startedAt,
  endedAt,
}: {
  readonly startedAt?: number;
  readonly endedAt?: number;
}): { startedAt?: number; endedAt?: number } {
  return {
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
  };
}
