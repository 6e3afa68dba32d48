import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { simulatedClock } from '@backlot/testing';
import { openSqliteMetadata } from './sqlite-metadata.ts';

const transactions = 12;
let folder: string;
/** The log's length when each transaction was acknowledged. */
const acknowledgedAt: number[] = [];
let log: Uint8Array;

const schema = {
  name: 'notes',
  migrations: [
    ['CREATE TABLE notes (id INTEGER, part INTEGER, text TEXT, PRIMARY KEY (id, part))'],
  ],
};
const filler = 'x'.repeat(1500);

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'backlot-wal-'));
  const path = join(folder, 'metadata.sqlite');
  const metadata = await openSqliteMetadata({ path, clock: simulatedClock(), schemas: [schema] });
  for (let id = 1; id <= transactions; id++) {
    await metadata.write(async (tx) => {
      // Every transaction touches several pages, so that a log can be cut within it.
      for (let part = 0; part < 3; part++) {
        await tx.run('INSERT INTO notes (id, part, text) VALUES (?, ?, ?)', id, part, filler);
      }
      await tx.record({ workspace: 'w', actor: 'a', action: 'note.write', resource: `note/${id}` });
    });
    acknowledgedAt.push(statSync(`${path}-wal`).size);
  }
  copyFileSync(path, join(folder, 'copy.sqlite'));
  log = readFileSync(`${path}-wal`);
  await metadata.close();
});

after(() => rmSync(folder, { recursive: true, force: true }));

test('a log that is cut anywhere recovers to a prefix that holds every acknowledged commit', () => {
  const edges = new Set<number>([0, log.byteLength]);
  const frameBytes = 24 + 4096;
  for (let at = 32; at <= log.byteLength; at += frameBytes) edges.add(at);
  for (let at = 0; at <= log.byteLength; at += 512) edges.add(at);
  let last = 0;
  for (const cut of [...edges].sort((a, b) => a - b)) {
    const commits = recoveredCommits(log.subarray(0, cut));
    const promised = acknowledgedAt.filter((length) => length <= cut).length;
    assert.ok(commits >= promised, `a log cut at ${cut} lost an acknowledged commit`);
    assert.ok(commits >= last, `a longer log, cut at ${cut}, recovers less`);
    last = commits;
  }
  assert.equal(last, transactions);
  console.log(`crash points: sqlite log ${edges.size}`);
});

test('a log whose end was never written, and reads as zeros, recovers in the same way', () => {
  for (const [index, length] of acknowledgedAt.entries()) {
    for (const start of [length, Math.max(0, length - 512), Math.max(0, length - 4096)]) {
      const bytes = new Uint8Array(log);
      bytes.fill(0, start);
      const commits = recoveredCommits(bytes);
      assert.equal(commits, start === length ? index + 1 : index);
    }
  }
});

test('a crash while the log is moved into the database loses nothing', () => {
  const old = readFileSync(join(folder, 'copy.sqlite'));
  const moved = readFileSync(join(folder, 'metadata.sqlite'));
  const random = seededRandom(4096);
  for (let trial = 0; trial < 100; trial++) {
    // Pages reach the database in any order, some torn at 512 bytes; the log is whole until all have.
    const mixed = new Uint8Array(moved.byteLength - random.below(3) * 4096);
    for (let at = 0; at < mixed.byteLength; at += 512) {
      const from = random.below(2) === 0 ? old : moved;
      mixed.set(from.subarray(at, Math.min(at + 512, mixed.byteLength)), at);
    }
    // SQLite finds the page size in the first sector, which a disk writes whole.
    mixed.set(moved.subarray(0, 512));
    assert.equal(recoveredCommits(log, mixed), transactions);
  }
});

test('a flipped bit in the log never yields anything but a prefix', () => {
  for (let at = 40; at < log.byteLength; at += 1999) {
    const bytes = new Uint8Array(log);
    bytes[at]! ^= 1;
    assert.ok(recoveredCommits(bytes) <= transactions);
  }
});

/** Opens the database with that log, checks that it is a prefix of the commits, and counts them. */
function recoveredCommits(bytes: Uint8Array, main?: Uint8Array): number {
  const path = join(folder, 'cut.sqlite');
  rmSync(`${path}-shm`, { force: true });
  if (main) writeFileSync(path, main);
  else copyFileSync(join(folder, 'copy.sqlite'), path);
  writeFileSync(`${path}-wal`, bytes);
  const database = new DatabaseSync(path);
  try {
    const exists = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'notes'").get();
    const ledger = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'ledger_tree'").get();
    if (!exists || !ledger) return 0;
    const rows = database.prepare('SELECT id, part, text FROM notes ORDER BY id, part').all();
    const commits = rows.length / 3;
    for (const [index, row] of rows.entries()) {
      assert.deepEqual(
        { ...row },
        { id: Math.floor(index / 3) + 1, part: index % 3, text: filler },
      );
    }
    const size = database.prepare('SELECT size FROM ledger_tree').get()?.size ?? 0;
    assert.equal(size, commits, 'rows and ledger differ');
    return commits;
  } finally {
    database.close();
  }
}
