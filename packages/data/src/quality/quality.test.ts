import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Digest } from '@backlot/core';
import { type Metadata, openSqliteMetadata } from '@backlot/store';
import fc from 'fast-check';
import { dataSchema } from '../catalogue/data-schema.ts';
import { publishSnapshot } from '../catalogue/publish-snapshot.ts';
import { applyRetention } from '../catalogue/retention.ts';
import { snapshotHistory } from '../catalogue/tables.ts';
import { date, decimal, float, int, int64, key, text, texts, timestamp } from '../column.ts';
import { contractData, parseContract, type Table, table } from '../contract.ts';
import { BadContract } from '../data-error.ts';
import { gt } from '../relations/functions/comparisons.ts';
import { readManifest } from '../snapshots/manifest.ts';
import { type TestWorld, testWorld } from '../world.fixture.ts';
import { QualityRefused } from './quality-error.ts';
import { type QualityParts, qualityOf, requireQuality } from './quality-of.ts';
import { overrideQuality, readReport } from './reports.ts';
import { custom, distribution, freshness, notNull, range, references, unique } from './rule.ts';
import { withRules } from './with-rules.ts';

const shops = table('shops', { shop: key() }, { purposes: ['measure', 'train'] });
const plain = table(
  'sales',
  {
    shop: key().optional(),
    day: date(),
    at: timestamp(),
    amount: int(),
    serial: int64().optional(),
    price: decimal(2).optional(),
    weight: float().optional(),
    tags: texts().optional(),
    note: text().sensitive('personal').optional(),
  },
  { purposes: ['measure', 'train'] },
);
const sales = withRules(plain, (rows) => [
  notNull('shop', { maxShare: 0.25 }),
  notNull('note', { severity: 'warn' }),
  range('amount', { min: 0, max: 100 }),
  range('serial', { max: '9007199254740993' }),
  range('price', { min: '0.10' }),
  range('weight', { min: 0.5 }),
  range('day', { min: '2020-01-01' }),
  unique(['shop', 'day']),
  references('shop', { table: 'shops', to: 'shop' }),
  freshness('at', { withinHours: 24 }),
  freshness('day', { withinHours: 24 }),
  distribution('amount', { ks: 0.5 }),
  custom(
    'dear',
    rows.filter((row) => gt(row.amount, 90)),
  ),
]);

interface QualityWorld extends TestWorld {
  readonly metadata: Metadata;
  readonly parts: QualityParts;
  publish(contract: Table, csv: string, previous?: Digest): Promise<Digest>;
}

const actor = { workspace: 'main', id: 'ada' };
const noon = Date.parse('2024-03-02T12:00:00Z');

async function qualityWorld(t: TestContext, tables: readonly Table[]): Promise<QualityWorld> {
  const world = await testWorld(t);
  const io = { ...world.io, clock: { ...world.io.clock, now: () => noon } };
  const path = join(world.folder, 'metadata.sqlite');
  const metadata = await openSqliteMetadata({ path, clock: io.clock, schemas: [dataSchema] });
  t.after(() => metadata.close());
  const publish = async (contract: Table, csv: string, previous?: Digest): Promise<Digest> => {
    const { manifest: digest } = await world.give(csv, {
      ...{ contract, mode: 'replace' },
      ...(previous && { previous }),
    });
    assert.ok(digest);
    const manifest = await readManifest(world.objects, digest);
    await metadata.write((tx) =>
      publishSnapshot(tx, actor, {
        ...{ digest, manifest, at: noon },
        ...(previous && { expectedPrevious: previous }),
      }),
    );
    return digest;
  };
  const parts = {
    ...{ io, metadata, objects: world.objects, memoryMiB: 256, threads: 1 },
    scratch: join(world.folder, 'quality'),
    rulesOf: (name: string) => tables.find((one) => one.name === name)?.options.rules,
  };
  return { ...world, metadata, parts, publish };
}

const header = 'shop,day,at,amount,serial,price,weight,tags,note';
const good = [
  'a,2024-03-01,2024-03-02T10:00:00Z,50,1,1.00,1.5,"[""x""]",n1',
  'b,2024-03-02,2024-03-01T10:00:00Z,60,9007199254740993,0.10,0.5,,n2',
  ',2024-03-02,2024-03-01T10:00:00Z,70,,,,,n3',
];

test('each kind of rule finds its bad rows, and says where they are and never what they hold', async (t) => {
  const world = await qualityWorld(t, [sales, shops]);
  await world.publish(shops, 'shop\na\nb\n');
  const fine = await world.publish(
    sales,
    `${header}\n${[...good, good[0]!.replace('a,', 'b,')].join('\n')}\n`,
  );
  const kept = await qualityOf(world.parts, actor, fine);
  assert.deepEqual(
    kept.results.filter(({ passed }) => !passed),
    [],
  );
  assert.equal(
    kept.results.find(({ kind }) => kind === 'distribution')!.note,
    'no snapshot before',
  );
  const bad = [
    'a,2024-03-01,2024-02-01T10:00:00Z,1,9007199254740994,0.09,0.4,,secret',
    'a,2024-03-01,2024-02-01T10:00:00Z,-1,,,,,',
    'c,2019-12-31,2024-02-01T10:00:00Z,101,,,,,',
    ',2024-02-01,2024-02-01T10:00:00Z,2,,,,,',
    ',2024-02-01,2024-02-01T10:00:00Z,3,,,,,',
  ];
  const broken = await world.publish(sales, `${header}\n${bad.join('\n')}\n`, fine);
  const { results, passed } = await qualityOf(world.parts, actor, broken);
  assert.equal(passed, false);
  const found = Object.fromEntries(
    results.map((one) => [one.rule, [one.passed, one.failing, one.sample]]),
  );
  // Places in the order of all columns: a with -1, a with 1, c, then the two without a shop.
  assert.deepEqual(found, {
    'notNull(shop)': [false, 2, [4, 5]],
    'notNull(note)': [false, 4, [1, 3, 4, 5]],
    'range(amount)': [false, 2, [1, 3]],
    'range(serial)': [false, 1, [2]],
    'range(price)': [false, 1, [2]],
    'range(weight)': [false, 1, [2]],
    'range(day)': [false, 1, [3]],
    'unique(shop, day)': [false, 2, [1, 2]],
    'references(shop)': [false, 1, [3]],
    'freshness(at)': [false, 1, []],
    'freshness(day)': [true, 0, []],
    'distribution(amount)': [false, 1, []],
    'custom(dear)': [false, 1, []],
  });
  assert.doesNotMatch(JSON.stringify(results), /secret/);
  assert.deepEqual(
    await readReport(world.metadata, 'main', broken),
    await qualityOf(world.parts, actor, broken),
  );
});

test('a broken rule that blocks refuses what reads the snapshot, until a reason is recorded', async (t) => {
  const blocking = withRules(plain, () => [range('amount', { max: 10 })]);
  const warning = withRules(plain, () => [range('amount', { max: 10, severity: 'warn' })]);
  const tables: Table[] = [blocking];
  const world = await qualityWorld(t, tables);
  const snapshot = await world.publish(plain, `${header}\n${good.join('\n')}\n`);
  await assert.rejects(requireQuality(world.parts, actor, snapshot), (error) => {
    assert.ok(error instanceof QualityRefused);
    assert.match(error.message, /sales breaks range\(amount\)/);
    return true;
  });
  const wish = { table: 'sales', snapshot, at: noon };
  await assert.rejects(
    world.metadata.write((tx) => overrideQuality(tx, actor, { ...wish, reason: '  ' })),
    BadContract,
  );
  await world.metadata.write((tx) => overrideQuality(tx, actor, { ...wish, reason: 'known' }));
  await requireQuality(world.parts, actor, snapshot);
  // Other rules are checked anew: a rule that only warns lets readers through.
  tables[0] = warning;
  const report = await qualityOf(world.parts, actor, snapshot);
  assert.deepEqual([report.passed, report.results[0]!.passed], [true, false]);
});

test('counts are those of a look at every row', async (t) => {
  const rules = [
    notNull('weight'),
    range('amount', { min: -3, max: 3 }),
    unique(['amount', 'weight']),
    references('amount', { table: 'sales', to: 'amount' }),
  ];
  const world = await qualityWorld(t, [withRules(plain, () => rules)]);
  const row = fc.record({
    amount: fc.integer({ min: -5, max: 5 }),
    weight: fc.option(fc.integer({ min: 0, max: 3 }), { nil: null }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
      const lines = rows.map(
        ({ amount, weight }, at) =>
          `s,2024-03-01,2024-03-01T00:00:${String(at).padStart(2, '0')}Z,${amount},,,${weight ?? ''},,`,
      );
      const { manifest } = await world.give(`${header}\n${lines.join('\n')}\n`, {
        ...{ contract: plain, mode: 'replace' },
      });
      const { results } = await qualityOf(world.parts, actor, manifest!, true);
      const same = (one: (typeof rows)[number]): number =>
        rows.filter((each) => each.amount === one.amount && each.weight === one.weight).length;
      assert.deepEqual(
        results.map(({ failing }) => failing),
        [
          rows.filter(({ weight }) => weight === null).length,
          rows.filter(({ amount }) => Math.abs(amount) > 3).length,
          rows.filter((one) => one.weight !== null && same(one) > 1).length,
          0,
        ],
      );
    }),
    { numRuns: 5 },
  );
});

test('rules are part of the contract, come back from JSON, and are refused when they mean nothing', () => {
  const data = contractData(sales);
  assert.equal(data.rules!.length, 13);
  assert.deepEqual(parseContract(JSON.parse(JSON.stringify(data))), data);
  assert.equal('rules' in contractData(plain), false);
  const refused: readonly unknown[] = [
    { kind: 'notNull', column: 'nowhere', severity: 'block', maxShare: 0 },
    { kind: 'notNull', column: 'day', severity: 'shout', maxShare: 0 },
    { kind: 'notNull', column: 'day', severity: 'warn', maxShare: 2 },
    { kind: 'notNull', column: 'day', severity: 'warn', maxShare: 0, extra: 1 },
    { kind: 'range', column: 'tags', severity: 'warn', maxShare: 0, min: 1 },
    { kind: 'range', column: 'day', severity: 'warn', maxShare: 0, min: 1 },
    { kind: 'unique', columns: ['tags'], severity: 'warn' },
    { kind: 'unique', columns: [], severity: 'warn' },
    {
      kind: 'references',
      column: 'shop',
      table: 'No Name',
      to: 'x',
      severity: 'warn',
      maxShare: 0,
    },
    { kind: 'freshness', column: 'amount', withinHours: 1, severity: 'warn' },
    { kind: 'distribution', column: 'amount', severity: 'warn' },
    { kind: 'custom', name: 'x', relation: 'sha256:1', severity: 'warn' },
    { kind: 'toString', severity: 'warn' },
    null,
  ];
  for (const rule of refused) {
    assert.throws(
      () => parseContract({ ...data, rules: [rule] }),
      BadContract,
      JSON.stringify(rule),
    );
  }
  const twice = [data.rules![0], data.rules![0]];
  assert.throws(() => parseContract({ ...data, rules: twice }), /two rules/);
});

test('a version that is no longer listed is no snapshot before', async (t) => {
  const drifting = withRules(plain, () => [distribution('amount', { ks: 0.5 })]);
  const world = await qualityWorld(t, [drifting]);
  const first = await world.publish(plain, `${header}\n${good.join('\n')}\n`);
  const second = await world.publish(plain, `${header}\n${good[0]}\n`, first);
  const applied = { ...world.parts, table: 'sales', scratch: join(world.folder, 'retention') };
  await applyRetention({ ...applied, history: 1 }, actor);
  await world.objects.remove(first);
  const [result] = (await qualityOf(world.parts, actor, second)).results;
  assert.equal(result!.note, 'no snapshot before');
  const [newest, ...older] = await snapshotHistory(world.metadata, 'main', 'sales');
  assert.deepEqual([newest!.digest, newest!.previous, older], [second, undefined, []]);
});

test('what was found against other tables is not known any more when those may have changed', async (t) => {
  const referring = withRules(plain, () => [references('shop', { table: 'shops', to: 'shop' })]);
  const world = await qualityWorld(t, [referring, shops]);
  const before = await world.publish(shops, 'shop\na\nb\n');
  const snapshot = await world.publish(plain, `${header}\n${good.join('\n')}\n`);
  assert.equal((await qualityOf(world.parts, actor, snapshot)).passed, true);
  await world.publish(shops, 'shop\na\n', before);
  assert.equal((await qualityOf(world.parts, actor, snapshot)).passed, false);
});

test('a rule of distribution on rows that may not be measured passes with a note', async (t) => {
  const unmeasured = table('sales', { amount: int() }, { purposes: ['train'] });
  const drifting = withRules(unmeasured, () => [distribution('amount', { ks: 0.5 })]);
  const world = await qualityWorld(t, [drifting]);
  const first = await world.publish(unmeasured, 'amount\n1\n2\n');
  const second = await world.publish(unmeasured, 'amount\n5\n6\n', first);
  const { passed, results } = await qualityOf(world.parts, actor, second);
  assert.deepEqual([passed, results[0]!.note], [true, 'rows may not be measured']);
});

test('an override is for the rules that were broken when it was given, and for no others', async (t) => {
  const first = withRules(plain, () => [range('amount', { max: 10 })]);
  const more = withRules(plain, () => [range('amount', { max: 10 }), notNull('shop')]);
  const tables: Table[] = [withRules(plain, () => [range('amount', { min: 0 })])];
  const world = await qualityWorld(t, tables);
  const snapshot = await world.publish(plain, `${header}\n${good.join('\n')}\n`);
  const wish = { table: 'sales', snapshot, reason: 'known', at: noon };
  const override = () => world.metadata.write((tx) => overrideQuality(tx, actor, wish));
  await assert.rejects(override(), BadContract, 'nothing was checked');
  await requireQuality(world.parts, actor, snapshot);
  await assert.rejects(override(), BadContract, 'nothing is broken');
  tables[0] = first;
  await assert.rejects(requireQuality(world.parts, actor, snapshot), QualityRefused);
  await override();
  await requireQuality(world.parts, actor, snapshot);
  tables[0] = more;
  await assert.rejects(requireQuality(world.parts, actor, snapshot), QualityRefused);
  await override();
  await requireQuality(world.parts, actor, snapshot);
});
