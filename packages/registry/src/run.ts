import type { Principal } from '@backlot/access';
import { canonicalJson, type Digest, type Json, parseDigest, parseName } from '@backlot/core';
import type { Reader, Transaction } from '@backlot/store';
import { AlreadyRegistered, BadRegistration, NotRegistered } from './error.ts';
import { type Page, type PageRequest, pageOf, readPageRequest } from './page.ts';

export type RunStatus = 'running' | 'succeeded' | 'failed' | 'cancelled';

/** A tracked run: what was tried, on what, with which code, and what came of it. */
export interface Run {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly author: string;
  readonly parameters: Readonly<Record<string, Json>>;
  /** Facts about where it ran (node, lock digest, platform); never part of a model's digest. */
  readonly environment: Readonly<Record<string, Json>>;
  readonly code: Digest;
  /** Snapshot digests by the name of the input. */
  readonly data: Readonly<Record<string, Digest>>;
  readonly startedAt: number;
  readonly endedAt?: number;
}

export interface RunStart {
  /** The pipeline run's own identifier. */
  readonly id: string;
  readonly name: string;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly environment: Readonly<Record<string, Json>>;
  readonly code: Digest;
  readonly data: Readonly<Record<string, Digest>>;
  /** Milliseconds UTC. */
  readonly at: number;
}

/** One value of one metric; `step` counts from 0. */
export interface MetricPoint {
  readonly name: string;
  readonly step: number;
  readonly value: number;
  readonly at: number;
}

export interface RunArtifact {
  readonly name: string;
  readonly kind: string;
  readonly digest: Digest;
  readonly bytes: number;
}

const maxPoints = 10_000;
const metricName = /^[A-Za-z][\w.@/-]{0,119}$/;
const runId = /^[\w.:@-]{1,120}$/;

/** Starts a run. Starting the same run with the same facts again changes nothing. */
export async function startRun(
  tx: Transaction,
  principal: Principal,
  start: RunStart,
): Promise<Run> {
  if (!runId.test(start.id))
    throw new BadRegistration('the run id holds other than A-Z 0-9 . : @ _ -');
  const { workspace, project } = principal;
  const facts = [
    parseName(start.name, 'run'),
    canonicalJson(start.parameters),
    canonicalJson(start.environment),
    parseDigest(start.code),
    canonicalJson(start.data),
  ] as const;
  const known = await tx.get<RunRow>(selectRun, workspace, start.id);
  if (known) return sameRun(known, facts);
  await tx.run(
    `INSERT INTO runs (workspace, id, project, name, status, author, parameters, environment, code,
       data, started_at) VALUES (?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, ?)`,
    ...[workspace, start.id, project, facts[0], principal.id, ...facts.slice(1), start.at],
  );
  await record(tx, principal, 'run.start', start.id, { code: start.code, data: start.data });
  return getRun(tx, workspace, start.id);
}

function sameRun(row: RunRow, facts: readonly string[]): Run {
  const stored = [row.name, row.parameters, row.environment, row.code, row.data];
  if (stored.some((text, index) => text !== facts[index]))
    throw new AlreadyRegistered(`run ${row.id}`);
  return toRun(row);
}

/**
 * Adds points of metrics, all or none, at most 10,000 at once. A point that is logged again with
 * the same value changes nothing; with another value it is refused, so that a retry cannot rewrite
 * history. NaN and infinities are refused, naming the point.
 */
export async function logMetrics(
  tx: Transaction,
  principal: Principal,
  run: string,
  points: readonly MetricPoint[],
): Promise<number> {
  if (points.length > maxPoints) {
    throw new BadRegistration(`${points.length} points at once, at most ${maxPoints} are allowed`);
  }
  await getRun(tx, principal.workspace, run);
  let added = 0;
  for (const point of points) added += await addPoint(tx, principal.workspace, run, point);
  if (added > 0) await record(tx, principal, 'run.log', run, { points: added });
  return added;
}

async function addPoint(
  tx: Transaction,
  workspace: string,
  run: string,
  { name, step, value, at }: MetricPoint,
): Promise<number> {
  if (!metricName.test(name))
    throw new BadRegistration('a metric name outside A-Z 0-9 . @ / _ -', name.slice(0, 40));
  if (!Number.isSafeInteger(step) || step < 0)
    throw new BadRegistration(`step ${step} of ${name}, a whole number from 0 is allowed`);
  if (!Number.isFinite(value))
    throw new BadRegistration(`${name} at step ${step} is ${value}, finite numbers are allowed`);
  const added = await tx.run(
    `INSERT INTO run_metrics (workspace, run, name, step, value, at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (workspace, run, name, step) DO NOTHING`,
    ...[workspace, run, name, step, value, at],
  );
  if (added === 1) return 1;
  const stored = await tx.get<{ value: number }>(
    'SELECT value FROM run_metrics WHERE workspace = ? AND run = ? AND name = ? AND step = ?',
    ...[workspace, run, name, step],
  );
  if (stored?.value !== value) throw new AlreadyRegistered(`step ${step} of metric ${name}`);
  return 0;
}

/** Names artifacts of a run by digest; the same again changes nothing. */
export async function addArtifacts(
  tx: Transaction,
  principal: Principal,
  run: string,
  artifacts: readonly RunArtifact[],
): Promise<void> {
  await getRun(tx, principal.workspace, run);
  let added = 0;
  for (const { name, kind, digest, bytes } of artifacts) {
    const values = [parseName(kind, 'artifact kind'), parseDigest(digest), bytes] as const;
    added += await tx.run(
      `INSERT INTO run_artifacts (workspace, run, name, kind, digest, bytes) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (workspace, run, name) DO NOTHING`,
      ...[principal.workspace, run, parseName(name, 'artifact'), ...values],
    );
    const stored = await tx.get<{ digest: string }>(
      'SELECT digest FROM run_artifacts WHERE workspace = ? AND run = ? AND name = ?',
      ...[principal.workspace, run, name],
    );
    if (stored?.digest !== digest) throw new AlreadyRegistered(`artifact ${name}`);
  }
  if (added > 0) await record(tx, principal, 'run.artifact', run, { artifacts: added });
}

/** Ends a run. Ending it again in the same way changes nothing. */
export async function finishRun(
  tx: Transaction,
  principal: Principal,
  run: string,
  status: Exclude<RunStatus, 'running'>,
  at: number,
): Promise<Run> {
  const moved = await tx.run(
    `UPDATE runs SET status = ?, ended_at = ? WHERE workspace = ? AND id = ? AND status = 'running'`,
    ...[status, at, principal.workspace, run],
  );
  if (moved === 1) await record(tx, principal, 'run.finish', run, { status });
  const found = await getRun(tx, principal.workspace, run);
  if (found.status !== status) throw new AlreadyRegistered(`the end of run ${run}`);
  return found;
}

export async function getRun(reader: Reader, workspace: string, id: string): Promise<Run> {
  const row = await reader.get<RunRow>(selectRun, workspace, id);
  if (!row) throw new NotRegistered('run of that id');
  return toRun(row);
}

/** Runs, newest first. */
export async function listRuns(
  reader: Reader,
  workspace: string,
  request: PageRequest = {},
): Promise<Page<Run>> {
  const { limit, after } = readPageRequest(request);
  const rows = await reader.all<RunRow>(
    `SELECT * FROM runs WHERE workspace = ? AND (started_at < ? OR (started_at = ? AND id < ?))
     ORDER BY started_at DESC, id DESC LIMIT ?`,
    ...[workspace, after.at, after.at, after.id, limit + 1],
  );
  return pageOf(rows.map(toRun), limit, (run) => ({ at: run.startedAt, id: run.id }));
}

/** A metric's points by step, from a step on; at most 10,000. */
export async function listMetrics(
  reader: Reader,
  workspace: string,
  run: string,
  { name, fromStep = 0 }: { readonly name?: string; readonly fromStep?: number } = {},
): Promise<readonly MetricPoint[]> {
  return name === undefined
    ? reader.all<MetricPoint>(
        `SELECT name, step, value, at FROM run_metrics WHERE workspace = ? AND run = ? AND step >= ?
         ORDER BY name, step LIMIT ${maxPoints}`,
        ...[workspace, run, fromStep],
      )
    : reader.all<MetricPoint>(
        `SELECT name, step, value, at FROM run_metrics
         WHERE workspace = ? AND run = ? AND name = ? AND step >= ?
         ORDER BY step LIMIT ${maxPoints}`,
        ...[workspace, run, name, fromStep],
      );
}

export function listArtifacts(
  reader: Reader,
  workspace: string,
  run: string,
): Promise<readonly RunArtifact[]> {
  return reader.all<RunArtifact>(
    'SELECT name, kind, digest, bytes FROM run_artifacts WHERE workspace = ? AND run = ? ORDER BY name',
    ...[workspace, run],
  );
}

const selectRun = 'SELECT * FROM runs WHERE workspace = ? AND id = ?';

interface RunRow {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly author: string;
  readonly parameters: string;
  readonly environment: string;
  readonly code: Digest;
  readonly data: string;
  readonly started_at: number;
  readonly ended_at: number | null;
}

function toRun(row: RunRow): Run {
  const { id, project, name, status, author, code } = row;
  return {
    ...{ id, project, name, status, author, code },
    parameters: JSON.parse(row.parameters),
    environment: JSON.parse(row.environment),
    data: JSON.parse(row.data),
    startedAt: row.started_at,
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
  };
}

async function record(
  tx: Transaction,
  principal: Principal,
  action: string,
  run: string,
  facts: Json,
): Promise<void> {
  const { workspace, id: actor } = principal;
  await tx.record({ workspace, actor, action, resource: `run/${run}`, facts });
}
