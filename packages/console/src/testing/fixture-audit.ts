import { createHash } from 'node:crypto';
import type { Audit, Checkpoint, Entry, EntryDetail } from '../api-types.ts';
import { digest, hourMs, minuteMs } from './fixture-basics.ts';

const acts: readonly (readonly [string, string, string])[] = [
  ['trial-scorecards', 'run.started', 'run 4be19c'],
  ['nadia', 'session.opened', 'session'],
  ['scheduler', 'task.failed', 'run 7f3a91c/evaluate/EG'],
  ['scheduler', 'run.started', 'run 7f3a91c'],
  ['rafa', 'read.refused', 'table plays'],
  ['deliveries', 'rows.quarantined', 'delivery d31c8'],
  ['halcyon-tv', 'delivery.accepted', 'delivery d31c8'],
  ['tarek', 'version.approved', 'model als-film/13'],
  ['imke', 'version.proposed', 'model als-film/14'],
  ['scheduler', 'run.succeeded', 'run d903aa1'],
  ['deliveries', 'snapshot.published', 'table films'],
  ['tarek', 'endpoint.deployed', 'endpoint film-recommend'],
];

const size = 64;
const sha = (...parts: readonly Buffer[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();
const nodeHash = (left: Buffer, right: Buffer): Buffer => sha(Buffer.of(1), left, right);

/** A whole small ledger with a true Merkle tree, so that proofs can be checked. */
export function ledger(now: number) {
  const entries = Array.from({ length: size }, (_, position): Entry => {
    const [actor, action, resource] = acts[(size - 1 - position) % acts.length]!;
    return {
      position,
      at: now - (size - position) * 47 * minuteMs + hourMs / 2,
      workspace: 'lumen-media',
      actor,
      action,
      resource,
      facts: { commitment: digest(`c${position}`).slice(7, 27) },
    };
  });
  const bytes = entries.map((entry) => JSON.stringify(entry));
  const leaves = bytes.map((text) => sha(Buffer.of(0), Buffer.from(text)));
  const levels = [leaves];
  while (levels.at(-1)!.length > 1) {
    const below = levels.at(-1)!;
    levels.push(
      Array.from({ length: below.length / 2 }, (_, at) =>
        nodeHash(below[2 * at]!, below[2 * at + 1]!),
      ),
    );
  }
  const root = levels.at(-1)![0]!.toString('hex');
  const checkpoint: Checkpoint = {
    size,
    root,
    at: now - 4 * minuteMs,
    key: 'key-9c2e4a',
    signature: 'c2lnbmVk',
  };
  return {
    list(query: URLSearchParams): Audit {
      const fits = (key: 'actor' | 'action' | 'resource', entry: Entry): boolean =>
        entry[key].includes(query.get(key) ?? '');
      const before = Number(query.get('after') ?? size);
      const found = entries
        .toReversed()
        .filter((entry) => entry.position < before)
        .filter(
          (entry) => fits('actor', entry) && fits('action', entry) && fits('resource', entry),
        );
      const page = found.slice(0, 50);
      return {
        entries: page,
        size,
        checkpoint,
        ...(found.length > 50 && { next: String(page.at(-1)!.position) }),
      };
    },
    entry(position: number): EntryDetail | undefined {
      const entry = entries[position];
      if (entry === undefined) return undefined;
      let at = position;
      const path = levels.slice(0, -1).map((level) => {
        const sibling = level[at % 2 === 0 ? at + 1 : at - 1]!.toString('hex');
        at = Math.floor(at / 2);
        return sibling;
      });
      return {
        entry,
        bytes: bytes[position]!,
        leaf: leaves[position]!.toString('hex'),
        proof: { size, root, path },
        checkpoint,
      };
    },
    verification: { ok: true, entries: size, checkpoints: 8, root, ms: 840 },
  };
}
