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

/** Most events of a batch and what they say; most nodes and edges of a workspace. */
const most = { events: 1_000, said: 20_000, nodes: 100_000, edges: 400_000 } as const;

/** So many events are one transaction, so that a batch does not hold up all other work. */
const part = 50;

/** So many old runs and events are forgotten at a time: more than one batch adds. */
const forgotten = 2_000;

/** So long is an event known again, in milliseconds. */
const rememberMs = 30 * 24 * 3_600_000;

/**
 * Takes events of OpenLineage that others send, each once: the same event again changes nothing.
 * Bad events of a batch are refused alone. Parts of a batch that were stored stay when a later part
 * fails: sent again, they change nothing.
 *
 * @throws BadLineageEvent when there are more than a thousand, or they say too much
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
  let said = 0;
  for (const [index, event] of events.entries()) {
    if (index % part === part - 1) await othersTurn();
    try {
      const parsed = parseEvent(event, actor.workspace);
      said += saidBy(parsed);
      if (said <= most.said) good.push({ event: parsed, id: digestOf(event) });
    } catch (error) {
      if (!(error instanceof BacklotError)) throw error;
      refused.push({ index, error });
    }
    if (said > most.said) {
      const limit = `at most ${most.said} data sets and sources of columns are taken at a time`;
      throw new BadLineageEvent('batch', limit);
    }
  }
  for (let from = 0; from < good.length; from += part) {
    await metadata.write((tx) => store(tx, actor, good.slice(from, from + part), at));
    await othersTurn();
  }
  return { taken: good.length, refused };
}

/** Statements of an embedded engine end before anything else can run. */
function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function saidBy({ inputs, outputs }: ParsedEvent): number {
  const sources = [...inputs, ...outputs].flatMap((each) => each.sources ?? []);
  const told = sources.flatMap(({ columns, rows }) => [...Object.values(columns), rows]);
  return told.reduce((sum, { length }) => sum + length, inputs.length + outputs.length);
}

async function store(
  tx: Transaction,
  actor: Actor,
  good: readonly { readonly id: Digest; readonly event: ParsedEvent }[],
  at: number,
): Promise<void> {
  const { workspace } = actor;
  const room = await roomOf(tx, workspace);
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
    const { nodes, edges } = await putLineage(tx, workspace, {
      ...(event.job && { job: event.job }),
      ...{ inputs: event.inputs, outputs: event.outputs, external: true, at: event.at },
      ...(state !== undefined && { state }),
    });
    room.nodes -= nodes;
    room.edges -= edges;
    if (Math.min(room.nodes, room.edges) < 0) throw new LineageFull(most.nodes, most.edges);
  }
  await forget(tx, workspace, at - rememberMs);
  await tx.record({
    ...{ workspace, actor: actor.id, action: 'lineage.receive', resource: 'lineage' },
    facts: { events: added, known: good.length - added },
  });
}

/** How many more nodes and edges are taken. */
async function roomOf(tx: Transaction, workspace: string) {
  const count = async (table: 'lineage_nodes' | 'lineage_edges'): Promise<number> => {
    const sql = `SELECT COUNT(*) AS count FROM ${table} WHERE workspace = ?`;
    return (await tx.get<{ count: number }>(sql, workspace))?.count ?? 0;
  };
  return {
    nodes: Math.max(0, most.nodes - (await count('lineage_nodes'))),
    edges: Math.max(0, most.edges - (await count('lineage_edges'))),
  };
}

async function forget(tx: Transaction, workspace: string, before: number): Promise<void> {
  for (const [table, time] of [
    ['lineage_events', 'received_at'],
    ['lineage_runs', 'event_at'],
  ]) {
    await tx.run(
      `DELETE FROM ${table} WHERE workspace = ? AND id IN (
         SELECT id FROM ${table} WHERE workspace = ? AND ${time} < ? LIMIT ${forgotten})`,
      ...[workspace, workspace, before],
    );
  }
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
