import {
  latestCheckpoint,
  leafHash,
  ledgerEntryBytes,
  ledgerRoot,
  proveEntry,
  readLedger,
  storedCheckpoints,
  storedEntries,
  verifyLedger,
} from '@backlot/store';
import * as audit from '../api/audit.ts';
import { ServerError } from '../error.ts';
import { type Route, route } from '../route.ts';
import type { Services } from './services.ts';
import { shownJson } from './shown-json.ts';

type Checkpoint = NonNullable<Awaited<ReturnType<typeof latestCheckpoint>>>;

/** The ledger: to list, to prove an entry, to recompute as a whole. */
export function auditRoutes(services: Services): readonly Route[] {
  const { metadata } = services;
  return [
    route(audit.listAudit, async ({ principal, query }) => {
      const { limit, after, actor, action, resource } = query;
      const page = await readLedger(metadata, {
        ...{ workspace: principal.workspace, limit, from: positionOf(after) },
        filter: {
          ...(actor !== undefined && { actor }),
          ...(action !== undefined && { action }),
          ...(resource !== undefined && { resource }),
        },
      });
      const checkpoint = await latestCheckpoint(metadata);
      return {
        entries: page.entries.map((entry) => ({ ...entry, facts: shownJson(entry.facts) })),
        ...(page.next !== undefined && { next: String(page.next) }),
        size: (await ledgerRoot(metadata)).size,
        ...(checkpoint && { checkpoint: checkpointView(checkpoint) }),
      };
    }),
    route(audit.readAuditEntry, ({ principal, params }) =>
      entryView(services, principal.workspace, params.position),
    ),
    route(audit.verifyAudit, () => verify(services)),
  ];
}

function positionOf(after: string | undefined): number {
  const position = after === undefined ? Number.MAX_SAFE_INTEGER : Number(after);
  if (Number.isSafeInteger(position) && position >= 0) return position;
  throw new ServerError('invalidInput', 'after is the next of an earlier page', {
    place: 'query.after',
  });
}

function checkpointView({ size, root, at, signer, signature }: Checkpoint) {
  return { size, root, at, key: signer, signature };
}

/** An entry of the asker's workspace, with its proof once a checkpoint covers it. */
async function entryView({ metadata }: Services, workspace: string, position: number) {
  const { entries } = await readLedger(metadata, { workspace, from: position, limit: 1 });
  const entry = entries.find((found) => found.position === position);
  if (!entry) throw new ServerError('unknownRoute', 'there is no such entry here');
  const checkpoint = await latestCheckpoint(metadata);
  const proof = checkpoint && (await proveEntry(metadata, position, checkpoint));
  const bytes = ledgerEntryBytes(entry);
  return {
    entry: { ...entry, facts: shownJson(entry.facts) },
    bytes: Buffer.from(bytes).toString(),
    leaf: Buffer.from(leafHash(bytes)).toString('hex'),
    ...(checkpoint &&
      proof && {
        proof: { size: checkpoint.size, root: checkpoint.root, path: [...proof.path] },
        checkpoint: checkpointView(checkpoint),
      }),
  };
}

/** Signs what stands, then recomputes all of it with the verifier that shares nothing with the writer. */
async function verify(services: Services) {
  const { metadata, io } = services;
  const begun = io.clock.monotonic();
  await services.signCheckpoint();
  // Work goes on beside: the tree, read first, says how far this check goes.
  const tree = await ledgerRoot(metadata);
  const checkpoints = (await storedCheckpoints(metadata)).filter(({ size }) => size <= tree.size);
  const verdict = await verifyLedger({
    entries: firstOf(storedEntries(metadata), tree.size),
    checkpoints,
    trustedKeys: Object.values(services.ledgerKeys),
    tree,
  });
  const beyond = await entryBeyondTheTree(services);
  const ms = Math.round(io.clock.monotonic() - begun);
  const counts = { entries: tree.size, checkpoints: checkpoints.length, ms };
  if (verdict.ok && beyond === undefined) return { ok: true, root: verdict.root, ...counts };
  const firstBad = verdict.ok ? beyond : verdict.position;
  const reason = verdict.ok ? `entry ${beyond} was added beside the ledger` : verdict.reason;
  return {
    ok: false,
    root: tree.root,
    ...counts,
    ...(firstBad !== undefined && { firstBad }),
    reason,
  };
}

/** The position of an entry that the tree does not know: nobody who writes by the rules leaves one. */
async function entryBeyondTheTree({ metadata }: Services): Promise<number | undefined> {
  const last = await metadata.get<{ position: number | null }>(
    'SELECT MAX(position) AS position FROM ledger_entries',
  );
  // Read after the entries, so that one that was written meanwhile is in it.
  const { size } = await ledgerRoot(metadata);
  return last?.position != null && last.position >= size ? size : undefined;
}

async function* firstOf<T>(items: AsyncIterable<T>, count: number): AsyncIterable<T> {
  let taken = 0;
  for await (const item of items) {
    if (taken++ >= count) return;
    yield item;
  }
}
