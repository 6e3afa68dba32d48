import { type Clock, digestOf } from '@backlot/core';
import type { Metadata, Reader, Transaction } from '@backlot/store';
import type { Actor } from '../catalogue/publish-snapshot.ts';
import type { OpenLineageEvent } from './open-lineage.ts';

/** Most events that wait at once; whoever has more waits with them. */
export const outboxLimit = 10_000;

/** How many events still wait to be sent. */
export async function outboxSize(reader: Reader, workspace: string): Promise<number> {
  const row = await reader.get<{ count: number }>(
    'SELECT COUNT(*) AS count FROM lineage_outbox WHERE workspace = ? AND refused IS NULL',
    workspace,
  );
  return row?.count ?? 0;
}

/** Lays events out to be sent, in their order; the same event waits once. */
export async function enqueueEvents(
  tx: Transaction,
  actor: Actor,
  events: readonly OpenLineageEvent[],
  at: number,
): Promise<void> {
  const { workspace } = actor;
  const last = await tx.get<{ sequence: number | null }>(
    'SELECT MAX(sequence) AS sequence FROM lineage_outbox WHERE workspace = ?',
    workspace,
  );
  let sequence = last?.sequence ?? 0;
  for (const event of events) {
    const body = JSON.stringify(event);
    await tx.run(
      `INSERT INTO lineage_outbox (workspace, id, sequence, body, attempts, due_at, refused)
       VALUES (?, ?, ?, ?, 0, ?, NULL) ON CONFLICT (workspace, id) DO NOTHING`,
      ...[workspace, digestOf(JSON.parse(body)), ++sequence, body, at],
    );
  }
  await tx.record({
    ...{ workspace, actor: actor.id, action: 'lineage.enqueue', resource: 'lineage' },
    facts: { events: events.length },
  });
}

export interface OutboxOptions {
  readonly metadata: Metadata;
  readonly actor: Actor;
  readonly clock: Clock;
  /** Where events go, such as `https://lineage.example.com/api/v1/lineage`. */
  readonly url: string;
  /** What goes with each request, such as a credential; never logged. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly id: string;
  readonly body: string;
  readonly attempts: number;
}

const batch = 100;
const timeoutMs = 10_000;
const backoff = { firstMs: 1_000, mostMs: 600_000 } as const;
/** Refused events are kept to be looked at, the newest so many. */
const refusedKept = 1_000;

/**
 * Sends what is due, in order; answers how many went. One that cannot be sent now holds up those
 * after it and is tried again later, less and less often; one that the other side refuses for good
 * is put aside. Each is sent at least once: the other side knows an event again by its run and time.
 */
export async function sendOutbox(options: OutboxOptions): Promise<number> {
  const { metadata, actor, clock } = options;
  const first = await metadata.get<{ due_at: number }>(
    `SELECT due_at FROM lineage_outbox WHERE workspace = ? AND refused IS NULL
     ORDER BY sequence LIMIT 1`,
    actor.workspace,
  );
  if (!first || first.due_at > clock.now()) return 0;
  const waiting = await metadata.all<Waiting>(
    `SELECT id, body, attempts FROM lineage_outbox WHERE workspace = ? AND refused IS NULL
     ORDER BY sequence LIMIT ?`,
    ...[actor.workspace, batch],
  );
  const outcomes: { readonly waiting: Waiting; readonly answer: Answer }[] = [];
  for (const each of waiting) {
    if (options.signal?.aborted) break;
    const answer = await post(options, each.body);
    outcomes.push({ waiting: each, answer });
    if (answer === 'later') break;
  }
  if (outcomes.length > 0) await metadata.write((tx) => settle(tx, options, outcomes));
  return outcomes.filter(({ answer }) => answer === 'sent').length;
}

/** The status by which an event was refused for good, when it is none of the two words. */
type Answer = 'sent' | 'later' | { readonly refused: number };

async function post(options: OutboxOptions, body: string): Promise<Answer> {
  const { url, headers, signal } = options;
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await options.fetch(url, {
      ...{ method: 'POST', body, redirect: 'error' },
      headers: { 'content-type': 'application/json', ...headers },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    await answer.body?.cancel();
    if (answer.ok) return 'sent';
    // A credential may be mended, a busy server may recover: those wait. A bad event stays bad.
    const mendable = [401, 403, 404, 408, 425, 429].includes(answer.status);
    return answer.status >= 500 || mendable ? 'later' : { refused: answer.status };
  } catch {
    // Whatever cut the connection, the event stands in the outbox and is sent again.
    return 'later';
  }
}

async function settle(
  tx: Transaction,
  { actor, clock }: OutboxOptions,
  outcomes: readonly { readonly waiting: Waiting; readonly answer: Answer }[],
): Promise<void> {
  const { workspace } = actor;
  const counts = { sent: 0, later: 0, refused: 0 };
  for (const { waiting, answer } of outcomes) {
    const { id, attempts } = waiting;
    if (answer === 'sent') {
      counts.sent++;
      await tx.run('DELETE FROM lineage_outbox WHERE workspace = ? AND id = ?', workspace, id);
      continue;
    }
    const later = answer === 'later';
    counts[later ? 'later' : 'refused']++;
    const delay = Math.min(backoff.mostMs, backoff.firstMs * 2 ** Math.min(attempts, 20));
    await tx.run(
      `UPDATE lineage_outbox SET attempts = ?, due_at = ?, refused = ?
       WHERE workspace = ? AND id = ?`,
      ...[attempts + 1, clock.now() + delay, later ? null : `status ${answer.refused}`],
      ...[workspace, id],
    );
  }
  await tx.run(
    `DELETE FROM lineage_outbox WHERE workspace = ? AND refused IS NOT NULL AND id NOT IN (
       SELECT id FROM lineage_outbox WHERE workspace = ? AND refused IS NOT NULL
       ORDER BY sequence DESC LIMIT ?)`,
    ...[workspace, workspace, refusedKept],
  );
  await tx.record({
    ...{ workspace, actor: actor.id, action: 'lineage.send', resource: 'lineage', facts: counts },
  });
}
