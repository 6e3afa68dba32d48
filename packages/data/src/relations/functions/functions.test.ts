import assert from 'node:assert/strict';
import { test } from 'node:test';
import { date, decimal, float, int, int64, text, texts, timestamp } from '../../column.ts';
import { table } from '../../contract.ts';
import { BadRelation } from '../../data-error.ts';
import { compileDuckDb } from '../../duckdb/compile.ts';
import { compileSpark } from '../../spark/compile.ts';
import { Expression, literal } from '../expression.ts';
import type { Operation } from '../nodes.ts';
import { type Relation, type RelationRow, relation, type Shape } from '../relation.ts';
import { sum } from './aggregates.ts';
import { eq } from './comparisons.ts';
import { toDecimal } from './conversions.ts';
import { hashBucket } from './hashing.ts';
import { jsonText } from './json.ts';
import { element, listContains, listOf, listSum, split } from './lists.ts';
import { sqrt } from './mathematics.ts';
import { mod } from './numbers.ts';
import { extract, like, matches } from './patterns.ts';
import { clamp, widthBucket } from './rounding.ts';
import { quantile } from './statistics.ts';
import { member, struct } from './structs.ts';
import { left, padEnd, substring, trim } from './text.ts';
import { addMonths, dateTrunc, formatTime } from './times.ts';
import { wallTime } from './zones.ts';

const plays = table(
  'plays',
  {
    item: text(),
    note: text().optional(),
    ms: int(),
    big: int64().optional(),
    share: float(),
    price: decimal(2),
    day: date(),
    at: timestamp(),
    tags: texts(),
  },
  { purposes: ['debug'] },
);
type Row = Parameters<Parameters<ReturnType<typeof source>['filter']>[0]>[0];
const source = () => relation(plays);

test('the types of results follow from the operands, members of structs among them', () => {
  const made = source().select((row) => ({
    left: left(row.note, 3),
    root: sqrt(row.share),
    first: element(row.tags, 1),
    parts: split(row.item, ','),
    later: addMonths(row.day, 1),
    rest: mod(row.ms, 7),
    pair: struct({ item: row.item, note: row.note, inner: struct({ ms: row.ms }) }),
  }));
  const row: RelationRow<typeof made> = {
    left: null,
    root: null,
    first: null,
    parts: ['a'],
    later: 0,
    rest: null,
    pair: { item: 'a', note: null, inner: { ms: 1 } },
  };
  const inner = made.select((all) => ({ ms: member(member(all.pair, 'inner'), 'ms') }));
  const ms: RelationRow<typeof inner>['ms'] = 3;
  assert.deepEqual([row.pair.inner.ms, ms, inner.node.fields[0]?.type], [1, 3, 'int']);
});

test('a wrong type or member does not compile, and is refused when it runs', () => {
  source().select((row) => {
    const pair = struct({ item: row.item });
    // @ts-expect-error a text is no float
    assert.ok(sqrt(row.item));
    // @ts-expect-error there is no such member
    assert.throws(() => member(pair, 'title'), BadRelation);
    // @ts-expect-error structs are equal to nothing
    assert.throws(() => eq(pair, literal('text', 'a')), BadRelation);
    // @ts-expect-error a list of texts holds no number
    assert.throws(() => listContains(row.tags, 3), BadRelation);
    // @ts-expect-error texts have no sum
    assert.ok(listSum(row.tags));
    // @ts-expect-error a date has no hours
    assert.throws(() => dateTrunc('hour', row.day), BadRelation);
    // @ts-expect-error texts have no sum
    assert.ok(sum(row.item));
    return { item: row.item };
  });
});

const refused: Readonly<Record<string, (row: Row) => unknown>> = {
  'look-around': (row) => matches(row.item, 'a(?=b)'),
  'a flag': (row) => matches(row.item, '(?i)a'),
  'a back reference': (row) => matches(row.item, '(a)\\1'),
  'a lazy count': (row) => matches(row.item, 'a+?'),
  'a possessive count': (row) => matches(row.item, 'a++'),
  'a class by name': (row) => matches(row.item, '[[:alpha:]]'),
  'classes that are intersected': (row) => matches(row.item, '[a-z&&b]'),
  'a property of letters': (row) => matches(row.item, '\\p{L}'),
  'a match of nothing': (row) => matches(row.item, 'a*'),
  'a pattern with an open group': (row) => matches(row.item, '(a'),
  'NUL in a pattern': (row) => matches(row.item, 'a\0'),
  'a group that is not there': (row) => extract(row.item, '(a)', 2),
  'an escape of nothing in like': (row) => like(row.item, '!a'),
  'half a pair of surrogates': (row) => like(row.item, '\ud83d'),
  'a start before the first': (row) => substring(row.item, 0, 2),
  'a count below zero': (row) => left(row.item, -1),
  'padding with nothing': (row) => padEnd(row.item, 3, ''),
  'trimming nothing': (row) => trim(row.item, ''),
  'a separator of nothing': (row) => split(row.item, ''),
  'a place 0': (row) => element(row.tags, 0),
  'edges that fall': (row) => widthBucket(row.share, [1, 0]),
  'a bound that is no number': (row) => clamp(row.share, Number.NaN, 1),
  'a scale of 10': (row) => toDecimal(row.ms, 10),
  'no buckets': (row) => hashBucket(row.item, 0),
  'a share above 1': (row) => quantile(row.share, 1.5),
  'a zone that is none': (row) => wallTime(row.at, 'Europe/Nowhere'),
  'a zone with a quote': (row) => wallTime(row.at, "UTC'"),
  'an unknown part of a time': (row) => formatTime(row.at, '{week}'),
  'a letter in a template': (row) => formatTime(row.at, '{year}y'),
  'a key with a quote': (row) => jsonText(row.item, ["a'b"]),
  'a path of nothing': (row) => jsonText(row.item, []),
};
for (const [what, make] of Object.entries(refused)) {
  test(`${what} is refused when the expression is built`, () => {
    assert.throws(
      () =>
        source().filter((row) => {
          make(row);
          return eq(row.item, 'a');
        }),
      (error) => error instanceof BadRelation,
    );
  });
}

/** Calls whose parameters nobody checked: as a tree that was read from elsewhere. */
const forged: readonly (readonly [Operation, Readonly<Record<string, string>>])[] = [
  ['dateTrunc', { unit: "day', 1) --" }],
  ['left', { count: '1) OR (1=1' }],
  ['element', { place: '1) OR (1=1' }],
  ['hashBucket', { buckets: '1) OR (1=1' }],
  ['formatTime', { template: "{year}' || '" }],
  ['roundTo', { digits: '1) OR (1=1' }],
  ['member', { name: 'a" OR "b' }],
  ['timeBucket', { micros: '1) OR (1=1' }],
];
for (const [operation, parameters] of forged) {
  test(`a forged parameter of ${operation} never stands in the SQL`, () => {
    const made = source().select((row) => ({
      c: new Expression({
        kind: 'call',
        operation,
        operands: [row.at.node],
        type: 'text',
        nullable: true,
        parameters,
      }),
    })) as unknown as Relation<Shape>;
    for (const compile of [compileDuckDb, compileSpark]) {
      let sql = '';
      try {
        ({ sql } = compile(made));
      } catch (error) {
        assert.ok(error instanceof BadRelation);
      }
      assert.ok(!sql.includes('1=1') && !sql.includes(' OR ') && !sql.includes('--'), sql);
    }
  });
}

test('texts beside the operands are bound, never printed', () => {
  const hurting = "o'x\\$1";
  const made = source().select((row) => ({
    a: trim(row.item, hurting),
    b: like(row.item, `%${hurting}`),
    c: listOf(row.item, hurting),
  })) as unknown as Relation<Shape>;
  for (const { sql } of [compileDuckDb(made), compileSpark(made)]) {
    assert.ok(!sql.includes("o'x") && !sql.includes("o''x"), sql);
  }
});
