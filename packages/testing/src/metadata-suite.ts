import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AssertionFailed, NotCanonical } from '@backlot/core';
import {
  ledgerRoot,
  type Metadata,
  type Schema,
  SchemaTooNew,
  storedEntries,
  TextNotStorable,
  type Transaction,
  type TransactionStep,
  verifyLedger,
} from '@backlot/store';

/** A place for metadata that is empty at first. */
export interface MetadataPlace {
  /** Opens what is there; several may be open at once. */
  open(schemas: readonly Schema[], onStep?: (step: TransactionStep) => void): Promise<Metadata>;
  remove(): Promise<void>;
}

export interface MetadataSuiteOptions {
  /** Why the suite cannot run here, or `false`. */
  readonly skip?: string | false;
  /** Called once before all tests and after them. */
  readonly start?: () => Promise<void>;
  readonly stop?: () => Promise<void>;
  /** Why only one instance writes at a time, where that is so; the cases of several are left out. */
  readonly oneWriter?: string;
}

/**
 * What every driver of the `Metadata` port has to do, as tests.
 *
 * @param name names the driver in the test report
 * @param place makes an empty place
 */
export function metadataSuite(
  name: string,
  place: () => Promise<MetadataPlace>,
  { skip = false, start, stop, oneWriter }: MetadataSuiteOptions = {},
): void {
  if (!skip && start) before(start);
  if (!skip && stop) after(stop);
  for (const [behaviour, check] of Object.entries({ ...behaviours, ...severalInstances })) {
    const left = behaviour in severalInstances && oneWriter;
    test(`${name}: ${behaviour}`, { skip: skip || left || false }, async () => {
      const here = await place();
      try {
        await check(here);
      } finally {
        await here.remove();
      }
    });
  }
}

type Behaviour = (place: MetadataPlace) => Promise<void>;

const notes: Schema = {
  name: 'notes',
  migrations: [
    [
      'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, bytes BLOB, amount REAL)',
      'CREATE TABLE sizes (size INTEGER)',
      'CREATE TABLE parts (note INTEGER NOT NULL REFERENCES notes (id), part TEXT NOT NULL)',
    ],
  ],
};
const entry = { workspace: 'w', actor: 'a', action: 'note.write', resource: 'note' };

const behaviours: Readonly<Record<string, Behaviour>> = {
  'a transaction commits wholly, and its steps are told': (place) =>
    using(place, async (metadata, steps) => {
      const answer = await metadata.write(async (tx) => {
        await add(tx, 1);
        await tx.record(entry);
        return 'done';
      });
      assert.equal(answer, 'done');
      const statements = steps.filter((step) => step === 'statement').length;
      assert.equal(statements, 3);
      assert.deepEqual(
        steps.filter((step) => step !== 'statement'),
        ['begin', 'commit', 'committed'],
      );
      assert.equal(
        (await metadata.get<{ text: string }>('SELECT text FROM notes'))?.text,
        'note 1',
      );
    }),
  'a transaction that throws leaves nothing, its ledger entry included': (place) =>
    using(place, async (metadata) => {
      const failing = metadata.write(async (tx) => {
        await add(tx, 1);
        await tx.record(entry);
        throw new RangeError('changed my mind');
      });
      await assert.rejects(failing, RangeError);
      assert.deepEqual(await ids(metadata), []);
      assert.equal((await ledgerRoot(metadata)).size, 0);
      await metadata.write(noted(2));
      assert.deepEqual(await ids(metadata), [2]);
    }),
  'a change that records nothing is a bug and is not committed': (place) =>
    using(place, async (metadata) => {
      await assert.rejects(
        metadata.write((tx) => add(tx, 1)),
        AssertionFailed,
      );
      assert.deepEqual(await ids(metadata), []);
      await metadata.write(async (tx) => tx.run('DELETE FROM notes WHERE id = 9'));
    }),
  'a failed statement fails the transaction, also when the work goes on': (place) =>
    using(place, async (metadata) => {
      await metadata.write(noted(1));
      const careless = metadata.write(async (tx) => {
        await add(tx, 2);
        await add(tx, 1).catch(() => undefined);
        await tx.record(entry).catch(() => undefined);
      });
      await assert.rejects(careless, (error) => {
        assert.ok(error instanceof Error && !(error instanceof AssertionFailed));
        return true;
      });
      assert.deepEqual(await ids(metadata), [1]);
      assert.equal((await ledgerRoot(metadata)).size, 1);
    }),
  'a refused value is not in the error': (place) =>
    using(place, async (metadata) => {
      const write = () =>
        metadata.write(async (tx) => {
          await tx.run("INSERT INTO parts (note, part) VALUES (77001, 'ada@example.com')");
          await tx.record(entry);
        });
      await assert.rejects(write(), (error) => {
        const shown = JSON.stringify(allOf(error));
        assert.ok(!shown.includes('ada@example.com') && !shown.includes('77001'), shown);
        return true;
      });
    }),
  'work that swallows the failure of its ledger entry does not commit': (place) =>
    using(place, async (metadata) => {
      const careless = metadata.write(async (tx) => {
        await add(tx, 1);
        await tx.record({ ...entry, facts: Number.NaN }).catch(() => undefined);
      });
      await assert.rejects(careless, NotCanonical);
      assert.deepEqual(await ids(metadata), []);
    }),
  'entries that are recorded at once follow each other, and one nobody waits for is there': (
    place,
  ) =>
    using(place, async (metadata) => {
      await metadata.write(async (tx) => {
        await Promise.all(Array.from({ length: 5 }, () => tx.record(entry)));
        void tx.record(entry);
      });
      await assertLedger(metadata, 6);
    }),
  'statements that are given at once run in their order': (place) =>
    using(place, async (metadata) => {
      await metadata.write(async (tx) => {
        await Promise.all([
          add(tx, 1, 'first'),
          tx.run("UPDATE notes SET text = text || ', second'"),
          tx.run("UPDATE notes SET text = text || ', third'"),
          tx.record(entry),
        ]);
      });
      const row = await metadata.get<{ text: string }>('SELECT text FROM notes');
      assert.equal(row?.text, 'first, second, third');
    }),
  'transactions run one after the other, and readers see committed rows alone': (place) =>
    using(place, async (metadata) => {
      const seen: number[] = [];
      const works = Array.from({ length: 20 }, (_, id) =>
        metadata.write(async (tx) => {
          assert.equal(await count(tx), id);
          await add(tx, id);
          await new Promise((resolve) => setImmediate(resolve));
          assert.equal(await count(tx), id + 1);
          seen.push(await count(metadata));
          await tx.record(entry);
        }),
      );
      await Promise.all(works);
      assert.deepEqual(
        seen,
        Array.from({ length: 20 }, (_, id) => id),
      );
      await assertLedger(metadata, 20);
    }),
  'transactions do not nest and are not used after their end': (place) =>
    using(place, async (metadata) => {
      let kept: Transaction | undefined;
      await metadata.write(async (tx) => {
        kept = tx;
        assert.throws(() => void metadata.write(async () => undefined), AssertionFailed);
      });
      await assert.rejects(kept!.run('DELETE FROM notes'), AssertionFailed);
      await assert.rejects(kept!.get('SELECT 1'), AssertionFailed);
      await assert.rejects(kept!.record(entry), AssertionFailed);
    }),
  'values come back as they were given': (place) =>
    using(place, async (metadata) => {
      const bytes = Uint8Array.of(0, 255, 7, 92, 120);
      const texts = ['a\'b"c?d\\e\n$1', '', '👩‍🚀 متن é e\u0301', 'x'.repeat(2_000_000)];
      const amounts = [0.1, 5e-324, 1.7976931348623157e308, -1e21, 2 ** 53 + 2, 1 / 3];
      for (const [index, text] of texts.entries()) {
        const id = index === 0 ? 2 ** 53 - 1 : -index;
        await metadata.write(async (tx) => {
          await tx.run(
            'INSERT INTO notes (id, text, bytes, amount) VALUES (?, ?, ?, ?)',
            ...[id, text, index === 1 ? new Uint8Array() : bytes, amounts[index]!],
          );
          await tx.record(entry);
        });
        const row = (await metadata.get('SELECT * FROM notes WHERE id = ?', id))!;
        const kept = index === 1 ? new Uint8Array() : bytes;
        assert.deepEqual({ ...row }, { id, text, bytes: kept, amount: amounts[index] });
        assert.equal(Object.getPrototypeOf(row.bytes), Uint8Array.prototype);
      }
      for (const amount of amounts) {
        await metadata.write(async (tx) => {
          await tx.run('UPDATE notes SET amount = ?', amount);
          await tx.record(entry);
        });
        const row = await metadata.get<{ amount: number }>('SELECT amount FROM notes');
        assert.equal(row?.amount, amount);
      }
    }),
  'booleans are 0 and 1, nothing is null, and minus zero is zero': (place) =>
    using(place, async (metadata) => {
      await metadata.write(async (tx) => {
        await tx.run('INSERT INTO notes (id, text, amount) VALUES (?, ?, ?)', true, null, -0);
        await tx.run('INSERT INTO notes (id, amount) VALUES (?, ?)', false, -0.5);
        await tx.record(entry);
      });
      const rows = await metadata.all('SELECT id, text, bytes, amount FROM notes ORDER BY id');
      assert.deepEqual(
        rows.map((row) => ({ ...row })),
        [
          { id: 0, text: null, bytes: null, amount: -0.5 },
          { id: 1, text: null, bytes: null, amount: 0 },
        ],
      );
      const flags = await metadata.get('SELECT amount < 0 AS below FROM notes WHERE id = 0');
      assert.equal(flags?.below, 1);
    }),
  'integers have 64 bits; one that a number would round is bound but not read': (place) =>
    using(place, async (metadata) => {
      const big = 2n ** 63n - 1n;
      await metadata.write(async (tx) => {
        await tx.run('INSERT INTO sizes (size) VALUES (?)', big);
        await tx.record(entry);
      });
      const found = await metadata.get('SELECT 1 AS one FROM sizes WHERE size = ?', big);
      assert.equal(found?.one, 1);
      const near = await metadata.get('SELECT 1 AS one FROM sizes WHERE size = ?', big - 1n);
      assert.equal(near, undefined);
      await assert.rejects(metadata.get('SELECT size FROM sizes'), RangeError);
      await assert.rejects(
        metadata.get('SELECT 1 AS one FROM sizes WHERE size = ?', 2n ** 63n),
        AssertionFailed,
      );
    }),
  'what SQL would change silently is refused': (place) =>
    using(place, async (metadata) => {
      for (const amount of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const write = metadata.write((tx) =>
          tx.run('INSERT INTO notes (amount) VALUES (?)', amount),
        );
        await assert.rejects(write, AssertionFailed);
      }
      for (const text of ['a\0b', 'a\ud800', '\udc00']) {
        await assert.rejects(metadata.write(noted(1, text)), TextNotStorable);
        await assert.rejects(
          metadata.get('SELECT id FROM notes WHERE text = ?', text),
          TextNotStorable,
        );
      }
      assert.equal(await count(metadata), 0);
    }),
  'changes are counted': (place) =>
    using(place, async (metadata) => {
      await metadata.write(async (tx) => {
        for (let id = 0; id < 5; id++) await add(tx, id);
        assert.equal(await tx.run('UPDATE notes SET text = ? WHERE id < ?', 'new', 3), 3);
        assert.equal(await tx.run('DELETE FROM notes WHERE id = 9'), 0);
        assert.equal(await tx.run('DELETE FROM notes WHERE id >= ?', 3), 2);
        await tx.record(entry);
      });
      assert.deepEqual(await ids(metadata), [0, 1, 2]);
    }),
  'a conflict does nothing, or changes the row that is there': (place) =>
    using(place, async (metadata) => {
      await metadata.write(async (tx) => {
        await add(tx, 1, 'old');
        const nothing = 'INSERT INTO notes (id, text) VALUES (?, ?) ON CONFLICT (id) DO NOTHING';
        assert.equal(await tx.run(nothing, 1, 'other'), 0);
        assert.equal(await tx.run(nothing, 2, 'second'), 1);
        const update = `INSERT INTO notes (id, text) VALUES (?, ?)
          ON CONFLICT (id) DO UPDATE SET text = notes.text || '+' || excluded.text`;
        assert.equal(await tx.run(update, 1, 'new'), 1);
        await tx.record(entry);
      });
      const rows = await metadata.all<{ text: string }>('SELECT text FROM notes ORDER BY id');
      assert.deepEqual(
        rows.map(({ text }) => text),
        ['old+new', 'second'],
      );
    }),
  'a key that is not there is not referred to': (place) =>
    using(place, async (metadata) => {
      const orphan = metadata.write(async (tx) => {
        await tx.run('INSERT INTO parts (note, part) VALUES (?, ?)', 9, 'p');
        await tx.record(entry);
      });
      await assert.rejects(orphan);
      assert.deepEqual(await metadata.all('SELECT * FROM parts'), []);
    }),
  'text sorts by its bytes, and question marks in quotes are text': (place) =>
    using(place, async (metadata) => {
      const texts = ['é', 'b', 'a', 'B', 'Z', 'a b', 'a-b', 'ab', '_', '界', '😀', '\uffee'];
      await metadata.write(async (tx) => {
        for (const [id, text] of texts.entries()) await add(tx, id, text);
        await tx.record(entry);
      });
      const rows = await metadata.all<{ text: string; mark: string }>(
        `SELECT text, 'a?''?' AS "mark" -- not a ? place
         FROM notes WHERE text <> ? ORDER BY text`,
        'none',
      );
      const sorted = [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      assert.deepEqual(
        rows.map(({ text }) => text),
        sorted,
      );
      assert.equal(rows[0]?.mark, "a?'?");
    }),
  'sums, counts and quotients are numbers of one kind': (place) =>
    using(place, async (metadata) => {
      await metadata.write(async (tx) => {
        for (let id = 1; id <= 4; id++) await tx.run('INSERT INTO notes (id) VALUES (?)', id);
        await tx.record(entry);
      });
      const row = await metadata.get(
        `SELECT COUNT(*) AS n, SUM(id) AS total, MAX(id) AS top, MIN(amount) AS least,
           SUM(id) / 4 AS quotient, AVG(id) AS mean FROM notes`,
      );
      const { quotient, ...rest } = { ...row };
      assert.deepEqual(rest, { n: 4, total: 10, top: 4, least: null, mean: 2.5 });
      assert.ok(quotient === 2 || quotient === 2.5);
    }),
  'migrations run once each, in order, and newer tables are refused': async (place) => {
    const later: Schema = {
      name: 'notes',
      migrations: [
        ...notes.migrations,
        ['ALTER TABLE notes ADD COLUMN stars INTEGER', 'UPDATE notes SET stars = 3'],
      ],
    };
    await opened(place, [notes], (metadata) => metadata.write(noted(1)));
    for (let time = 0; time < 2; time++) {
      await opened(place, [later], async (metadata) => {
        assert.equal((await metadata.get<{ stars: number }>('SELECT stars FROM notes'))?.stars, 3);
        const versions = await metadata.all<{ name: string; version: number }>(
          'SELECT name, version FROM schema_versions ORDER BY name',
        );
        assert.deepEqual(
          versions.map(({ name, version }) => `${name} ${version}`),
          ['ledger 1', 'notes 2'],
        );
      });
    }
    await assert.rejects(place.open([notes]), SchemaTooNew);
  },
  'a migration that fails leaves the version before it': async (place) => {
    const broken: Schema = {
      name: 'notes',
      migrations: [...notes.migrations, ['CREATE TABLE extra (id INTEGER)', 'CREATE NONSENSE']],
    };
    await assert.rejects(place.open([broken]));
    await opened(place, [notes], async (metadata) => {
      await assert.rejects(metadata.all('SELECT * FROM extra'));
      const row = await metadata.get("SELECT version FROM schema_versions WHERE name = 'notes'");
      assert.equal(row?.version, 1);
    });
  },
  'closing waits for what was begun, and nothing is taken afterwards': async (place) => {
    const metadata = await place.open([notes]);
    const writing = metadata.write(noted(1));
    await metadata.close();
    await writing;
    assert.throws(() => void metadata.write(noted(2)), AssertionFailed);
    await assert.rejects(metadata.all('SELECT * FROM notes'), AssertionFailed);
    await opened(place, [notes], async (again) => assert.deepEqual(await ids(again), [1]));
  },
};

/** What holds where several processes, or several instances in one, write to the same place. */
const severalInstances: Readonly<Record<string, Behaviour>> = {
  'writers of several instances take turns: nothing is lost and the ledger has one order': async (
    place,
  ) => {
    const writers = await Promise.all([1, 2, 3].map(() => place.open([notes])));
    try {
      await writers[0]!.write(async (tx) => {
        await tx.run('INSERT INTO notes (id, amount) VALUES (1, 0)');
        await tx.record(entry);
      });
      // Reading, waiting and writing what was read plus one loses updates unless writers take turns.
      const raise = async (tx: Transaction): Promise<void> => {
        const row = (await tx.get<{ amount: number }>('SELECT amount FROM notes'))!;
        await new Promise((resolve) => setImmediate(resolve));
        await tx.run('UPDATE notes SET amount = ?', row.amount + 1);
        await tx.record(entry);
      };
      const rounds = 12;
      for (let round = 0; round < rounds; round++) {
        await Promise.all(writers.map((metadata) => metadata.write(raise)));
      }
      const row = await writers[1]!.get<{ amount: number }>('SELECT amount FROM notes');
      assert.equal(row?.amount, 3 * rounds);
      await assertLedger(writers[2]!, 3 * rounds + 1);
    } finally {
      await Promise.all(writers.map((metadata) => metadata.close()));
    }
  },
  'instances that open an empty place at once migrate it once': async (place) => {
    const opened = await Promise.all([1, 2, 3, 4].map(() => place.open([notes])));
    await opened[3]!.write(noted(1));
    assert.deepEqual(await ids(opened[0]!), [1]);
    await Promise.all(opened.map((metadata) => metadata.close()));
  },
};

async function using(
  place: MetadataPlace,
  check: (metadata: Metadata, steps: readonly TransactionStep[]) => Promise<void>,
): Promise<void> {
  const steps: TransactionStep[] = [];
  const metadata = await place.open([notes], (step) => steps.push(step));
  try {
    await check(metadata, steps);
  } finally {
    await metadata.close();
  }
}

async function opened(
  place: MetadataPlace,
  schemas: readonly Schema[],
  check: (metadata: Metadata) => Promise<unknown>,
): Promise<void> {
  const metadata = await place.open(schemas);
  try {
    await check(metadata);
  } finally {
    await metadata.close();
  }
}

/** The ledger verifies from its first entry to its tree. */
async function assertLedger(metadata: Metadata, size: number): Promise<void> {
  const tree = await ledgerRoot(metadata);
  const verdict = await verifyLedger({
    entries: storedEntries(metadata),
    checkpoints: [],
    trustedKeys: [],
    tree,
  });
  assert.deepEqual({ ok: verdict.ok, size: tree.size }, { ok: true, size });
}

/** An error with all it carries, causes included. */
function allOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return { ...error, message: error.message, stack: error.stack, cause: allOf(error.cause) };
}

function noted(id: number, text?: string): (tx: Transaction) => Promise<void> {
  return async (tx) => {
    await add(tx, id, text);
    await tx.record(entry);
  };
}

async function add(tx: Transaction, id: number, text: string = `note ${id}`): Promise<void> {
  await tx.run('INSERT INTO notes (id, text) VALUES (?, ?)', id, text);
}

async function ids(reader: Pick<Metadata, 'all'>): Promise<readonly number[]> {
  return (await reader.all<{ id: number }>('SELECT id FROM notes ORDER BY id')).map(({ id }) => id);
}

async function count(reader: Pick<Metadata, 'get'>): Promise<number> {
  return (await reader.get<{ n: number }>('SELECT count(*) AS n FROM notes'))!.n;
}
