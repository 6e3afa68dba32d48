import { BacklotError, type Digest, digestOf, type Json } from '@backlot/core';
import type { Metadata, Transaction } from '@backlot/store';
import type { Actor } from '../catalogue/publish-snapshot.ts';
import { BadLineageEvent, LineageFull } from './lineage-error.ts';
import { nodeId } from './lineage-node.ts';
import { type ParsedEvent, parseEvent } from './parse-event.ts';
import { putLineage } from './put-lineage.ts';

/** What came of a batch of events; those that were there before count as taken. */
export interface Received {
  readonly taken: number;
  readonly refused: readonly { readonly index: number; readonly error: BacklotError }[];
}

/** Most events of a batch, and most jobs and data sets of a workspace. */
const most = { events: 1_000, nodes: 100_000 } as const;

/** So long is an event known again, in milliseconds. */
const rememberMs = 30 * 24 * 3_600_000;

/**
 * Takes events of OpenLineage that others send, each once: the same event again changes nothing.
 * Bad events of a batch are refused alone.
 *
 * @throws BadLineageEvent when there are more than a thousand
 * @throws LineageFull when the workspace holds as many jobs and data sets as it may
 */
export async function receiveEvents(
  metadata: Metadata,
  actor: Actor,
  events: readonly Json[],
  at: number,
): Promise<Received> {
  if (events.length > most.events) {
    throw new BadLineageEvent('batch', `a batch has at most ${most.events} events`);
  }
  const refused: { index: number; error: BacklotError }[] = [];
  const good: { readonly id: Digest; readonly event: ParsedEvent }[] = [];
  for (const [index, event] of events.entries()) {
    try {
      good.push({ event: parseEvent(event, actor.workspace), id: digestOf(event) });
    } catch (error) {
      if (!(error instanceof BacklotError)) throw error;
      refused.push({ index, error });
    }
  }
  if (good.length > 0) await metadata.write((tx) => store(tx, actor, good, at));
  return { taken: good.length, refused };
}

async function store(
  tx: Transaction,
  actor: Actor,
  good: readonly { readonly id: Digest; readonly event: ParsedEvent }[],
  at: number,
): Promise<void> {
  const { workspace } = actor;
  let added = 0;
  for (const { id, event: told } of good) {
    // A clock that goes ahead would outlast every later telling.
    const event = { ...told, at: Math.min(told.at, at) };
    const fresh = await tx.run(
      `INSERT INTO lineage_events (workspace, id, received_at) VALUES (?, ?, ?)
       ON CONFLICT (workspace, id) DO NOTHING`,
      ...[workspace, id, at],
    );
    if (fresh === 0) continue;
    added++;
    const state = event.run === undefined ? undefined : await putRun(tx, workspace, event);
    await putLineage(tx, workspace, {
      ...(event.job && { job: event.job }),
      ...{ inputs: event.inputs, outputs: event.outputs, external: true, at: event.at },
      ...(state !== undefined && { state }),
    });
  }
  await tx.run(
    'DELETE FROM lineage_events WHERE workspace = ? AND received_at < ?',
    ...[workspace, at - rememberMs],
  );
  const nodes = await tx.get<{ count: number }>(
    'SELECT COUNT(*) AS count FROM lineage_nodes WHERE workspace = ?',
    workspace,
  );
  if ((nodes?.count ?? 0) > most.nodes) throw new LineageFull(most.nodes);
  await tx.record({
    ...{ workspace, actor: actor.id, action: 'lineage.receive', resource: 'lineage' },
    facts: { events: added, known: good.length - added },
  });
}

const ended = new Set(['COMPLETE', 'FAIL', 'ABORT']);

/** Moves a run; one that has ended is not begun again by an event that comes late. */
async function putRun(tx: Transaction, workspace: string, event: ParsedEvent): Promise<string> {
  const known = await tx.get<{ readonly state: string }>(
    'SELECT state FROM lineage_runs WHERE workspace = ? AND id = ?',
    ...[workspace, event.run!],
  );
  const told = event.state ?? 'OTHER';
  const stays = known !== undefined && (told === 'OTHER' || ended.has(known.state));
  const state = stays && !ended.has(told) ? known.state : told;
  await tx.run(
    `INSERT INTO lineage_runs (workspace, id, job, parent, state, event_at)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (workspace, id) DO UPDATE SET state = excluded.state,
       parent = COALESCE(excluded.parent, lineage_runs.parent), event_at = excluded.event_at`,
    ...[workspace, event.run!, nodeId('job', event.job!), event.parent ?? null, state, event.at],
  );
  return state;
}
