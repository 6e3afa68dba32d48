import type { Expression } from '../relations/expression.ts';
import { literal } from '../relations/expression.ts';
import * as c from '../relations/functions/comparisons.ts';
import * as co from '../relations/functions/conditionals.ts';
import * as cv from '../relations/functions/conversions.ts';
import * as h from '../relations/functions/hashing.ts';
import * as js from '../relations/functions/json.ts';
import * as li from '../relations/functions/lists.ts';
import * as lo from '../relations/functions/logic.ts';
import * as ma from '../relations/functions/mathematics.ts';
import * as n from '../relations/functions/numbers.ts';
import * as p from '../relations/functions/patterns.ts';
import * as r from '../relations/functions/rounding.ts';
import * as s from '../relations/functions/structs.ts';
import * as t from '../relations/functions/text.ts';
import { timeBucket } from '../relations/functions/time-bucket.ts';
import * as tp from '../relations/functions/time-parts.ts';
import * as ti from '../relations/functions/times.ts';
import * as zo from '../relations/functions/zones.ts';
import type { Operation } from '../relations/nodes.ts';
import { relation } from '../relations/relation.ts';
import { operands } from './function-tables.fixture.ts';

const source = relation(operands);
type Columns = Parameters<Parameters<typeof source.filter>[0]>[0];
type Cases = (row: Columns) => readonly Expression[];

const each = (functions: readonly ((of: never) => Expression)[], ...of: readonly Expression[]) =>
  functions.flatMap((apply) => of.map((one) => apply(one as never)));

/** Zones with both kinds of changes, halves of hours, and none. */
const zones = [
  'Europe/Paris',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'America/Havana',
  'Asia/Kolkata',
  'UTC',
];

const comparisonCases = {
  eq: (o) => [c.eq(o.t, o.u), c.eq(o.x, o.y), c.eq(o.d, o.e), c.eq(o.b, o.c), c.eq(o.at, o.to)],
  ne: (o) => [c.ne(o.t, o.u), c.ne(o.x, o.y), c.ne(o.l, o.m), c.ne(o.day, o.until)],
  lt: (o) => [c.lt(o.t, o.u), c.lt(o.x, o.y), c.lt(o.d, o.e), c.lt(o.b, o.c), c.lt(o.l, o.m)],
  lte: (o) => [c.lte(o.t, o.u), c.lte(o.x, o.y), c.lte(o.d, o.e), c.lte(o.day, '2024-02-29')],
  gt: (o) => [c.gt(o.t, o.u), c.gt(o.x, o.y), c.gt(o.d, o.e), c.gt(o.i, o.j)],
  gte: (o) => [c.gte(o.t, o.u), c.gte(o.x, o.y), c.gte(o.at, '2024-10-27T00:30:00Z')],
  inList: (o) => [
    c.inList(o.t, ['a', 'É', "o'x", 'back\\slash']),
    c.inList(o.x, [0.1, 1]),
    c.inList(o.d, ['1.00']),
  ],
  between: (o) => [
    c.between(o.t, 'a', 'z'),
    c.between(o.x, -1, 1),
    c.between(o.d, '-1.00', '9.99'),
  ],
  same: (o) => [c.same(o.t, o.u), c.same(o.x, o.y), c.same(o.b, o.c), c.same(o.d, o.e)],
  and: (o) => [lo.and(o.b, o.c), lo.and(o.b, o.c, c.gt(o.i, 0))],
  or: (o) => [lo.or(o.b, o.c), lo.or(o.b, o.c, c.gt(o.i, 0))],
  not: (o) => [lo.not(o.b)],
  xor: (o) => [lo.xor(o.b, o.c)],
  isNull: (o) => each([lo.isNull], o.t, o.x, o.ts),
  isTrue: (o) => [lo.isTrue(o.b)],
  coalesce: (o) => [co.coalesce(o.t, '?'), co.coalesce(o.x, o.y, 0), co.coalesce(o.t, o.u)],
  choose: (o) => [co.choose(o.b, o.t, o.u), co.choose(o.b, o.x, 1)],
  chooseFrom: (o) => [
    co.chooseFrom(
      [
        [o.b, 'b'],
        [o.c, o.t],
      ],
      o.u,
    ),
  ],
  nullIf: (o) => [
    co.nullIf(o.t, 'a'),
    co.nullIf(o.x, o.y),
    co.nullIf(o.t, o.u),
    co.nullIf(o.d, o.e),
  ],
} satisfies Partial<Record<Operation, Cases>>;

const numberCases = {
  add: (o) => [n.add(o.i, o.j), n.add(o.x, o.y), n.add(o.m, 5n)],
  subtract: (o) => [n.subtract(o.i, o.j), n.subtract(o.x, o.y), n.subtract(o.m, 5n)],
  multiply: (o) => [n.multiply(o.i, o.j), n.multiply(o.x, o.y), n.multiply(o.m, o.m)],
  divide: (o) => [n.divide(o.i, o.j), n.divide(o.x, o.y), n.divide(o.l, o.m)],
  negate: (o) => each([n.negate], o.i, o.l, o.x),
  abs: (o) => each([n.abs], o.i, o.l, o.x),
  sign: (o) => each([n.sign], o.i, o.l, o.x),
  integerDivide: (o) => [n.integerDivide(o.i, o.j), n.integerDivide(o.l, o.m)],
  mod: (o) => [n.mod(o.i, o.j), n.mod(o.l, o.m)],
  remainder: (o) => [n.remainder(o.i, o.j), n.remainder(o.l, o.m)],
  isNan: (o) => [n.isNan(o.x), n.isNan(n.subtract(o.x, o.y))],
  isFiniteNumber: (o) => [n.isFiniteNumber(o.x)],
  bitAnd: (o) => [n.bitAnd(o.l, o.m)],
  bitOr: (o) => [n.bitOr(o.l, o.m)],
  bitXor: (o) => [n.bitXor(o.l, o.m)],
  bitNot: (o) => [n.bitNot(o.l)],
  bitCount: (o) => [n.bitCount(o.l)],
  floor: (o) => [r.floor(o.x)],
  ceil: (o) => [r.ceil(o.x)],
  round: (o) => [r.round(o.x)],
  truncate: (o) => [r.truncate(o.x)],
  roundTo: (o) => [r.roundTo(o.d, 0), r.roundTo(o.d, 1), r.roundTo(o.d, 2), r.roundTo(o.d, 3)],
  greatest: (o) => [r.greatest(o.x, o.y), r.greatest(o.t, o.u, 'm'), r.greatest(o.d, o.e)],
  least: (o) => [r.least(o.x, o.y), r.least(o.t, o.u, 'm'), r.least(o.d, o.e)],
  clamp: (o) => [r.clamp(o.x, -1, 1), r.clamp(o.d, '0.00', '9.99'), r.clamp(o.t, 'a', 'z')],
  widthBucket: (o) => [r.widthBucket(o.x, [-1, 0, 2.5]), r.widthBucket(o.i, [0])],
  power: (o) => [ma.power(o.x, o.y), ma.power(o.z, 3)],
  ...Object.fromEntries(
    Object.entries(ma)
      .filter(([name]) => !['power', 'atan2', 'mathematicsFunctions'].includes(name))
      .map(([name, apply]) => [
        name,
        (o: Columns) => each([apply as never], o.x, n.multiply(o.z, 0.125)),
      ]),
  ),
  atan2: (o) => [ma.atan2(o.x, o.y)],
  toFloat: (o) => each([cv.toFloat], o.i, o.k, o.l, o.d),
  toInt: (o) => each([cv.toInt], o.x, o.l),
  toInt64: (o) => [cv.toInt64(o.k)],
  toDecimal: (o) => [cv.toDecimal(o.k, 2), cv.toDecimal(o.l, 0), cv.toDecimal(o.i, 9)],
  toText: (o) => each([cv.toText], o.k, o.l, o.d, o.b, o.day),
  boolToInt: (o) => [cv.boolToInt(o.b)],
  readInt: (o) => [cv.readInt(o.read), cv.readInt(o.t)],
  readInt64: (o) => [cv.readInt64(o.read), cv.readInt64(o.t)],
  readFloat: (o) => [cv.readFloat(o.read), cv.readFloat(o.t)],
  readDate: (o) => [cv.readDate(o.read), cv.readDate(o.t)],
} as Partial<Record<Operation, Cases>>;

const textCases = {
  lower: (o) => [t.lower(o.t)],
  upper: (o) => [t.upper(o.t)],
  length: (o) => [t.length(o.t)],
  byteLength: (o) => [t.byteLength(o.t)],
  concat: (o) => [t.concat(o.t, o.u), t.concat(o.t, "'\\", o.u)],
  concatWith: (o) => [t.concatWith('-', o.t, o.u), t.concatWith('', o.t)],
  trim: (o) => [t.trim(o.t), t.trim(o.t, 'ca\u{1f600}'), t.trim(o.t, "\\%'")],
  trimStart: (o) => [t.trimStart(o.t), t.trimStart(o.t, 'ab')],
  trimEnd: (o) => [t.trimEnd(o.t), t.trimEnd(o.t, 'bc,\n')],
  substring: (o) => [
    t.substring(o.t, 1, 2),
    t.substring(o.t, 2, 3),
    t.substring(o.t, 9, 1),
    t.substring(o.t, 1, 0),
  ],
  left: (o) => [t.left(o.t, 0), t.left(o.t, 2), t.left(o.t, 50)],
  right: (o) => [t.right(o.t, 0), t.right(o.t, 2), t.right(o.t, 50)],
  padStart: (o) => [t.padStart(o.t, 5), t.padStart(o.t, 8, 'é\u{1f600}'), t.padStart(o.t, 0)],
  padEnd: (o) => [t.padEnd(o.t, 5), t.padEnd(o.t, 8, "'\\")],
  repeat: (o) => [t.repeat(o.t, 0), t.repeat(o.t, 3)],
  reverse: (o) => [t.reverse(o.t)],
  replace: (o) => [t.replace(o.t, o.u, 'X'), t.replace(o.t, 'a', o.u), t.replace(o.t, '\\', "'$1")],
  translate: (o) => [t.translate(o.t, 'abé\u{1f600}', 'BA'), t.translate(o.t, "'\\", '"/')],
  contains: (o) => [t.contains(o.t, o.u), t.contains(o.t, '\\')],
  startsWith: (o) => [t.startsWith(o.t, o.u)],
  endsWith: (o) => [t.endsWith(o.t, o.u)],
  position: (o) => [t.position(o.t, o.u), t.position(o.t, '\u{1f600}')],
  occurrences: (o) => [t.occurrences(o.t, o.u)],
  splitPart: (o) => [t.splitPart(o.t, ',', 1), t.splitPart(o.t, ',', 4), t.splitPart(o.t, '.', 1)],
  isEmpty: (o) => [t.isEmpty(o.t)],
  isAscii: (o) => [t.isAscii(o.t)],
  codePoint: (o) => [t.codePoint(o.t)],
  levenshtein: (o) => [t.levenshtein(o.t, o.u)],
  toHex: (o) => [t.toHex(o.t)],
  toBase64: (o) => [t.toBase64(o.t), t.toBase64(t.repeat(o.t, 40))],
  like: (o) => [
    p.like(o.t, 'a%'),
    p.like(o.t, '%\\%'),
    p.like(o.t, '!%!_!!'),
    p.like(o.t, '_'),
    p.like(o.t, "%'%"),
    p.like(o.t, '%\n_'),
  ],
  matches: (o) => [
    p.matches(o.t, 'a.b'),
    p.matches(o.t, '^[a-c]+$'),
    p.matches(o.t, '\\d{2,}'),
    p.matches(o.t, '(?:bc|é)'),
    p.matches(o.t, 'e$'),
    p.matches(o.t, '[^a-z]\\w$'),
    p.matches(o.t, '\\\\'),
  ],
  extract: (o) => [
    p.extract(o.t, '(\\w+)[ -](\\d+)', 2),
    p.extract(o.t, '[a-c]+'),
    p.extract(o.t, '(x)|(b)', 1),
  ],
  replaceMatches: (o) => [
    p.replaceMatches(o.t, 'a|é', '<$1\\1>'),
    p.replaceMatches(o.t, '\\W', '_'),
    p.replaceMatches(o.t, '.', '.'),
  ],
  countMatches: (o) => [
    p.countMatches(o.t, '[a-z]'),
    p.countMatches(o.t, '.'),
    p.countMatches(o.t, 'bc'),
  ],
  md5: (o) => [h.md5(o.t)],
  sha256: (o) => [h.sha256(o.t)],
  hashInt: (o) => [h.hashInt(o.t)],
  hashBucket: (o) => [h.hashBucket(o.t, 8), h.hashBucket(o.t, 1000)],
  jsonText: (o) => [
    js.jsonText(o.json, ['a']),
    js.jsonText(o.json, ['b']),
    js.jsonText(o.json, [0]),
    js.jsonText(o.json, ['a', 'b', 1, 'c']),
    js.jsonText(o.json, ['a', 1]),
  ],
  jsonInt: (o) => [js.jsonInt(o.json, ['a']), js.jsonInt(o.json, ['a.b']), js.jsonInt(o.json, [2])],
  jsonFloat: (o) => [js.jsonFloat(o.json, ['a']), js.jsonFloat(o.json, ['a', 'b', 0])],
  jsonBool: (o) => [js.jsonBool(o.json, ['a'])],
  jsonLength: (o) => [
    js.jsonLength(o.json, ['a']),
    js.jsonLength(o.json, ['b']),
    js.jsonLength(o.json, ['a', 'b']),
  ],
  isJson: (o) => [js.isJson(o.json), js.isJson(o.read)],
} satisfies Partial<Record<Operation, Cases>>;

const units = ['day', 'week', 'month', 'quarter', 'year'] as const;

const timeCases = {
  dateTrunc: (o) => [
    ...units.map((unit) => ti.dateTrunc(unit, o.at)),
    ...units.map((unit) => ti.dateTrunc(unit, o.day)),
    ti.dateTrunc('hour', o.at),
  ],
  timeBucket: (o) => [timeBucket({ minutes: 7 }, o.at), timeBucket({ days: 1 }, o.at)],
  toDate: (o) => [ti.toDate(o.at)],
  toTimestamp: (o) => [ti.toTimestamp(o.day)],
  addDays: (o) => [
    ti.addDays(o.day, o.j),
    ti.addDays(o.at, n.remainder(o.j, 100)),
    ti.addDays(o.at, -1),
  ],
  addMonths: (o) => [ti.addMonths(o.day, o.j), ti.addMonths(o.at, 1), ti.addMonths(o.at, -13)],
  addMicros: (o) => [ti.addMicros(o.at, o.j)],
  daysBetween: (o) => [ti.daysBetween(o.day, o.until)],
  weeksBetween: (o) => [ti.weeksBetween(o.day, o.until)],
  monthsBetween: (o) => [ti.monthsBetween(o.day, o.until)],
  fullYearsBetween: (o) => [ti.fullYearsBetween(o.day, o.until)],
  microsBetween: (o) => [ti.microsBetween(o.at, ti.addMonths(o.at, n.remainder(o.j, 100)))],
  epochMicros: (o) => [ti.epochMicros(o.at)],
  fromEpochMicros: (o) => [ti.fromEpochMicros(n.multiply(o.i, 1_000_003))],
  epochDays: (o) => [ti.epochDays(o.day)],
  fromEpochDays: (o) => [ti.fromEpochDays(o.i), ti.fromEpochDays(o.k)],
  makeDate: (o) => [ti.makeDate(o.i, 2, o.j), ti.makeDate(literal('int', 2024), o.i, o.j)],
  lastDayOfMonth: (o) => [ti.lastDayOfMonth(o.day)],
  formatTime: (o) => [
    ti.formatTime(o.at, '{year}-{month}-{day}T{hour}:{minute}:{second}.{micro}Z'),
    ti.formatTime(o.day, '{day}/{month} {year}'),
  ],
  ...Object.fromEntries(
    Object.entries(tp)
      .filter(([name]) => name !== 'timePartFunctions')
      .map(([name, apply]) => [
        name,
        (o: Columns) =>
          /hour|minute|second/i.test(name)
            ? each([apply as never], o.at)
            : each([apply as never], o.at, o.day),
      ]),
  ),
  wallTime: (o) => zones.map((zone) => zo.wallTime(o.at, zone)),
  dateInZone: (o) => zones.map((zone) => zo.dateInZone(o.at, zone)),
  startOfDayInZone: (o) => zones.map((zone) => zo.startOfDayInZone(o.day, zone)),
} as Partial<Record<Operation, Cases>>;

const ints = (o: Columns) => li.listOf(o.i, o.j, 2);

const listCases = {
  listOf: (o) => [li.listOf(o.t, o.u), li.listOf(o.x, o.y, 1), ints(o)],
  listLength: (o) => each([li.listLength], o.ts, o.ns),
  element: (o) => [1, 2, -1, 9, -9].flatMap((at) => [li.element(o.ts, at), li.element(o.ns, at)]),
  listContains: (o) => [
    li.listContains(o.ts, o.u),
    li.listContains(o.ns, o.y),
    li.listContains(ints(o), 7),
  ],
  listPosition: (o) => [li.listPosition(o.ts, o.u), li.listPosition(o.ns, o.y)],
  listAppend: (o) => [li.listAppend(o.ts, o.u), li.listAppend(o.ns, o.y)],
  listConcat: (o) => [li.listConcat(o.ts, o.tu), li.listConcat(o.ns, o.nu)],
  listSlice: (o) => [
    li.listSlice(o.ts, 1, 2),
    li.listSlice(o.ns, 2, 9),
    li.listSlice(o.ns, 1, 0),
    li.listSlice(o.ns, 9, 2),
  ],
  listSort: (o) => each([li.listSort], o.ts, o.ns, ints(o)),
  listSortDescending: (o) => each([li.listSortDescending], o.ts, o.ns, ints(o)),
  listDistinct: (o) => each([li.listDistinct], o.ts, o.ns, ints(o)),
  listReverse: (o) => each([li.listReverse], o.ts, o.ns),
  listSum: (o) => each([li.listSum], o.ns, ints(o)),
  listMin: (o) => each([li.listMin], o.ts, o.ns, ints(o)),
  listMax: (o) => each([li.listMax], o.ts, o.ns, ints(o)),
  listAvg: (o) => each([li.listAvg], o.ns, ints(o)),
  listsOverlap: (o) => [li.listsOverlap(o.ts, o.tu), li.listsOverlap(o.ns, o.nu)],
  listUnion: (o) => [li.listUnion(o.ts, o.tu), li.listUnion(o.ns, o.nu)],
  listIntersect: (o) => [li.listIntersect(o.ts, o.tu), li.listIntersect(o.ns, o.nu)],
  listExcept: (o) => [li.listExcept(o.ts, o.tu), li.listExcept(o.ns, o.nu)],
  listRange: (o) => [li.listRange(literal('int', 0), o.j), li.listRange(o.i, 12)],
  split: (o) => [li.split(o.t, ','), li.split(o.t, '.'), li.split(o.t, 'b'), li.split(o.t, '\\')],
  joinTexts: (o) => [li.joinTexts(o.ts, ','), li.joinTexts(o.ts, '')],
  dotProduct: (o) => [li.dotProduct(o.ns, o.nu)],
  struct: (o) => [
    s.struct({
      t: o.t,
      x: o.x,
      at: o.at,
      ts: o.ts,
      inner: s.struct({ l: o.l, d: o.d, day: o.day, i: o.i }),
    }),
  ],
  member: (o) => [
    s.member(s.struct({ t: o.t, x: o.x }), 't'),
    s.member(s.member(s.struct({ n: s.struct({ d: o.d }) }), 'n'), 'd'),
  ],
} satisfies Partial<Record<Operation, Cases>>;

/** For every function the calls that are tried on all rows. */
export const functionCases: Partial<Record<Operation, Cases>> = {
  ...comparisonCases,
  ...numberCases,
  ...textCases,
  ...timeCases,
  ...listCases,
};
