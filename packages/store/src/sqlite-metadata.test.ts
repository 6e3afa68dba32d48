import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { AssertionFailed, DurabilityLost, NotCanonical } from '@backlot/core';
import { simulatedClock } from '@backlot/testing';
import { StorageFull } from './durable-files.ts';
import { ledgerRoot } from './ledger-checkpoint.ts';
import type { Metadata, Schema, Transaction } from './metadata.ts';
import { openSqliteMetadata, SchemaTooNew, type TransactionStep } from './sqlite-metadata.ts';

const notes: Schema = {
  name: 'notes',
  migrations: [['CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, bytes BLOB)']],
};
const clock = simulatedClock({ startMs: 7 });
const entry = { workspace: 'w', actor: 'a', action: 'note.write', resource: 'note' };
let folder: string;
let path: string;
let metadata: Metadata;
let steps: TransactionStep[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'backlot-metadata-'));
  path = join(folder, 'metadata.sqlite');
  steps = [];
  metadata = await open([notes]);
});

afterEach(async () => {
  await metadata.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a transaction commits wholly, and its steps are told', async () => {
  const answer = await metadata.write(async (tx) => {
    await add(tx, 1);
    await tx.record(entry);
    return 'done';
  });
  assert.equal(answer, 'done');
  assert.deepEqual(steps, ['begin', 'statement', 'statement', 'statement', 'commit', 'committed']);
  assert.equal((await metadata.get<{ text: string }>('SELECT text FROM notes'))?.text, 'note 1');
});

test('a transaction that throws leaves nothing, its ledger entry included', async () => {
  const failing = metadata.write(async (tx) => {
    await add(tx, 1);
    await tx.record(entry);
    throw new RangeError('changed my mind');
  });
  await assert.rejects(failing, RangeError);
  assert.deepEqual(await metadata.all('SELECT * FROM notes'), []);
  assert.equal((await ledgerRoot(metadata)).size, 0);
});

test('a change that records nothing is a bug and is not committed', async () => {
  await assert.rejects(
    metadata.write((tx) => add(tx, 1)),
    AssertionFailed,
  );
  assert.deepEqual(await metadata.all('SELECT * FROM notes'), []);
  await metadata.write(async (tx) => tx.run('DELETE FROM notes WHERE id = 9'));
});

test('entries that are recorded at once follow each other, and one nobody waits for is there', async () => {
  await metadata.write(async (tx) => {
    await Promise.all(Array.from({ length: 5 }, () => tx.record(entry)));
    void tx.record(entry);
  });
  assert.equal((await ledgerRoot(metadata)).size, 6);
});

test('work that swallows the failure of its ledger entry does not commit', async () => {
  const careless = metadata.write(async (tx) => {
    await add(tx, 1);
    await tx.record({ ...entry, facts: Number.NaN }).catch(() => undefined);
  });
  await assert.rejects(careless, NotCanonical);
  assert.deepEqual(await metadata.all('SELECT * FROM notes'), []);
});

test('transactions run one after the other, and readers see committed rows alone', async () => {
  const seen: number[] = [];
  await Promise.all(
    Array.from({ length: 20 }, (_, id) =>
      metadata.write(async (tx) => {
        const before = (await tx.get<{ n: number }>('SELECT count(*) AS n FROM notes'))!.n;
        await add(tx, id);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push((await metadata.get<{ n: number }>('SELECT count(*) AS n FROM notes'))!.n);
        await tx.record(entry);
        assert.equal(before, id);
      }),
    ),
  );
  assert.deepEqual(
    seen,
    Array.from({ length: 20 }, (_, id) => id),
  );
  assert.equal((await ledgerRoot(metadata)).size, 20);
});

test('transactions do not nest and are not used after their end', async () => {
  let kept: Transaction | undefined;
  await metadata.write(async (tx) => {
    kept = tx;
    assert.throws(() => void metadata.write(async () => undefined), AssertionFailed);
  });
  await assert.rejects(kept!.run('DELETE FROM notes'), AssertionFailed);
  await assert.rejects(kept!.record(entry), AssertionFailed);
});

test('values come back as they were given; what SQL would change silently is refused', async () => {
  const bytes = Uint8Array.of(0, 255, 7);
  await metadata.write(async (tx) => {
    await tx.run(
      'INSERT INTO notes (id, text, bytes) VALUES (?, ?, ?)',
      2 ** 53 - 1,
      'a\0é',
      bytes,
    );
    await tx.record(entry);
    await assert.rejects(add(tx, Number.NaN), AssertionFailed);
    await assert.rejects(add(tx, Number.POSITIVE_INFINITY), AssertionFailed);
  });
  const row = (await metadata.get('SELECT id, text, bytes FROM notes'))!;
  assert.deepEqual({ ...row }, { id: 2 ** 53 - 1, text: 'a\0é', bytes });
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

test('migrations run once each, in order, and a newer state folder is refused', async () => {
  const later: Schema = {
    name: 'notes',
    migrations: [...notes.migrations, ['ALTER TABLE notes ADD COLUMN stars INTEGER']],
  };
  await metadata.write(async (tx) => {
    await add(tx, 1);
    await tx.record(entry);
  });
  await metadata.close();
  metadata = await open([later]);
  assert.equal((await metadata.get<{ stars: null }>('SELECT stars FROM notes'))?.stars, null);
  await assert.rejects(open([notes]), SchemaTooNew);
});

test('a migration that fails leaves the version before it', async () => {
  const broken: Schema = {
    name: 'notes',
    migrations: [...notes.migrations, ['CREATE TABLE extra (id INTEGER)', 'CREATE NONSENSE']],
  };
  await assert.rejects(open([broken]), /syntax error/);
  const tables = await metadata.all("SELECT name FROM sqlite_schema WHERE name = 'extra'");
  assert.deepEqual(tables, []);
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
  return openSqliteMetadata({ path, clock, schemas, onStep: (step) => steps.push(step) });
}

async function add(tx: Transaction, id: number, text: string = `note ${id}`): Promise<void> {
  await tx.run('INSERT INTO notes (id, text) VALUES (?, ?)', id, text);
}
