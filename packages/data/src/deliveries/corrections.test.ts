import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Digest } from '@backlot/core';
import fc from 'fast-check';
import { int, key, subject, timestamp } from '../column.ts';
import { table } from '../contract.ts';
import { BadContract } from '../data-error.ts';
import { openDuckDb } from '../duckdb/engine.ts';
import { relation } from '../relations/relation.ts';
import { smallFiles } from '../snapshots/compact.ts';
import { readManifest } from '../snapshots/manifest.ts';
import { openSnapshot } from '../snapshots/snapshot.ts';
import { pseudonyms, type TestWorld, testWorld } from '../world.fixture.ts';

const columns = { account: subject(), item: key(), n: int(), updated: int().optional() };
const corrected = table('ratings', columns, {
  ...{ purposes: ['measure'], primaryKey: ['account', 'item'], buckets: 4 },
  corrections: { by: 'updated' },
});
const header = 'account,item,n,updated';

interface Row {
  readonly account: string;
  readonly item: string;
  readonly n: number;
  readonly updated: number | null;
}

const line = ({ account, item, n, updated }: Row): string =>
  `${account},${item},${n},${updated ?? ''}`;

async function rowsOf(world: TestWorld, digest: Digest): Promise<Row[]> {
  const snapshot = await openSnapshot(world.objects, digest, { purpose: 'measure' });
  const scratch = join(world.folder, 'engine');
  const engine = openDuckDb({ io: world.io, memoryMiB: 256, threads: 1, scratch });
  const run = { snapshots: [snapshot], purpose: 'measure' } as const;
  return [...(await engine.rows(relation(corrected).sort('account', 'item'), run))] as Row[];
}

/** What the contract says, in so many words: newest wins, of equals the last that came. */
function oracle(deliveries: readonly (readonly Row[])[]): Row[] {
  const rows = new Map<string, Row>();
  for (const row of deliveries.flat()) {
    const id = `${row.account} ${row.item}`;
    const held = rows.get(id);
    const older = held && (held.updated ?? -Infinity) > (row.updated ?? -Infinity);
    if (!older) rows.set(id, { ...row, account: pseudonyms.pseudonym(row.account) });
  }
  const order = (a: Row): string => `${a.account} ${a.item}`;
  return [...rows.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

const someRow = fc.record({
  account: fc.constantFrom('ann', 'bob', 'cy', 'dee', 'eve'),
  item: fc.constantFrom('x', 'y', 'z'),
  n: fc.nat(99),
  updated: fc.option(fc.nat(4)),
});

test('corrections end as the rule says, and coming again changes nothing', async (t) => {
  const world = await testWorld(t);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(someRow, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
      async (deliveries) => {
        let previous: Digest | undefined;
        const taken: (readonly Row[])[] = [];
        for (const rows of deliveries) {
          const content = [header, ...rows.map(line)].join('\n');
          const outcome = await world.give(content, {
            ...{ contract: corrected, ...(previous && { previous }) },
          });
          if (outcome.status === 'accepted') taken.push(rows);
          previous = outcome.manifest!;
          assert.deepEqual(await rowsOf(world, previous), oracle(taken));
        }
        for (const rows of deliveries) {
          const content = [header, ...rows.map(line)].join('\n');
          const again = await world.give(content, { contract: corrected, previous: previous! });
          assert.deepEqual([again.status, again.manifest], ['unchanged', previous]);
        }
      },
    ),
    { numRuns: 8, seed: 20261124 },
  );
});

test('a correction writes only the files anew that hold its keys; the receipt counts it', async (t) => {
  const world = await testWorld(t);
  const accounts = Array.from({ length: 40 }, (_, index) => `user-${index}`);
  const rows = accounts.map((account) => ({ account, item: 'x', n: 1, updated: 5 }));
  const first = await world.give([header, ...rows.map(line)].join('\n'), { contract: corrected });
  const newer = { ...rows[0]!, n: 2, updated: 6 };
  const older = { ...rows[1]!, n: 3, updated: 4 };
  const second = await world.give([header, line(newer), line(older)].join('\n'), {
    ...{ contract: corrected, previous: first.manifest! },
  });
  const [a, b] = [
    await readManifest(world.objects, first.manifest!),
    await readManifest(world.objects, second.manifest!),
  ];
  const shared = b.files.filter(({ digest }) => a.files.some((file) => file.digest === digest));
  assert.equal(shared.length, a.files.length - 1);
  assert.equal(b.rows, 40);
  assert.deepEqual([second.receipt.accepted, second.receipt.superseded], [2, 1]);
});

test('late rows are held against the newest row of the table, by days', async (t) => {
  const world = await testWorld(t);
  const visits = (rule: 'quarantine' | 'accept') =>
    table(
      'visits',
      { item: key(), at: timestamp() },
      {
        ...{ purposes: ['measure'], maxBadShare: 0.6, late: { by: 'at', days: 2, rule } },
      },
    );
  const csv = (...rows: string[]): string => ['item,at', ...rows].join('\n');
  for (const rule of ['quarantine', 'accept'] as const) {
    const contract = visits(rule);
    const first = await world.give(csv('a,2026-03-10T00:00:00Z', 'b,2026-01-01T00:00:00Z'), {
      contract,
    });
    assert.equal(first.receipt.accepted, 2, 'the first delivery has nothing to be late for');
    const second = await world.give(
      csv('c,2026-03-08T00:00:00Z', 'd,2026-03-07T23:59:59.999999Z', 'e,2026-05-01T00:00:00Z'),
      { contract, previous: first.manifest! },
    );
    const { receipt } = second;
    assert.deepEqual(
      [receipt.accepted, receipt.quarantined, receipt.late],
      rule === 'accept' ? [3, 0, 1] : [2, 1, undefined],
    );
    if (rule === 'quarantine') {
      const [reason] = receipt.reasons;
      assert.deepEqual([reason?.rule, reason?.column, reason?.firstRow], ['late', 'at', 2]);
    }
  }
});

test('sixteen small files of a bucket become one, and each delivery stays known', async (t) => {
  const world = await testWorld(t);
  const contract = table('visits', { item: key(), n: int() }, { purposes: ['measure'] });
  let previous: Digest | undefined;
  const counts: number[] = [];
  for (let n = 0; n < 17; n++) {
    const outcome = await world.give(`item,n\ni${n},${n}\n`, {
      ...{ contract, ...(previous && { previous }) },
    });
    previous = outcome.manifest!;
    const manifest = await readManifest(world.objects, previous);
    assert.equal(manifest.rows, n + 1);
    counts.push(manifest.files.length);
    assert.equal(smallFiles(manifest.files).length, 0);
  }
  assert.deepEqual(counts.slice(-3), [15, 1, 2]);
  for (let n = 0; n < 17; n += 8) {
    const again = await world.give(`item,n\ni${n},${n}\n`, { contract, previous: previous! });
    assert.equal(again.status, 'unchanged');
  }
});

test('a second identical delivery changes nothing in either mode', async (t) => {
  const world = await testWorld(t);
  const content = [header, 'ann,x,1,1', 'bob,y,2,'].join('\n');
  for (const mode of ['append', 'replace'] as const) {
    const first = await world.give(content, { contract: corrected, mode });
    const second = await world.give(content, {
      contract: corrected,
      mode,
      previous: first.manifest!,
    });
    assert.deepEqual([second.status, second.manifest], ['unchanged', first.manifest]);
  }
});

test('rules that name no fitting column are refused', () => {
  const options = { purposes: ['measure'] as const, primaryKey: ['item'] as const };
  const bad = [
    () =>
      table('t', { item: key(), n: int() }, { purposes: ['measure'], corrections: { by: 'n' } }),
    () => table('t', { item: key(), n: int() }, { ...options, corrections: { by: 'item' } }),
    () => table('t', { item: key(), n: int() }, { ...options, retentionBy: 'n' }),
    () =>
      table(
        't',
        { item: key(), at: timestamp() },
        {
          ...{ ...options, late: { by: 'at', days: -1, rule: 'accept' } },
        },
      ),
  ];
  for (const make of bad) assert.throws(make, BadContract);
});

test('the same dump again with one row changed keeps every row, also where files come out equal', async (t) => {
  const world = await testWorld(t);
  // One row to a bucket at the least comes again unchanged: its file has the digest it had.
  const dump = (changed: number): Row[] =>
    Array.from({ length: 40 }, (_, at) => ({
      ...{ account: `account${at}`, item: 'x', updated: 1 },
      n: at === 0 ? changed : at,
    }));
  const content = (rows: readonly Row[]): string => [header, ...rows.map(line)].join('\n');
  const quoted = (rows: readonly Row[]): string =>
    [header, ...rows.map((row) => `"${row.account}",${line(row).split(',').slice(1)}`)].join('\n');
  const one = table('ratings', columns, {
    ...{ purposes: ['measure'], primaryKey: ['account', 'item'], buckets: 1 },
    corrections: { by: 'updated' },
  });
  for (const contract of [corrected, one]) {
    const first = await world.give(content(dump(1)), { contract });
    const changed = { contract, previous: first.manifest! };
    const second = await world.give(content(dump(2)), changed);
    assert.deepEqual(await rowsOf(world, second.manifest!), oracle([dump(2)]));
    const third = await world.give(quoted(dump(1)), changed);
    assert.equal(third.status, 'accepted');
    assert.deepEqual(await rowsOf(world, third.manifest!), oracle([dump(1)]));
  }
});
