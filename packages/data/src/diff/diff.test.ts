import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bool,
  decimal,
  float,
  int,
  int64,
  key,
  oneOf,
  subject,
  text,
  timestamp,
} from '../column.ts';
import { type Columns, contractData, type TableOptions, table } from '../contract.ts';
import { notNull } from '../quality/rule.ts';
import { eq } from '../relations/functions/comparisons.ts';
import { relation } from '../relations/relation.ts';
import { diffContracts } from './diff-contracts.ts';
import { readerOf, touchedBy } from './touched-by.ts';

const columns = { account: subject(), item: key(), at: timestamp(), ms: int().min(0), on: bool() };
const options = {
  purposes: ['measure', 'train'],
  primaryKey: ['item'],
  retentionDays: 40,
} as const;
type Options = Partial<TableOptions<Columns, 'measure' | 'train' | 'serve'>>;
const of = (given: Columns, more: Options = {}) =>
  contractData(table('plays', given, { ...options, ...more } as never));
const before = of(columns);
const { ms: _, ...rest } = columns;

test('each change is named, with whom it breaks', () => {
  const cases: readonly (readonly [Columns, Options, string, string])[] = [
    [columns, {}, '', ''],
    [rest, {}, 'columnRemoved ms', 'readers writers'],
    [{ ...rest, millis: int().min(0) }, {}, 'columnRenamed ms', 'readers writers'],
    [{ ...columns, extra: text() }, {}, 'columnAdded extra', 'writers'],
    [{ ...columns, extra: text().optional() }, {}, 'columnAdded extra', ''],
    [{ ...columns, item: text() }, {}, 'typeChanged item', ''],
    [{ ...columns, on: text() }, {}, 'typeChanged on', 'readers writers'],
    [
      { ...columns, item: key().optional() },
      { primaryKey: ['item'] },
      'madeOptional item',
      'readers',
    ],
    [{ ...columns, ms: int().min(1) }, {}, 'valuesNarrowed ms', 'writers'],
    [{ ...columns, ms: int().min(-1) }, {}, 'valuesWidened ms', 'readers'],
    [{ ...columns, ms: int().min(0).sensitive('personal') }, {}, 'sensitivityRaised ms', 'readers'],
    [{ ...columns, ms: int().min(0).sensitive('public') }, {}, 'sensitivityLowered ms', ''],
    [{ ...columns, at: timestamp({ epoch: 'ms' }) }, {}, 'epochChanged at', 'writers'],
    [columns, { purposes: ['measure'] }, 'purposesWithdrawn', 'readers'],
    [columns, { purposes: ['measure', 'train', 'serve'] }, 'purposesAdded', ''],
    [columns, { primaryKey: ['item', 'account'] }, 'keyChanged', 'readers writers'],
    [columns, { retentionDays: 30 }, 'retentionShortened', 'readers'],
    [columns, { retentionDays: 50 }, 'retentionLengthened', ''],
    [columns, { maxBadShare: 0 }, 'badShareLowered', 'writers'],
    [columns, { late: { by: 'at', days: 1, rule: 'accept' } }, 'lateChanged', 'readers writers'],
    [columns, { rules: [notNull('ms')] }, 'ruleAdded', 'writers'],
    [columns, { rules: [notNull('ms', { severity: 'warn' })] }, 'ruleAdded', ''],
  ];
  for (const [given, more, change, breaks] of cases) {
    const found = diffContracts(before, of(given, more));
    // Where the kind changes the bounds that come with it may, too.
    const main = found.filter(
      (one) => !one.change.startsWith('values') || change.startsWith('values'),
    );
    const text = main.map((one) => [one.change, one.column].filter(Boolean).join(' ')).join(', ');
    assert.equal(text, change);
    assert.equal(main.flatMap((one) => one.breaks).join(' '), breaks, change);
  }
});

test('a way and the way back name opposite changes', () => {
  const other = of({ ...rest, ms: int().min(0).optional() }, { rules: [notNull('ms')] });
  assert.deepEqual(
    diffContracts(before, other)
      .map(({ change }) => change)
      .sort(),
    ['madeOptional', 'ruleAdded'],
  );
  assert.deepEqual(
    diffContracts(other, before)
      .map(({ change }) => change)
      .sort(),
    ['madeRequired', 'ruleRemoved'],
  );
});

test('bounds compare as what they are: numbers, digits, and moments', () => {
  const narrowed = (a: Columns[string], b: Columns[string]) =>
    diffContracts(of({ x: a }, { primaryKey: [] }), of({ x: b }, { primaryKey: [] }))[0]!.change;
  assert.equal(narrowed(int64().max(10n), int64().max(9n)), 'valuesNarrowed');
  assert.equal(narrowed(int64().max(9n), int64().max(10n)), 'valuesWidened');
  assert.equal(narrowed(decimal(2).min('-9.5'), decimal(2).min('-10')), 'valuesWidened');
  assert.equal(narrowed(timestamp(), timestamp().max('2024-01-01T00:00:00Z')), 'valuesNarrowed');
  assert.equal(narrowed(oneOf(['a', 'b']), oneOf(['a'])), 'valuesNarrowed');
  assert.equal(narrowed(float().max(1), float()), 'valuesWidened');
});

test('who reads a changed column is touched, by columns that filters use as well', () => {
  const rows = relation(table('plays', columns, options));
  const readers = [
    readerOf('view', 'listening', rows.select(['item', 'ms'])),
    readerOf('view', 'switchedOn', rows.filter((row) => eq(row.on, true)).select(['item'])),
    readerOf('view', 'items', rows.select(['item'])),
    { kind: 'pipeline', name: 'recommend', tables: ['plays'] },
    { kind: 'pipeline', name: 'other', tables: ['films'] },
  ];
  const names = (after: Columns, more?: Options) =>
    touchedBy('plays', diffContracts(before, of(after, more)), readers).map(({ name }) => name);
  assert.deepEqual(names(rest), ['listening', 'recommend']);
  const { on: __, ...quiet } = columns;
  assert.deepEqual(names(quiet), ['switchedOn', 'recommend']);
  assert.deepEqual(names(columns, { purposes: ['train'] }), [
    'listening',
    'switchedOn',
    'items',
    'recommend',
  ]);
  assert.deepEqual(names({ ...columns, more: text().optional() }), []);
});
