import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float, int, int64, key, subject, text, timestamp } from '../column.ts';
import { table } from '../contract.ts';
import { BadRelation } from '../data-error.ts';
import { compileDuckDb } from '../duckdb/compile.ts';
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
import { type RelationRow, relation } from './relation.ts';

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
