import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float, int, int64, key, subject, text, texts, timestamp } from '../column.ts';
import { table } from '../contract.ts';
import { BadRelation, RelationUnsupported } from '../data-error.ts';
import { compileDuckDb } from '../duckdb/compile.ts';
import { compileSpark } from '../spark/compile.ts';
import { explain } from './explain.ts';
import { literal } from './expression.ts';
import { avg, count, countDistinct, min, sum } from './functions/aggregates.ts';
import { eq, gt, gte, inList, lt } from './functions/comparisons.ts';
import { choose, coalesce } from './functions/conditionals.ts';
import { toFloat } from './functions/conversions.ts';
import { and, isNull, not } from './functions/logic.ts';
import { add, divide } from './functions/numbers.ts';
import { lower } from './functions/text.ts';
import { dateTrunc } from './functions/times.ts';
import { type RelationRow, relation, sqlPair, values } from './relation.ts';
import { lag, over, rank, rowNumber } from './window.ts';

const plays = table(
  'plays',
  { account: subject(), item: key(), ms: int(), at: timestamp(), rating: float().optional() },
  { purposes: ['recommend', 'measure'] },
);
const items = table(
  'items',
  { id: key(), title: text(), year: int().optional(), big: int64() },
  { purposes: ['measure', 'serve'] },
);

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_proof: Same<A, B>): void => undefined;
type Plain<T> = { readonly [K in keyof T]: T[K] };

test('the type of the rows follows from the steps', () => {
  const made = relation(plays)
    .filter((play) => and(gte(play.ms, 30_000), not(isNull(play.rating))))
    .join(relation(items), { on: [['item', 'id']], how: 'left' })
    .with((row) => ({
      day: dateTrunc('day', row.at),
      share: divide(row.ms, 1000),
      name: coalesce(row.title, ''),
    }))
    .aggregate(['item', 'day'], (row) => ({
      plays: count(),
      people: countDistinct(row.account),
      listened: sum(row.ms),
      mean: avg(toFloat(row.ms)),
      first: min(row.name),
    }));
  same<
    Plain<RelationRow<typeof made>>,
    {
      readonly item: string;
      readonly day: number;
      readonly plays: number;
      readonly people: number;
      readonly listened: number | null;
      readonly mean: number | null;
      readonly first: string | null;
    }
  >(true);
  same<typeof made.types.purposes, 'measure'>(true);
  assert.deepEqual(made.node.purposes, ['measure']);
  assert.deepEqual(
    made.node.fields.map(({ name }) => name),
    ['item', 'day', 'plays', 'people', 'listened', 'mean', 'first'],
  );
  const left = relation(plays).join(relation(items), { on: [['item', 'id']], how: 'left' });
  same<RelationRow<typeof left>['title'], string | null>(true);
  const semi = relation(plays).join(relation(items), { on: [['item', 'id']], how: 'semi' });
  same<Plain<RelationRow<typeof semi>>, Plain<RelationRow<ReturnType<typeof all>>>>(true);
});

const all = () => relation(plays);

test('a wrong column, type or purpose does not compile, and is refused when it runs', () => {
  // @ts-expect-error there is no such column
  assert.throws(() => all().select(['nope']), BadRelation);
  // @ts-expect-error there is no such column
  assert.throws(() => all().filter((play) => gt(play.nope, 1)), TypeError);
  // @ts-expect-error a whole number is not compared with a text
  assert.throws(() => all().filter((play) => gt(play.ms, 'x')), BadRelation);
  // @ts-expect-error a whole number is not compared with a float column
  assert.throws(() => all().filter((play) => gt(play.ms, play.rating)), BadRelation);
  // @ts-expect-error a filter needs a truth value
  all().filter((play) => play.ms);
  // @ts-expect-error texts are not added
  all().select((play) => ({ x: add(play.item, play.item) }));
  // @ts-expect-error only texts are folded
  all().select((play) => ({ x: lower(play.ms) }));
  // @ts-expect-error columns of a join have one type
  assert.throws(() => all().join(relation(items), { on: [['ms', 'id']] }), BadRelation);
  // @ts-expect-error a measure is not a column
  all().select((play) => ({ n: sum(play.ms) }));
  // @ts-expect-error a column is not a measure
  all().aggregate(['item'], (play) => ({ n: play.ms }));
  // @ts-expect-error only sorted rows have a first
  assert.throws(() => all().limit(3), TypeError);
  assert.throws(
    // @ts-expect-error the choices have one type
    () => all().select((play) => ({ x: choose(eq(play.ms, 1), play.ms, 'no') })),
    BadRelation,
  );
  // @ts-expect-error a list has the type of its column
  assert.throws(() => all().filter((play) => inList(play.item, [1])), BadRelation);
  assert.throws(() => all().filter((play) => inList(play.item, [])), BadRelation);
  assert.throws(() => literal('int', 2 ** 53), BadRelation);
  assert.throws(() => literal('float', Number.NaN), BadRelation);
  assert.throws(() => literal('timestamp', 'yesterday'), BadRelation);
  assert.throws(() => literal('int64', 2n ** 63n), BadRelation);
  assert.throws(() => literal('text', 'a\0'), BadRelation);
  assert.throws(() => all().sort('ms').limit(-1), BadRelation);
  assert.throws(() => all().sort('ms').limit(1.5), BadRelation);
  assert.throws(() => all().select((play) => ({ 'a"b': play.ms })), BadRelation);
  assert.throws(() => all().select((play) => ({ ab: play.ms, aB: play.ms })), BadRelation);
  assert.throws(() => relation(items).join(relation(items), { on: [['id', 'id']] }), BadRelation);
});

const stays = table(
  'stays',
  { who: subject(), at: timestamp(), place: key(), tags: texts().optional() },
  { purposes: ['measure'] },
);
const moved = () => relation(stays);

test('the rows of windows, lists, points in time and pivots have their types', () => {
  const found = all().pointInTime(moved().rename({ at: 'arrivedAt' }), {
    on: [['account', 'who']],
    at: 'at',
    asOf: 'arrivedAt',
    tie: ['place'],
  });
  same<RelationRow<typeof found>['arrivedAt'], number | null>(true);
  same<RelationRow<typeof found>['place'], string | null>(true);
  same<RelationRow<typeof found>['ms'], number>(true);
  assert.ok(!('who' in found.node.fields.map(({ name }) => name)));
  const windowed = all().window({ by: ['item'], order: ['-at'] }, (play) => ({
    place: rowNumber(),
    before: lag(play.item),
    soFar: over(count(), { rowsAfter: 0 }),
  }));
  same<
    Plain<Pick<RelationRow<typeof windowed>, 'place' | 'before' | 'soFar'>>,
    { readonly place: number; readonly before: string | null; readonly soFar: number }
  >(true);
  const tags = moved().unnest('tags', { as: 'tag', place: 'nth' });
  same<
    Plain<RelationRow<typeof tags>>,
    {
      readonly who: string;
      readonly at: number;
      readonly place: string;
      readonly tag: string;
      readonly nth: number;
    }
  >(true);
  const outer = moved().unnest('tags', { as: 'tag', outer: true });
  same<RelationRow<typeof outer>['tag'], string | null>(true);
  const wide = all().pivot(['account'], {
    on: 'item',
    into: { films: 'film' },
    measure: (play) => sum(play.ms),
  });
  same<
    Plain<RelationRow<typeof wide>>,
    { readonly account: string; readonly films: number | null }
  >(true);
  const both = all().join(moved().drop('at', 'tags'), { on: [['account', 'who']], how: 'full' });
  same<RelationRow<typeof both>['ms'], number | null>(true);
});

test('steps that have no meaning do not compile, and are refused', () => {
  const point = { on: [['account', 'who']], at: 'at', asOf: 'at', tie: [] } as const;
  // @ts-expect-error a point in time is a timestamp
  assert.throws(() => all().pointInTime(moved(), { ...point, at: 'ms' }), BadRelation);
  // @ts-expect-error ties are columns of the events
  assert.throws(() => all().pointInTime(moved(), { ...point, tie: ['ms'] }), BadRelation);
  assert.throws(() => all().pointInTime(moved(), { ...point, within: {} }), BadRelation);
  // @ts-expect-error only lists have items
  assert.throws(() => moved().unnest('place', { as: 'one' }), BadRelation);
  // @ts-expect-error a window function is no column
  all().select(() => ({ place: rowNumber() }));
  // @ts-expect-error a column is no window function
  assert.throws(() => all().window({ order: ['at'] }, (play) => ({ x: play.ms })), BadRelation);
  assert.throws(() => all().window({}, () => ({ x: rank() })), BadRelation);
  assert.throws(
    () => all().window({ order: ['at'] }, (play) => ({ x: over(countDistinct(play.item)) })),
    BadRelation,
  );
  const week = { timeBefore: { days: 7 } } as const;
  const byMs = () => all().window({ order: ['ms'] }, () => ({ x: over(count(), week) }));
  assert.throws(byMs, BadRelation);
  assert.throws(() => all().cross(moved().select(['place'])), BadRelation);
  all().cross(moved().select(['place']).sort('place').limit(2));
  // @ts-expect-error a sample is drawn by a text or a whole number
  assert.throws(() => all().sample({ key: 'at', share: 0.1, seed: 'a' }), BadRelation);
  assert.throws(() => all().sample({ key: 'item', share: 2, seed: 'a' }), BadRelation);
  // @ts-expect-error a value has its column's type
  assert.throws(() => values({ n: int() }, [{ n: 'x' }]), BadRelation);
  // @ts-expect-error a value that must be there
  assert.throws(() => values({ n: int() }, [{ n: null }]), BadRelation);
  const wrong = { on: 'item', measure: () => count() } as const;
  // @ts-expect-error known values have their column's type
  assert.throws(() => all().pivot([], { ...wrong, into: { a: 1 } }), BadRelation);
});

test('a pair of SQL texts reads its inputs alone, on the engines it was written for', () => {
  const make = (duckdb: string) =>
    sqlPair({ duckdb, inputs: { given: all() }, columns: { item: key() } });
  for (const bad of [
    'SELECT item FROM plays',
    'SELECT item FROM {given} JOIN items ON true',
    'SELECT item FROM {other}',
    'SELECT 1 AS item',
    'SELECT item FROM {given}; DROP TABLE x',
    "SELECT item FROM {given} WHERE item IN (SELECT x FROM read_csv('y'))",
  ]) {
    assert.throws(() => make(bad), BadRelation, bad);
  }
  const good = make('SELECT DISTINCT item FROM {given}');
  assert.deepEqual(compileDuckDb(good).tables, ['plays']);
  same<typeof good.types.purposes, 'recommend' | 'measure'>(true);
  assert.deepEqual(good.node.purposes, ['recommend', 'measure']);
  assert.match(explain(good), /^SQL of its own, not proven equal, for DuckDB/);
  assert.throws(() => compileSpark(good), RelationUnsupported);
});

test('names are quoted and values are bound with their types, whatever they hold', () => {
  const evil = `x'; DROP TABLE plays; --`;
  const made = all()
    .filter((play) =>
      and(
        eq(play.item, evil),
        inList(play.ms, [1, 2]),
        lt(play.rating, 0.5),
        gt(play.at, '2026-01-01T00:00:00Z'),
      ),
    )
    .join(
      relation(items).filter((item) => eq(item.big, 9007199254740993n)),
      { on: [['item', 'id']] },
    );
  const { sql, values, types, tables } = compileDuckDb(made);
  assert.ok(!sql.includes('DROP') && !sql.includes('9007'));
  assert.deepEqual(values, [evil, 1n, 2n, 0.5, 1767225600000000n, 9007199254740993n]);
  assert.deepEqual(types.map(String), [
    'VARCHAR',
    'BIGINT',
    'BIGINT',
    'DOUBLE',
    'BIGINT',
    'BIGINT',
  ]);
  assert.deepEqual(tables, ['plays', 'items']);
});

test('a relation is frozen, leaves its inputs as they were, and can be explained', () => {
  const first = all();
  const second = first
    .filter((play) => gt(play.ms, 1))
    .sort('-ms')
    .limit(5, 2);
  assert.notEqual(first.node, second.node);
  assert.ok(
    Object.isFrozen(second) && Object.isFrozen(second.node) && Object.isFrozen(second.node.fields),
  );
  assert.equal(
    explain(second),
    [
      'limit 5 after 2',
      '  sort by -ms',
      '    filter gt(ms, <int>)',
      '      table plays (for recommend, measure)',
    ].join('\n'),
  );
});
