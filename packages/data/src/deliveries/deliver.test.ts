import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Cancelled } from '@backlot/core';
import { bucketOf } from '../bucket.ts';
import { int, key, subject, text } from '../column.ts';
import { table } from '../contract.ts';
import { ContractChanged } from '../data-error.ts';
import { openDuckDb } from '../duckdb/engine.ts';
import { relation } from '../relations/relation.ts';
import { readManifest } from '../snapshots/manifest.ts';
import { openSnapshot } from '../snapshots/snapshot.ts';
import { header, plays, pseudonyms, type TestWorld, testWorld } from '../world.fixture.ts';
import { readReceipt } from './receipt.ts';

const good = (account: string, item: string): string =>
  `${account},${item},2026-01-02T03:04:05.25Z,1000,us,4.5,hello`;

async function rowsOf(world: TestWorld, digest: `sha256:${string}` | undefined) {
  const snapshot = await openSnapshot(world.objects, digest!, { purpose: 'measure' });
  const engine = openDuckDb({
    io: world.io,
    memoryMiB: 256,
    threads: 2,
    scratch: join(world.folder, 'engine'),
  });
  return engine.rows(relation(plays).sort('item'), { snapshots: [snapshot], purpose: 'measure' });
}

test('good rows become a snapshot, bad rows go to quarantine, the receipt counts both', async (t) => {
  const world = await testWorld(t);
  const outcome = await world.give(
    [
      header,
      good('alice', 'a'),
      'bob,b,yesterday,-5,us,,',
      good('carol', 'c'),
      'dora,d,2026-01-02T03:04:05Z,1,de,,"too long a note, more than twenty"',
    ].join('\n'),
  );
  assert.equal(outcome.status, 'accepted');
  const { receipt } = outcome;
  assert.deepEqual(
    [receipt.rows, receipt.accepted, receipt.quarantined, receipt.subjects],
    [4, 2, 2, 2],
  );
  assert.deepEqual(await readReceipt(world.objects, outcome.receiptDigest), receipt);
  const lines = (await world.text(outcome.quarantine))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ row, column, rule }) => [row, column, rule]),
    [
      [2, 'playedAt', 'not-a-timestamp'],
      [2, 'msPlayed', 'below-min'],
      [4, 'storefront', 'not-in-list'],
      [4, 'note', 'too-long'],
    ],
  );
  assert.ok(lines.every(({ mend }) => mend.length > 0));
  const rows = await rowsOf(world, outcome.manifest);
  assert.deepEqual(rows[0], {
    account: pseudonyms.pseudonym('alice'),
    item: 'a',
    playedAt: Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 + 250_000,
    msPlayed: 1000,
    storefront: 'us',
    rating: 4.5,
    note: 'hello',
  });
});

test('accounts in clear reach no object and no error', async (t) => {
  const world = await testWorld(t);
  const account = 'Erika-Mustermann-4711';
  // The account stands in the wrong columns too, where it breaks rules.
  const lines = [
    header,
    good(account, 'a'),
    `${account},b,${account},${account},${account},${account},x`,
    good('z', 'z'),
  ];
  const outcome = await world.give(lines.join('\n'));
  assert.equal(outcome.status, 'accepted');
  const root = join(world.folder, 'objects');
  let objects = 0;
  for (const name of await readdir(root, { recursive: true })) {
    const path = join(root, name);
    if (!(await stat(path)).isFile()) continue;
    objects++;
    assert.ok(!(await readFile(path)).includes(account), name);
  }
  assert.ok(objects >= 5);
  const sealed = (await world.text(outcome.subjects))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    sealed.map(({ pseudonym }) => pseudonym),
    [account, 'z'].map((raw) => pseudonyms.pseudonym(raw)),
  );
  assert.deepEqual(await readdir(join(world.folder, 'scratch')), []);
});

test('rows lie in the bucket of their subject, one file for each, in the order they came', async (t) => {
  const world = await testWorld(t);
  const accounts = Array.from({ length: 100 }, (_, index) => `account-${index}`);
  const outcome = await world.give(
    [
      header,
      ...accounts.map((account, index) => good(account, `i${String(index).padStart(3, '0')}`)),
    ].join('\n'),
  );
  const manifest = await readManifest(world.objects, outcome.manifest!);
  const expected = new Map<number, number>();
  for (const account of accounts) {
    const bucket = bucketOf(pseudonyms.pseudonym(account), 16);
    expected.set(bucket, (expected.get(bucket) ?? 0) + 1);
  }
  assert.deepEqual(
    new Map(manifest.files.map(({ bucket, rows }) => [bucket, rows])),
    new Map([...expected].sort(([a], [b]) => a - b)),
  );
  assert.equal(manifest.rows, 100);
});

test('the same delivery gives the same manifest, whatever the threads and the scratch folder', async (t) => {
  const world = await testWorld(t);
  const rows = Array.from({ length: 9_000 }, (_, index) =>
    good(`account-${index % 700}`, `i${index % 333}`),
  );
  const source = [header, ...rows].join('\r\n');
  const outcomes = [];
  for (const threads of [1, 2, 4]) {
    outcomes.push(
      await world.give(source, { threads, scratch: join(world.folder, `scratch-${threads}`) }),
    );
  }
  assert.equal(new Set(outcomes.map(({ manifest }) => manifest)).size, 1);
  assert.equal(new Set(outcomes.map(({ receiptDigest }) => receiptDigest)).size, 1);
  const packed = await world.give(gzipSync(source), {
    source: {
      object: (await world.objects.put(gzipSync(source))).digest,
      format: 'csv',
      compression: 'gzip',
    },
  });
  const files = async (digest: `sha256:${string}` | undefined) =>
    (await readManifest(world.objects, digest!)).files.map((file) => file.digest);
  assert.deepEqual(await files(packed.manifest), await files(outcomes[0]!.manifest));
});

test('append shares the files that stand, and the same delivery again changes nothing', async (t) => {
  const world = await testWorld(t);
  const first = await world.give([header, good('alice', 'a')].join('\n'));
  const second = await world.give([header, good('bob', 'b')].join('\n'), {
    previous: first.manifest!,
  });
  const [before, after] = [
    await readManifest(world.objects, first.manifest!),
    await readManifest(world.objects, second.manifest!),
  ];
  assert.deepEqual(after.files.slice(0, 1), before.files);
  assert.deepEqual([after.rows, after.previous], [2, first.manifest]);
  const again = await world.give([header, good('alice', 'a')].join('\n'), {
    previous: second.manifest!,
  });
  assert.deepEqual([again.status, again.manifest], ['unchanged', second.manifest]);
  const replaced = await world.give([header, good('carol', 'c')].join('\n'), {
    previous: second.manifest!,
    mode: 'replace',
  });
  assert.deepEqual(
    (await rowsOf(world, replaced.manifest)).map(({ item }) => item),
    ['c'],
  );
  const same = await world.give([header, good('carol', 'c')].join('\n'), {
    previous: replaced.manifest!,
    mode: 'replace',
  });
  assert.deepEqual([same.status, same.manifest], ['unchanged', replaced.manifest]);
});

test('over the share of bad rows the delivery is refused whole, with its reasons', async (t) => {
  const world = await testWorld(t);
  const bad = 'x,y,z,1,us,,';
  const outcome = await world.give([header, good('alice', 'a'), bad, bad].join('\n'));
  assert.deepEqual(
    [outcome.status, outcome.manifest, outcome.subjects],
    ['refused', undefined, undefined],
  );
  assert.deepEqual(
    outcome.receipt.reasons.map(({ rule, rows, firstRow }) => [rule, rows, firstRow]),
    [
      ['too-many-bad-rows', 2, 0],
      ['not-a-timestamp', 2, 2],
    ],
  );
  assert.ok(outcome.quarantine);
  const atLimit = await world.give([header, good('alice', 'a'), bad].join('\n'));
  assert.equal(atLimit.status, 'accepted');
});

test('a file that does not fit as a whole is refused with the rule it breaks', async (t) => {
  const world = await testWorld(t);
  const row = good('a', 'b');
  const cases: readonly (readonly [rule: string, content: string | Uint8Array])[] = [
    ['no-header', ''],
    ['empty', header],
    ['missing-column', `${header.replace('msPlayed,', '')}\n${row}`],
    ['unknown-column', `${header},extra\n${row},1`],
    ['renamed-column', `${header.replace('msPlayed', 'MSPLAYED')}\n${row}`],
    ['duplicate-column', `${header},note\n${row},again`],
    ['not-utf8', Buffer.from(`\ufeff${header}`, 'utf16le')],
    ['unclosed-quote', `${header}\n"${row}\n${row}`],
    ['too-many-columns', `${'a,'.repeat(5000)}a\n`],
    ['too-many-columns', `${'a,'.repeat(1_000_000)}a\n`],
    ['header-too-long', 'a'.repeat(2_000_000)],
  ];
  for (const [rule, content] of cases) {
    const { status, receipt } = await world.give(content);
    assert.deepEqual([status, receipt.reasons[0]?.rule], ['refused', rule]);
  }
});

test('columns may come in any order, and optional ones may be left out', async (t) => {
  const world = await testWorld(t);
  const outcome = await world.give(
    'item,account,storefront,msPlayed,playedAt\nx,alice,fr,7,2026-01-01T00:00:00Z\n',
  );
  const [row] = await rowsOf(world, outcome.manifest);
  assert.deepEqual([row?.item, row?.storefront, row?.msPlayed, row?.rating], ['x', 'fr', 7, null]);
});

test('a primary key goes into a table once, within a delivery and over snapshots', async (t) => {
  const world = await testWorld(t);
  const items = table(
    'items',
    { id: key(), title: text() },
    { purposes: ['measure'], primaryKey: ['id'], maxBadShare: 0.9 },
  );
  const first = await world.give('id,title\na,one\nb,two\na,three\n', { contract: items });
  assert.deepEqual(
    [first.receipt.accepted, first.receipt.reasons[0]?.rule, first.receipt.reasons[0]?.firstRow],
    [2, 'duplicate-key', 3],
  );
  const second = await world.give('id,title\nb,four\nc,five\n', {
    contract: items,
    previous: first.manifest!,
  });
  assert.deepEqual([second.receipt.accepted, second.receipt.quarantined], [1, 1]);
  const owned = table(
    'owned',
    { account: subject(), item: key() },
    { purposes: ['measure'], primaryKey: ['account', 'item'], maxBadShare: 0.9 },
  );
  const third = await world.give('account,item\nx,a\nx,b\n', { contract: owned });
  const fourth = await world.give('account,item\ny,a\nx,b\n', {
    contract: owned,
    previous: third.manifest!,
  });
  assert.deepEqual([fourth.receipt.accepted, fourth.receipt.reasons[0]?.firstRow], [1, 2]);
});

test('rows are appended only under the contract of the rows that stand', async (t) => {
  const world = await testWorld(t);
  const first = await world.give([header, good('alice', 'a')].join('\n'));
  const wider = table(
    'plays',
    { ...plays.columns, skips: int().optional() },
    { purposes: ['recommend'] },
  );
  await assert.rejects(
    world.give([header, good('bob', 'b')].join('\n'), {
      contract: wider,
      previous: first.manifest!,
    }),
    ContractChanged,
  );
  const replaced = await world.give([header, good('bob', 'b')].join('\n'), {
    contract: wider,
    previous: first.manifest!,
    mode: 'replace',
  });
  assert.equal(replaced.status, 'accepted');
});

test('rows of people who were erased are not stored again', async (t) => {
  const world = await testWorld(t);
  const erased = pseudonyms.pseudonym('bob');
  const outcome = await world.give([header, good('alice', 'a'), good('bob', 'b')].join('\n'), {
    pseudonyms: { ...pseudonyms, isErased: (pseudonym) => pseudonym === erased },
  });
  assert.deepEqual(
    [outcome.receipt.accepted, outcome.receipt.reasons[0]?.rule],
    [1, 'erased-subject'],
  );
});

test('texts that look like a person are warned of, unless their column is personal', async (t) => {
  const world = await testWorld(t);
  const columns = { id: key(), note: text(), contact: text().sensitive('personal') };
  const notes = table('notes', columns, { purposes: ['measure'] });
  const { receipt } = await world.give(
    'id,note,contact\n1,write to a.b@example.org,a@b.org\n2,call +49 30 1234567,x\n3,none,y\n',
    { contract: notes },
  );
  assert.deepEqual(receipt.warnings, [
    { column: 'note', looksLike: 'e-mail address', rows: 1 },
    { column: 'note', looksLike: 'phone number', rows: 1 },
  ]);
});

test('a cancelled delivery leaves nothing in its scratch folder', async (t) => {
  const world = await testWorld(t);
  const controller = new AbortController();
  const rows = Array.from({ length: 50_000 }, (_, index) => good(`a${index}`, `i${index}`));
  const delivery = world.give([header, ...rows].join('\n'), {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await assert.rejects(delivery, Cancelled);
  assert.deepEqual(await readdir(join(world.folder, 'scratch')), []);
});
