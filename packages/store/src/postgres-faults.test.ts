import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { realIo } from '@backlot/core';
import { noPostgres, type PostgresServer, startPostgres } from '@backlot/testing';
import { ledgerRoot } from './ledger-checkpoint.ts';
import { storedEntries } from './ledger-page.ts';
import { verifyLedger } from './ledger-verifier.ts';
import type { Metadata, Schema, Transaction } from './metadata.ts';
import { PostgresRefused } from './postgres-address.ts';
import { CommitUnknown, MetadataUnreachable, StatementRefused } from './postgres-error.ts';
import { openPostgresMetadata, type PostgresMetadataOptions } from './postgres-metadata.ts';
import { MetadataOwned } from './postgres-owner.ts';

const skip = noPostgres();
const { clock } = realIo();
const notes: Schema = {
  name: 'notes',
  migrations: [['CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)']],
};
let server: PostgresServer;
let schema = 0;

before(async () => {
  if (!skip) server = await startPostgres();
});
after(() => server?.stop());

test('a connection that breaks within a transaction undoes it, and work goes on', { skip }, (t) =>
  withProxy(t, async (proxy, metadata) => {
    const failing = metadata.write(async (tx) => {
      await add(tx, 1);
      proxy.cut();
      await add(tx, 2);
      await tx.record(entry);
    });
    await assert.rejects(failing, MetadataUnreachable);
    await metadata.write(noted(3));
    assert.deepEqual(await ids(metadata), [3]);
    assert.equal((await ledgerRoot(metadata)).size, 1);
  }),
);

test('a commit whose answer is lost was made: the ledger shows it', { skip }, (t) =>
  withProxy(t, async (proxy, metadata) => {
    for (let id = 0; id < 5; id++) {
      const answer = await metadata.write(async (tx) => {
        await noted(id)(tx);
        proxy.loseAnswerTo('COMMIT');
        return id;
      });
      assert.equal(answer, id);
    }
    assert.equal(proxy.lost, 5);
    assert.deepEqual(await ids(metadata), [0, 1, 2, 3, 4]);
    assert.equal((await ledgerRoot(metadata)).size, 5);
  }),
);

test(
  'a commit that did not arrive was not made, and says that it may be asked again',
  { skip },
  (t) =>
    withProxy(t, async (proxy, metadata) => {
      const failing = metadata.write(async (tx) => {
        await noted(1)(tx);
        proxy.lose('COMMIT');
      });
      await assert.rejects(failing, MetadataUnreachable);
      assert.equal(proxy.lost, 1);
      assert.deepEqual(await ids(metadata), []);
      await metadata.write(noted(1));
      assert.equal((await ledgerRoot(metadata)).size, 1);
    }),
);

test('a commit that nobody can be asked about is unknown, and says so', { skip }, (t) =>
  withProxy(
    t,
    async (proxy, metadata) => {
      const unknown = metadata.write(async (tx) => {
        await noted(1)(tx);
        proxy.loseAnswerTo('COMMIT');
        proxy.refuse(true);
      });
      await assert.rejects(unknown, CommitUnknown);
      proxy.refuse(false);
      assert.deepEqual(await ids(metadata), [1]);
    },
    // Pauses pass at once, so that the twenty attempts do.
    { clock: { ...clock, sleep: async () => undefined } },
  ),
);

test('a read whose connection broke is read again', { skip }, (t) =>
  withProxy(t, async (proxy, metadata) => {
    await metadata.write(noted(1));
    proxy.loseAnswerTo('SELECT id');
    assert.deepEqual(await ids(metadata), [1]);
    assert.equal(proxy.lost, 1);
  }),
);

test('a server that dies and comes back holds what was committed', { skip }, async (t) => {
  const metadata = await open(t, server.url(`faults_${schema++}`));
  await metadata.write(noted(1));
  const failing = metadata.write(async (tx) => {
    await add(tx, 2);
    server.kill();
    await tx.record(entry);
  });
  await assert.rejects(failing, MetadataUnreachable);
  await assert.rejects(metadata.write(noted(3)), MetadataUnreachable);
  server.start();
  await metadata.write(noted(4));
  assert.deepEqual(await ids(metadata), [1, 4]);
  await assertLedger(metadata, 2);
});

test('processes that write at once, one of them killed, keep one ledger', { skip }, async (t) => {
  const url = server.url(`faults_${schema++}`);
  const fixture = fileURLToPath(new URL('writer.fixture.ts', import.meta.url));
  const writers = ['25', '25', '100000'].map((times) =>
    spawn(process.execPath, [fixture, url, times], { stdio: ['ignore', 'ignore', 'inherit'] }),
  );
  const ends = writers.map((writer) => once(writer, 'exit'));
  assert.deepEqual(await ends[0], [0, null]);
  assert.deepEqual(await ends[1], [0, null]);
  writers[2]!.kill('SIGKILL');
  await ends[2];
  const counter = { name: 'counter', migrations: [['CREATE TABLE counter (n INTEGER NOT NULL)']] };
  const metadata = await open(t, url, { schemas: [counter] });
  const row = await metadata.get<{ n: number }>('SELECT n FROM counter');
  assert.ok(row && row.n > 50);
  await assertLedger(metadata, row.n);
});

test('one process owns the metadata; one that lost it unnoticed writes nothing more', {
  skip,
}, async (t) => {
  const url = server.url(`faults_${schema++}`);
  const first = await open(t, url, { owner: true });
  await first.write(noted(1));
  await assert.rejects(open(t, url, { owner: true }), MetadataOwned);
  const cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'";
  // The lock goes with its connection; alone, the owner takes it again.
  server.sql(cut);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await first.write(noted(2));
  await assert.rejects(open(t, url, { owner: true }), MetadataOwned);
  server.sql(cut);
  const second = await open(t, url, { owner: true });
  await second.write(noted(3));
  await assert.rejects(first.write(noted(4)), MetadataOwned);
  await second.close();
  // Nobody holds the lock now, and yet the term of the first one is over.
  await assert.rejects(first.write(noted(5)), MetadataOwned);
  assert.deepEqual(await ids(first), [1, 2, 3]);
});

test('a statement and a wait for other writers have a limit', { skip }, async (t) => {
  const url = server.url(`faults_${schema++}`);
  const metadata = await open(t, url, { statementTimeoutMs: 150 });
  await assert.rejects(metadata.get('SELECT pg_sleep(5)'), /E-STORE-012 a statement took longer/);
  const other = await open(t, url, { lockTimeoutMs: 100 });
  await metadata.write(async (tx) => {
    await noted(1)(tx);
    await assert.rejects(other.write(noted(2)), /E-STORE-012 another writer held/);
  });
  await other.write(noted(2));
  assert.deepEqual(await ids(metadata), [1, 2]);
});

test('a commit waits for its sync, also where the database says otherwise', { skip }, async (t) => {
  server.sql('ALTER ROLE postgres SET synchronous_commit = off');
  const metadata = await open(t, server.url(`faults_${schema++}`));
  await metadata.write(async (tx) => {
    const row = await tx.get("SELECT current_setting('synchronous_commit') AS is");
    assert.equal(row?.is, 'on');
  });
  server.sql('ALTER ROLE postgres RESET synchronous_commit');
});

test('a taken key is refused by its state and constraint, never by its values', {
  skip,
}, async (t) => {
  const metadata = await open(t, server.url(`faults_${schema++}`));
  await metadata.write(noted(421));
  await assert.rejects(metadata.write(noted(421)), (error) => {
    assert.ok(error instanceof StatementRefused && error.sqlState === '23505');
    assert.match(error.message, /constraint notes_pkey/);
    assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes('421'));
    return true;
  });
});

test('a wrong database, an address without a server: said without the password', {
  skip,
}, async () => {
  const { port } = server;
  const cases = [
    [`postgres://postgres:s3cret@127.0.0.1:${port}/nowhere`, PostgresRefused],
    [`postgres://nobody:s3cret@127.0.0.1:${port}/postgres`, PostgresRefused],
    ['postgres://postgres:s3cret@127.0.0.1:1/postgres', MetadataUnreachable],
    [`postgres://postgres:s3cret@127.0.0.1:${port}/postgres?sslmode=require`, PostgresRefused],
  ] as const;
  for (const [url, kind] of cases) {
    await assert.rejects(openPostgresMetadata({ url, clock, schemas: [] }), (error) => {
      assert.ok(error instanceof kind, String(error));
      assert.ok(!`${error.stack}${JSON.stringify(error)}${error.cause}`.includes('s3cret'));
      return true;
    });
  }
});

test('a certificate is verified by default, and traffic is hidden where it is asked for', {
  skip,
}, async (t) => {
  const certificateAuthority = server.useTls();
  const plain = server.url(`faults_${schema++}`).replace('127.0.0.1', 'localhost');
  const verified = `${plain}&sslmode=verify-full`;
  const isHidden = async (metadata: Metadata) =>
    (await metadata.get('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'))?.ssl;
  await assert.rejects(open(t, verified), (error) => {
    assert.ok(error instanceof PostgresRefused, String(error));
    assert.match(error.reason, /certificate/);
    return true;
  });
  assert.equal(await isHidden(await open(t, verified, { certificateAuthority })), 1);
  // The certificate is for another name.
  const elsewhere = verified.replace('localhost', '127.0.0.1');
  await assert.rejects(open(t, elsewhere, { certificateAuthority }), PostgresRefused);
  assert.equal(await isHidden(await open(t, `${plain}&sslmode=require`)), 1);
  assert.equal(await isHidden(await open(t, plain)), 0);
});

const entry = { workspace: 'w', actor: 'a', action: 'note.write', resource: 'note' };

async function add(tx: Transaction, id: number): Promise<void> {
  await tx.run('INSERT INTO notes (id, text) VALUES (?, ?)', id, 'text');
}

function noted(id: number): (tx: Transaction) => Promise<void> {
  return async (tx) => {
    await add(tx, id);
    await tx.record(entry);
  };
}

async function ids(metadata: Metadata): Promise<readonly number[]> {
  const rows = await metadata.all<{ id: number }>('SELECT id FROM notes ORDER BY id');
  return rows.map(({ id }) => id);
}

async function assertLedger(metadata: Metadata, size: number): Promise<void> {
  const tree = await ledgerRoot(metadata);
  const entries = storedEntries(metadata);
  const verdict = await verifyLedger({ entries, checkpoints: [], trustedKeys: [], tree });
  assert.deepEqual({ ok: verdict.ok, size: tree.size }, { ok: true, size });
}

interface Afterwards {
  after(work: () => unknown): void;
}

async function open(
  t: Afterwards,
  url: string,
  options: Partial<PostgresMetadataOptions> = {},
): Promise<Metadata> {
  const metadata = await openPostgresMetadata({ url, clock, schemas: [notes], ...options });
  t.after(() => metadata.close());
  return metadata;
}

/** A way to the server that can break at a chosen moment. */
interface Proxy {
  readonly lost: number;
  cut(): void;
  /** Forwards the next message that holds the text, and breaks before its answer. */
  loseAnswerTo(text: string): void;
  /** Breaks in place of forwarding the next message that holds the text. */
  lose(text: string): void;
  refuse(on: boolean): void;
}

async function withProxy(
  t: Afterwards,
  check: (proxy: Proxy, metadata: Metadata) => Promise<void>,
  options: Partial<PostgresMetadataOptions> = {},
): Promise<void> {
  let [lost, refusing] = [0, false];
  let trap: { readonly text: string; readonly forward: boolean } | undefined;
  const sockets = new Set<Socket>();
  const listener: Server = createServer((near) => {
    if (refusing) return void near.destroy();
    const far = connect(server.port, '127.0.0.1');
    sockets.add(near);
    let deaf = false;
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.on('close', () => far.destroy());
    near.on('data', (chunk) => {
      if (trap && chunk.includes(trap.text)) {
        lost++;
        deaf = true;
        if (trap.forward) far.write(chunk);
        else near.destroy();
        trap = undefined;
      } else far.write(chunk);
    });
    // The answer that comes is the proof that the message was acted on.
    far.on('data', (chunk) => void (deaf ? near.destroy() : near.write(chunk)));
    far.on('close', () => near.destroy());
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  assert.ok(address && typeof address === 'object');
  const url = server.url(`faults_${schema++}`).replace(`:${server.port}/`, `:${address.port}/`);
  const metadata = await openPostgresMetadata({ url, clock, schemas: [notes], ...options });
  t.after(async () => {
    await metadata.close();
    listener.close();
  });
  const proxy: Proxy = {
    get lost() {
      return lost;
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    loseAnswerTo: (text) => {
      trap = { text, forward: true };
    },
    lose: (text) => {
      trap = { text, forward: false };
    },
    refuse: (on) => {
      refusing = on;
    },
  };
  await check(proxy, metadata);
}
