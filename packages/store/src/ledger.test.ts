import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, test } from 'node:test';
import { realIo } from '@backlot/core';
import { type SimulatedClock, simulatedClock } from '@backlot/testing';
import { type Keys, openKeys, type Signer } from './keys.ts';
import {
  checkpointBytes,
  latestCheckpoint,
  ledgerRoot,
  signCheckpoint,
} from './ledger-checkpoint.ts';
import { proveEntry, readLedger, storedCheckpoints, storedEntries } from './ledger-page.ts';
import { verifyInclusion } from './ledger-proof.ts';
import { type LedgerVerdict, type StoredCheckpoint, verifyLedger } from './ledger-verifier.ts';
import { leafHash } from './merkle.ts';
import type { Metadata } from './metadata.ts';
import { openSqliteMetadata } from './sqlite-metadata.ts';

let folder: string;
let path: string;
let metadata: Metadata;
let clock: SimulatedClock;
let keys: Keys;
let signer: Signer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'backlot-ledger-'));
  path = join(folder, 'metadata.sqlite');
  clock = simulatedClock({ startMs: 1_000_000 });
  metadata = await openSqliteMetadata({ path, clock, schemas: [] });
  keys = openKeys(realIo(), join(folder, 'keys'));
  signer = await keys.signer('ledger');
});

afterEach(async () => {
  await metadata.close();
  rmSync(folder, { recursive: true, force: true });
});

test('an untouched ledger verifies, with text and numbers of every kind', async () => {
  await append(0, {
    text: 'quote " backslash \\ \u2028 \u{1F600} \u0000 é',
    number: -1.5e-7,
    list: [null, true],
  });
  for (let index = 1; index < 40; index++) {
    await append(index);
    if (index % 7 === 0) await checkpoint();
  }
  const verdict = await judge();
  assert.deepEqual(verdict, { ok: true, ...(await ledgerRoot(metadata)), signedSize: 41 });
});

test('an empty ledger verifies', async () => {
  assert.equal((await judge()).ok, true);
});

test('an edited entry is named, whichever column was edited', async () => {
  await fill(12);
  for (const [column, value] of [
    ['at', '7'],
    ['workspace', "'other'"],
    ['actor', "'other'"],
    ['action', "'other.do'"],
    ['resource', "'other'"],
    ['facts', `'{"index":99}'`],
    ['facts', `'{"index": 5}'`],
    ['leaf', "x'00'"],
  ] as const) {
    await tampered(
      `UPDATE ledger_entries SET ${column} = ${value} WHERE position = 5`,
      (verdict) => {
        assert.equal(verdict.fault, 'edited', column);
        assert.equal(verdict.position, 5);
      },
    );
  }
});

test('a deleted entry is named', async () => {
  await fill(12);
  await tampered('DELETE FROM ledger_entries WHERE position = 4', (verdict) => {
    assert.deepEqual([verdict.fault, verdict.position], ['missing', 4]);
  });
});

test('entries that changed places are named', async () => {
  await fill(12);
  const swap = `UPDATE ledger_entries SET position = -1 WHERE position = 3;
    UPDATE ledger_entries SET position = 3 WHERE position = 6;
    UPDATE ledger_entries SET position = 6 WHERE position = -1`;
  await tampered(swap, (verdict) => {
    assert.deepEqual([verdict.fault, verdict.position], ['edited', 3]);
  });
});

test('a ledger cut below a signed checkpoint is named where it ends', async () => {
  await fill(12);
  await checkpoint();
  await tampered('DELETE FROM ledger_entries WHERE position >= 9', (verdict) => {
    assert.deepEqual([verdict.fault, verdict.position], ['truncated', 9]);
  });
});

test('a ledger cut past its last checkpoint is caught by what its writer stands on', async () => {
  await fill(5);
  await checkpoint();
  await fill(5);
  await tampered('DELETE FROM ledger_entries WHERE position >= 8', (verdict) => {
    assert.deepEqual([verdict.fault, verdict.position, verdict.lastPosition], ['truncated', 8, 10]);
  });
});

test('an entry edited together with its leaf is bound to between two checkpoints', async () => {
  await fill(4);
  await checkpoint();
  await fill(4);
  await checkpoint();
  await forge(6);
  const verdict = failure(await judge());
  assert.deepEqual([verdict.fault, verdict.position, verdict.lastPosition], ['rewritten', 5, 9]);
});

test('an entry edited with its leaf after the last checkpoint differs from the writer', async () => {
  await fill(4);
  await checkpoint();
  await fill(4);
  await forge(6);
  const verdict = failure(await judge());
  assert.deepEqual([verdict.fault, verdict.position, verdict.lastPosition], ['tree-differs', 5, 8]);
});

test('a checkpoint signed by a key that nobody knows is named', async () => {
  await fill(4);
  await checkpoint();
  await fill(4);
  const foreign = await keys.signer('operator');
  await signCheckpoint({ metadata, signer: foreign, clock });
  const verdict = failure(await judge());
  assert.deepEqual([verdict.fault, verdict.position], ['unknown-signer', 5]);
});

test('a checkpoint re-signed by another key under the known name is named', async () => {
  await fill(4);
  await checkpoint();
  const foreign = await keys.signer('operator');
  const last = (await latestCheckpoint(metadata))!;
  const forged = Buffer.from(foreign.sign(checkpointBytes(last))).toString('base64');
  await tampered(`UPDATE ledger_checkpoints SET signature = '${forged}'`, (verdict) => {
    assert.equal(verdict.fault, 'bad-signature');
  });
  await tampered('UPDATE ledger_checkpoints SET at = at + 1', (verdict) => {
    assert.equal(verdict.fault, 'bad-signature');
  });
});

test('a whole ledger that was swapped is caught by a witness that kept a checkpoint', async () => {
  await fill(4);
  await checkpoint();
  const witnessed = (await latestCheckpoint(metadata))!;
  const other = await openSqliteMetadata({
    path: join(folder, 'other.sqlite'),
    clock,
    schemas: [],
  });
  const mine = metadata;
  metadata = other;
  await fill(9);
  await checkpoint();
  assert.equal((await judge()).ok, true);
  const verdict = failure(await judge([witnessed]));
  assert.deepEqual([verdict.fault, verdict.lastPosition], ['rewritten', 4]);
  await other.close();
  metadata = mine;
});

test('a checkpoint is signed once while nothing is appended', async () => {
  await fill(3);
  const first = await checkpoint();
  clock.advance(10_000);
  assert.deepEqual(await checkpoint(), first);
  assert.equal((await ledgerRoot(metadata)).size, 4);
});

test('an entry has a proof against a checkpoint, as its text and its path say', async () => {
  await fill(21);
  const signed = await checkpoint();
  for (const position of [0, 7, 20]) {
    const proof = (await proveEntry(metadata, position, signed))!;
    assert.equal(JSON.parse(proof.entry).facts.index, position);
    const input = {
      index: position,
      size: signed.size,
      root: Buffer.from(signed.root, 'hex'),
      proof: proof.path.map((hash) => Buffer.from(hash, 'hex')),
    };
    assert.ok(verifyInclusion({ ...input, leaf: leafHash(Buffer.from(proof.entry)) }));
    assert.ok(!verifyInclusion({ ...input, leaf: leafHash(Buffer.from(`${proof.entry} `)) }));
  }
  assert.equal(await proveEntry(metadata, 22, signed), undefined);
});

test('pages go from the newest back, within one workspace, filtered', async () => {
  await fill(7);
  await metadata.write((tx) =>
    tx.record({ workspace: 'other', actor: 'b', action: 'note.write', resource: 'note/x' }),
  );
  const first = await readLedger(metadata, { workspace: 'w', limit: 3 });
  assert.deepEqual(
    first.entries.map((entry) => entry.position),
    [6, 5, 4],
  );
  const rest = await readLedger(metadata, { workspace: 'w', limit: 9, from: first.next! });
  assert.deepEqual(
    rest.entries.map((entry) => entry.position),
    [3, 2, 1, 0],
  );
  assert.equal(rest.next, undefined);
  const one = await readLedger(metadata, { workspace: 'w', filter: { resource: 'note/2' } });
  assert.deepEqual(one.entries, [
    {
      position: 2,
      at: 1_000_000,
      workspace: 'w',
      actor: 'a',
      action: 'note.write',
      resource: 'note/2',
      facts: { index: 2 },
    },
  ]);
  assert.equal((await readLedger(metadata, { workspace: 'none' })).entries.length, 0);
});

test('the verifier shares no code with the writer', () => {
  const source = readFileSync(new URL('./ledger-verifier.ts', import.meta.url), 'utf8');
  const imports = [...source.matchAll(/^import .* from '(.*)';$/gm)].map(([, from]) => from);
  assert.deepEqual(imports, ['node:crypto']);
});

async function append(index: number, facts: object = { index }): Promise<void> {
  await metadata.write((tx) =>
    tx.record({
      workspace: 'w',
      actor: 'a',
      action: 'note.write',
      resource: `note/${index}`,
      facts: facts as { index: number },
    }),
  );
}

async function fill(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await append(index);
}

function checkpoint(): Promise<StoredCheckpoint> {
  return signCheckpoint({ metadata, signer, clock });
}

async function judge(witnessed: readonly StoredCheckpoint[] = []): Promise<LedgerVerdict> {
  return verifyLedger({
    entries: storedEntries(metadata),
    checkpoints: [...(await storedCheckpoints(metadata)), ...witnessed],
    trustedKeys: [signer.publicKey],
    tree: await ledgerRoot(metadata),
  });
}

type Failure = Extract<LedgerVerdict, { ok: false }>;

function failure(verdict: LedgerVerdict): Failure {
  assert.ok(!verdict.ok);
  return verdict;
}

/** Changes the database behind the metadata's back, judges, and puts the old file back. */
async function tampered(sql: string, check: (verdict: Failure) => void): Promise<void> {
  const database = new DatabaseSync(path);
  database.exec('SAVEPOINT before_tampering');
  database.exec(sql);
  const reader = {
    all: async (text: string, ...values: readonly never[]) => database.prepare(text).all(...values),
    get: async (text: string, ...values: readonly never[]) => database.prepare(text).get(...values),
  };
  const mine = metadata;
  metadata = reader as unknown as Metadata;
  try {
    check(failure(await judge()));
  } finally {
    metadata = mine;
    database.exec('ROLLBACK TO before_tampering');
    database.close();
  }
}

/** Edits an entry and recomputes its leaf, as someone does who knows how leaves are made. */
async function forge(position: number): Promise<void> {
  const database = new DatabaseSync(path);
  database.prepare("UPDATE ledger_entries SET actor = 'forged' WHERE position = ?").run(position);
  const row = database.prepare('SELECT * FROM ledger_entries WHERE position = ?').get(position)!;
  const { action, actor, at, facts, resource, workspace } = row;
  const text = JSON.stringify({
    action,
    actor,
    at,
    facts: JSON.parse(String(facts)),
    position,
    resource,
    workspace,
  });
  database
    .prepare('UPDATE ledger_entries SET leaf = ? WHERE position = ?')
    .run(leafHash(Buffer.from(text)), position);
  database.close();
}
