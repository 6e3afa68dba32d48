import { float, int, key, text, timestamp } from '../column.ts';
import { literal } from '../relations/expression.ts';
import { count, max, min, sum } from '../relations/functions/aggregates.ts';
import { coalesce } from '../relations/functions/conditionals.ts';
import { split } from '../relations/functions/lists.ts';
import { isNull, not } from '../relations/functions/logic.ts';
import { divide, multiply } from '../relations/functions/numbers.ts';
import { mode } from '../relations/functions/statistics.ts';
import { concat } from '../relations/functions/text.ts';
import type { Row } from '../relations/reference/expression.ts';
import { type Relation, type Shape, sqlPair, values } from '../relations/relation.ts';
import { inSample } from '../relations/steps/sample.ts';
import { denseRank, lag, lastOf, nthOf, over, rank, rowNumber } from '../relations/window.ts';

interface NodeCase {
  readonly relation: Relation<Shape>;
  /** By hand, from what the node is said to mean. */
  readonly rows: readonly Row[];
  /** Whether the order of the rows counts. */
  readonly ordered?: true;
}

const numbersGiven = values({ g: key(), x: float().optional() }, [
  { g: 'a', x: 1 },
  { g: 'a', x: null },
  { g: 'b', x: 0 },
]);
/** Infinity and, of both groups, what is not a number. */
const hurt = numbersGiven.with((row) => ({
  infinite: multiply(multiply(row.x, 1e300), 1e300),
}));
const words = values({ w: text().optional() }, [
  { w: '\u{1f600}' },
  { w: '\uffee' },
  { w: null },
  { w: '' },
  { w: 'z' },
  { w: 'é' },
]);
const timed = values({ n: int(), at: timestamp().optional() }, [
  { n: 1, at: 0 },
  { n: 2, at: 10_000_000 },
  { n: 4, at: 10_000_000 },
  { n: 8, at: 21_000_000 },
  { n: 16, at: null },
  { n: 32, at: null },
]);
const lists = values({ id: int(), joined: text().optional() }, [
  { id: 1, joined: 'a,b' },
  { id: 2, joined: null },
]);
const left = values({ id: int().optional(), a: text() }, [
  { id: 1, a: 'one' },
  { id: 2, a: 'two' },
  { id: null, a: 'none' },
]);
const right = values({ key: int().optional(), b: text() }, [
  { key: 2, b: 'zwei' },
  { key: 2, b: 'deux' },
  { key: 3, b: 'drei' },
  { key: null, b: 'keine' },
]);
const on = { on: [['id', 'key']] } as const;

/** What engines differ on, node by node: each with the rows that both must answer. */
export const nodeCases: Readonly<Record<string, NodeCase>> = {
  'texts sort by their bytes in UTF-8 and missing ones last, upwards': {
    relation: words.sort('w'),
    rows: [...['', 'z', 'é', '\uffee', '\u{1f600}'].map((w) => ({ w })), { w: null }],
    ordered: true,
  },
  'and downwards': {
    relation: words.sort('-w').limit(6),
    rows: [...['\u{1f600}', '\uffee', 'é', 'z', ''].map((w) => ({ w })), { w: null }],
    ordered: true,
  },
  'the least and greatest text by their bytes': {
    relation: words.aggregate([], (row) => ({ least: min(row.w), most: max(row.w) })),
    rows: [{ least: '', most: '\u{1f600}' }],
  },
  'an aggregate without keys of no rows is one row': {
    relation: words
      .filter((row) => isNull(row.w))
      .filter((row) => not(isNull(row.w)))
      .aggregate([], (row) => ({ rows: count(), most: max(row.w) })),
    rows: [{ rows: 0, most: null }],
  },
  'what is divided by zero is missing, and missing keys are one group': {
    relation: hurt
      .with((row) => ({ q: divide(row.x, row.x) }))
      .aggregate(['q'], () => ({ rows: count() })),
    rows: [
      { q: 1, rows: 1 },
      { q: null, rows: 2 },
    ],
  },
  'infinity is greater than all other numbers': {
    relation: hurt.aggregate([], (row) => ({ most: max(row.infinite), least: min(row.infinite) })),
    rows: [{ most: Number.POSITIVE_INFINITY, least: 0 }],
  },
  'missing values are one to distinct': {
    relation: left
      .select(['id'])
      .union(left.select(['id']))
      .distinct(),
    rows: [{ id: 1 }, { id: 2 }, { id: null }],
  },
  'missing values are the same to except': {
    relation: left
      .select(['id'])
      .union(left.select(['id']))
      .except(right.select((row) => ({ id: row.key }))),
    rows: [{ id: 1 }],
  },
  'and to intersect': {
    relation: left.select(['id']).intersect(right.select((row) => ({ id: row.key }))),
    rows: [{ id: 2 }, { id: null }],
  },
  'a missing key joins nothing': {
    relation: left.join(right, { ...on, how: 'left' }),
    rows: [
      { id: 1, a: 'one', b: null },
      { id: 2, a: 'two', b: 'zwei' },
      { id: 2, a: 'two', b: 'deux' },
      { id: null, a: 'none', b: null },
    ],
  },
  'a full join has the keys of both sides': {
    relation: left.join(right, { ...on, how: 'full' }),
    rows: [
      { id: 1, a: 'one', b: null },
      { id: 2, a: 'two', b: 'zwei' },
      { id: 2, a: 'two', b: 'deux' },
      { id: null, a: 'none', b: null },
      { id: 3, a: null, b: 'drei' },
      { id: null, a: null, b: 'keine' },
    ],
  },
  'a row without a match or a key is kept by an anti join': {
    relation: left.join(right, { ...on, how: 'anti' }),
    rows: [
      { id: 1, a: 'one' },
      { id: null, a: 'none' },
    ],
  },
  'a semi join doubles nothing': {
    relation: left.join(right, { ...on, how: 'semi' }),
    rows: [{ id: 2, a: 'two' }],
  },
  'each row beside each': {
    relation: left.select(['a']).cross(right.select(['b']).sort('b').limit(1)),
    rows: [
      { a: 'one', b: 'deux' },
      { a: 'two', b: 'deux' },
      { a: 'none', b: 'deux' },
    ],
  },
  'ranks see ties that row numbers do not': {
    relation: timed
      .filter((row) => not(isNull(row.at)))
      .window({ order: ['at'] }, () => ({
        place: rowNumber(),
        rank: rank(),
        dense: denseRank(),
      })),
    rows: [
      { n: 1, at: 0, place: 1, rank: 1, dense: 1 },
      { n: 2, at: 10_000_000, place: 2, rank: 2, dense: 2 },
      { n: 4, at: 10_000_000, place: 3, rank: 2, dense: 2 },
      { n: 8, at: 21_000_000, place: 4, rank: 4, dense: 3 },
    ],
  },
  'the last is that of the whole frame, not of the rows so far': {
    relation: timed.window({ order: ['n'] }, (row) => ({
      last: lastOf(row.n),
      third: nthOf(row.n, 3),
      before: lag(row.n, 5),
    })),
    rows: [1, 2, 4, 8, 16, 32].map((n, index) => ({
      n,
      at: [0, 10_000_000, 10_000_000, 21_000_000, null, null][index]!,
      last: 32,
      third: 4,
      before: n === 32 ? 1 : null,
    })),
  },
  'a frame of time has its bounds and its ties, and those without a time see each other': {
    relation: timed.window({ order: ['at'] }, (row) => ({
      near: over(sum(row.n), { timeBefore: { seconds: 10 }, timeAfter: 'none' }),
    })),
    rows: [
      { n: 1, at: 0, near: 1 },
      { n: 2, at: 10_000_000, near: 7 },
      { n: 4, at: 10_000_000, near: 7 },
      { n: 8, at: 21_000_000, near: 8 },
      { n: 16, at: null, near: 48 },
      { n: 32, at: null, near: 48 },
    ],
  },
  'a frame of rows is cut off at the ends': {
    relation: timed.window({ order: ['n'] }, (row) => ({
      around: over(sum(row.n), { rowsBefore: 1, rowsAfter: 1 }),
      rows: over(count(), { rowsBefore: 2, rowsAfter: 0 }),
    })),
    rows: [3, 7, 14, 28, 56, 48].map((around, index) => ({
      n: 2 ** index,
      at: [0, 10_000_000, 10_000_000, 21_000_000, null, null][index]!,
      around,
      rows: Math.min(3, index + 1),
    })),
  },
  'the first of each, by all other columns where they tie': {
    relation: timed.firstPer({ by: ['at'], order: ['at'] }),
    rows: [
      { n: 1, at: 0 },
      { n: 2, at: 10_000_000 },
      { n: 8, at: 21_000_000 },
      { n: 16, at: null },
    ],
  },
  'known values as columns, zero or missing where there are none': {
    relation: right.pivot([], {
      on: 'b',
      into: { two: 'zwei', ten: 'zehn' },
      measure: (row) => sum(row.key),
    }),
    rows: [{ two: 2, ten: null }],
  },
  'buckets of time without rows are there': {
    relation: timed.timeBuckets(
      { by: [], at: 'at', as: 'start', every: { seconds: 10 }, from: 0, to: 40_000_000 },
      (row) => ({ rows: count(), total: sum(row.n) }),
    ),
    rows: [
      { start: 0, rows: 1, total: 1 },
      { start: 10_000_000, rows: 2, total: 6 },
      { start: 20_000_000, rows: 1, total: 8 },
      { start: 30_000_000, rows: 0, total: null },
    ],
  },
  'buckets begin at whole multiples before 1970 too': {
    relation: values({ at: timestamp() }, [{ at: -1 }]).timeBuckets(
      { by: [], at: 'at', as: 'start', every: { days: 1 }, from: -86_400_000_000, to: 0 },
      () => ({ rows: count() }),
    ),
    rows: [{ start: -86_400_000_000, rows: 1 }],
  },
  'a sample has the keys that TypeScript says': {
    relation: words.sample({ key: 'w', share: 0.5, seed: 's' }),
    rows: ['\u{1f600}', '\uffee', '', 'z', 'é']
      .filter((w) => inSample(w, { share: 0.5, seed: 's' }))
      .map((w) => ({ w })),
  },
  'the mode of a constant text is that text, and of ties the least': {
    relation: words.aggregate([], (row) => ({
      constant: mode(concat(literal('text', 'a'), 'É')),
      least: mode(coalesce(row.w, 'z')),
    })),
    rows: [{ constant: 'aÉ', least: 'z' }],
  },
  'lists are ordered item by item, and the shorter first': {
    relation: values({ w: text() }, [{ w: 'b' }, { w: 'a,b' }, { w: 'a' }, { w: 'a,a,z' }])
      .select((row) => ({ l: split(row.w, ',') }))
      .sort('l'),
    rows: [['a'], ['a', 'a', 'z'], ['a', 'b'], ['b']].map((l) => ({ l })),
    ordered: true,
  },
  'a pair of SQL texts reads its inputs alone': {
    relation: sqlPair({
      duckdb: `SELECT id, upper(joined) AS shout FROM {lists}`,
      spark: `SELECT id, upper(joined) AS shout FROM {lists}`,
      inputs: { lists },
      columns: { id: int(), shout: text().optional() },
    }),
    rows: [
      { id: 1, shout: 'A,B' },
      { id: 2, shout: null },
    ],
  },
};
