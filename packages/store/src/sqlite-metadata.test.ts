import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { DurabilityLost } from '@backlot/core';
import { metadataSuite, simulatedClock } from '@backlot/testing';
import { StorageFull } from './durable-files.ts';
import { ledgerRoot } from './ledger-checkpoint.ts';
import type { Metadata, Schema, Transaction } from './metadata.ts';
import { openSqliteMetadata } from './sqlite-metadata.ts';

const notes: Schema = {
  name: 'notes',
  migrations: [['CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, bytes BLOB)']],
};
const clock = simulatedClock({ startMs: 7 });
const entry = { workspace: 'w', actor: 'a', action: 'note.write', resource: 'note' };

const oneWriter = 'the owner of the state folder is the only one that writes';
metadataSuite(
  'sqlite',
  async () => {
    const root = mkdtempSync(join(tmpdir(), 'backlot-metadata-suite-'));
    return {
      open: (schemas, onStep) =>
        openSqliteMetadata({
          path: join(root, 'm.sqlite'),
          clock,
          schemas,
          ...(onStep && { onStep }),
        }),
      remove: async () => rmSync(root, { recursive: true }),
    };
  },
  { oneWriter },
);

let folder: string;
let path: string;
let metadata: Metadata;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'backlot-metadata-'));
  path = join(folder, 'metadata.sqlite');
  metadata = await open([notes]);
});

afterEach(async () => {
  await metadata.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a full database is a typed error, and work goes on when there is room', async () => {
  const pages = (await metadata.get<{ page_count: number }>('PRAGMA page_count'))!.page_count;
  await metadata.write(async (tx) => tx.all(`PRAGMA max_page_count = ${pages + 2}`));
  const filling = metadata.write(async (tx) => {
    for (let id = 0; id < 200; id++) await add(tx, id, 'x'.repeat(4000));
    await tx.record(entry);
  });
  await assert.rejects(filling, StorageFull);
  await metadata.write(async (tx) => tx.all('PRAGMA max_page_count = 100000'));
  await metadata.write(async (tx) => {
    await add(tx, 1);
    await tx.record(entry);
  });
  assert.equal((await metadata.all('SELECT * FROM notes')).length, 1);
});

test('a deleted value is not left in the database file', async () => {
  await metadata.write(async (tx) => {
    await add(tx, 1, 'a-very-secret-value');
    await tx.record(entry);
  });
  await metadata.write(async (tx) => {
    await tx.run('UPDATE notes SET text = NULL');
    await tx.record(entry);
  });
  await metadata.close();
  assert.ok(!readFileSync(path).includes('a-very-secret-value'));
  metadata = await open([notes]);
});

test('the log is moved into the database as it grows, and emptied at the end', async () => {
  const wal = `${path}-wal`;
  const before = statSync(path).size;
  for (let round = 0; round < 4; round++) {
    await metadata.write(async (tx) => {
      for (let id = 0; id < 600; id++) await add(tx, round * 1000 + id, 'x'.repeat(200));
      await tx.record(entry);
    });
  }
  assert.ok(statSync(path).size > before + 200_000);
  assert.ok(statSync(wal).size < 4 * 600 * 250);
  await metadata.close();
  assert.equal(existsSync(wal), false);
  metadata = await open([notes]);
  assert.equal((await metadata.all('SELECT id FROM notes')).length, 2400);
});

test('after a commit that could not be synced nothing is written any more', async () => {
  const failure = Object.assign(new Error('disk I/O error'), { errcode: 1034 });
  const original = DatabaseSync.prototype.exec;
  const exec = mock.method(
    DatabaseSync.prototype,
    'exec',
    function (this: DatabaseSync, sql: string) {
      if (sql === 'COMMIT') throw failure;
      Reflect.apply(original, this, [sql]);
    },
  );
  try {
    const failing = metadata.write((tx) => tx.record(entry));
    await assert.rejects(
      failing,
      (error) => error instanceof DurabilityLost && error.cause === failure,
    );
  } finally {
    exec.mock.restore();
  }
  await assert.rejects(
    metadata.write((tx) => tx.record(entry)),
    DurabilityLost,
  );
  assert.equal((await ledgerRoot(metadata)).size, 0);
});

test('the settings that durability stands on are on', async () => {
  const database = new DatabaseSync(path);
  assert.equal(database.prepare('PRAGMA journal_mode').get()?.journal_mode, 'wal');
  database.close();
  await metadata.write(async (tx) => {
    assert.equal((await tx.get<{ synchronous: number }>('PRAGMA synchronous'))?.synchronous, 2);
  });
});

function open(schemas: readonly Schema[]): Promise<Metadata> {
  return openSqliteMetadata({ path, clock, schemas });
}

async function add(tx: Transaction, id: number, text: string = `note ${id}`): Promise<void> {
  await tx.run('INSERT INTO notes (id, text) VALUES (?, ?)', id, text);
}
