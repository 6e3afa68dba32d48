import { seededRandom } from '@backlot/core';
import { key, text, timestamp } from '../column.ts';
import {
  abs,
  add,
  addDays,
  addMonths,
  allTrue,
  and,
  anyTrue,
  avg,
  between,
  bitCount,
  boolToInt,
  byteLength,
  ceil,
  choose,
  clamp,
  coalesce,
  codePoint,
  collectList,
  collectSet,
  concat,
  concatWith,
  contains,
  count,
  countDistinct,
  countMatches,
  countMissing,
  countWhere,
  dateTrunc,
  dayOfMonth,
  dayOfYear,
  daysBetween,
  denseRank,
  deviationPopulation,
  divide,
  Expression,
  type ExpressionNode,
  element,
  endsWith,
  eq,
  extract,
  type FrameOptions,
  firstOf,
  floor,
  fullYearsBetween,
  greatest,
  gt,
  hashInt,
  hourOf,
  inList,
  integerDivide,
  isAscii,
  isEmpty,
  isFiniteNumber,
  isNan,
  isNull,
  isoDayOfWeek,
  isoWeek,
  isoYear,
  isTrue,
  joinText,
  joinTexts,
  lag,
  lastDayOfMonth,
  lastOf,
  lead,
  least,
  left,
  length,
  like,
  listConcat,
  listDistinct,
  listLength,
  listMax,
  listOf,
  listPosition,
  listRange,
  listReverse,
  listSlice,
  listSort,
  literal,
  ln,
  lower,
  lte,
  type Measure,
  makeDate,
  matches,
  max,
  maxBy,
  md5,
  median,
  microsOfSecond,
  min,
  minBy,
  minuteOf,
  mod,
  mode,
  monthOf,
  monthsBetween,
  multiply,
  ne,
  negate,
  not,
  nthOf,
  nullIf,
  type Over,
  occurrences,
  or,
  over,
  padEnd,
  padStart,
  position,
  quantile,
  quantileDiscrete,
  quarterOf,
  type Relation,
  type RelationNode,
  rank,
  readFloat,
  readInt,
  relation,
  remainder,
  repeat,
  replace,
  replaceMatches,
  reverse,
  right,
  round,
  rowNumber,
  type Shape,
  same,
  secondOf,
  sha256,
  shareTrue,
  sign,
  split,
  splitPart,
  sqrt,
  startsWith,
  substring,
  subtract,
  sum,
  timeBucket,
  toBase64,
  toDate,
  toFloat,
  toHex,
  toText,
  toTimestamp,
  translate,
  trim,
  trimStart,
  truncate,
  upper,
  type ValueType,
  values,
  varianceSample,
  widthBucket,
  xor,
  yearOf,
} from '../index.ts';
import { aggregates, functions } from '../relations/functions/registry.ts';
import type { MeasureNode } from '../relations/nodes.ts';
import { happenings, others, things } from './hurting-tables.fixture.ts';

type Any = Relation<Shape>;
type Typed<V extends ValueType> = Expression<V>;

/** A relation that follows from its seed alone: any nodes over any functions, well typed. */
export function randomRelation(seed: number): Any {
  return new Builder(seed).build();
}

/** Columns whose values engines may round otherwise; in a result alone, for nothing is built on them. */
export function inexactColumns(node: RelationNode): ReadonlySet<string> {
  const names = (entries: readonly (readonly [string, boolean])[]): Set<string> =>
    new Set(entries.filter(([, inexact]) => inexact).map(([name]) => name));
  switch (node.kind) {
    case 'project': {
      const before = inexactColumns(node.input);
      return names(
        node.columns.map(({ name, expression }) => [name, isInexact(expression, before)] as const),
      );
    }
    case 'aggregate':
      return names(
        node.measures.map(({ name, measure }) => [name, measureInexact(measure)] as const),
      );
    case 'window':
      return names(
        node.columns.map(
          ({ name, function: { measure } }) =>
            [name, measure ? measureInexact(measure) : false] as const,
        ),
      );
    case 'bucketed':
    case 'filter':
    case 'sample':
      return inexactColumns(node.input);
    default:
      return new Set();
  }
}

function isInexact(node: ExpressionNode, columns: ReadonlySet<string>): boolean {
  if (node.kind === 'column') return columns.has(node.name);
  if (node.kind === 'literal') return false;
  return (
    functions[node.operation].tolerance !== undefined ||
    node.operands.some((operand) => isInexact(operand, columns))
  );
}

function measureInexact({ aggregation, type, operands }: MeasureNode): boolean {
  const { tolerance, inexact } = aggregates[aggregation];
  return (
    (type === 'float' && (tolerance !== undefined || inexact === true)) ||
    operands.some((operand) => isInexact(operand, new Set()))
  );
}

const timeParts = [
  yearOf,
  quarterOf,
  monthOf,
  dayOfYear,
  isoDayOfWeek,
  isoYear,
  hourOf,
  minuteOf,
  secondOf,
  microsOfSecond,
].map((part) => () => part as (at: Typed<'timestamp'>) => Typed<'int'>);

class Builder {
  readonly #random: ReturnType<typeof seededRandom>;
  #names = 0;
  #crossed = false;

  constructor(seed: number) {
    this.#random = seededRandom(seed, 7);
  }

  build(): Any {
    let made = this.#base();
    const steps = 1 + this.#random.below(5);
    for (let step = 0; step < steps; step++) made = this.#step(this.#exact(made));
    return made;
  }

  #pick<T>(options: readonly T[]): T {
    return options[this.#random.below(options.length)]!;
  }

  #run<T>(options: readonly (() => T)[]): T {
    return this.#pick(options)();
  }

  #fresh(): string {
    this.#names++;
    return `c${this.#names}`;
  }

  #base(): Any {
    return this.#run<() => Any>([
      () => () => relation(things) as unknown as Any,
      () => () => relation(things) as unknown as Any,
      () => () => relation(things) as unknown as Any,
      () => () => relation(others) as unknown as Any,
      () => () =>
        values({ k: key(), at: timestamp().optional(), t: text().optional() }, [
          { k: 'a', at: '2026-03-29T01:00:00Z', t: '' },
          { k: 'é', at: null, t: null },
          { k: "o'x", at: '1969-12-31T23:59:59.999999Z', t: '\u{1f600}' },
        ]) as unknown as Any,
    ])();
  }

  /** Without the columns that may be rounded otherwise, for a comparison of those may go either way. */
  #exact(made: Any): Any {
    const inexact = inexactColumns(made.node);
    const kept = made.node.fields.map(({ name }) => name).filter((name) => !inexact.has(name));
    if (inexact.size === 0) return made;
    return kept.length > 0 ? made.select(kept) : (relation(others) as unknown as Any);
  }

  #column<V extends ValueType>(made: Any, type: V): Typed<V> | undefined {
    const found = made.node.fields.filter((field) => field.type === type);
    return found.length === 0
      ? undefined
      : (new Expression({ kind: 'column', ...this.#pick(found) }) as Typed<V>);
  }

  #int(made: Any, depth: number): Typed<'int'> {
    const base = this.#column(made, 'int') ?? literal('int', 3);
    if (depth === 0) return base;
    const next = (): Typed<'int'> => this.#int(made, depth - 1);
    return this.#run<Typed<'int'>>([
      () => base,
      () => literal('int', this.#pick([-2, 0, 7])),
      () => add(next(), next()),
      () => subtract(next(), 1),
      () => multiply(next(), this.#pick([-1, 2])),
      () => negate(next()),
      () => coalesce(next(), 4),
      () => choose(this.#bool(made, depth - 1), next(), next()),
      () => length(this.#text(made, depth - 1)),
      () => this.#otherInt(made, depth),
      () => this.#otherInt(made, depth),
    ]);
  }

  #otherInt(made: Any, depth: number): Typed<'int'> {
    const next = (): Typed<'int'> => this.#int(made, depth - 1);
    const words = (): Typed<'text'> => this.#text(made, depth - 1);
    const base = literal('int', 5);
    const day = this.#column(made, 'date');
    const moment = this.#column(made, 'timestamp');
    const tags = this.#column(made, 'texts');
    const big = this.#column(made, 'int64');
    return this.#run<Typed<'int'>>([
      () => abs(next()),
      () => mod(next(), this.#pick([3, -3, 0])),
      () => integerDivide(next(), this.#pick([2, -2, 0])),
      () => remainder(next(), this.#pick([3, -3, 0])),
      () => sign(this.#exactFloat(made, depth - 1)),
      () => clamp(next(), -2, 3),
      () => greatest(next(), next()),
      () => least(next(), 1),
      () => widthBucket(next(), [-1, 0, 2]),
      () => boolToInt(this.#bool(made, depth - 1)),
      () => byteLength(words()),
      () => position(words(), this.#pick(['a', 'é', '\u{1f600}', ''])),
      () => occurrences(words(), 'a'),
      () => codePoint(words()),
      () => mod(hashInt(words()), 1000),
      () => readInt(words()),
      () => countMatches(words(), '[a-z]'),
      () => (big ? bitCount(big) : base),
      () => (day ? daysBetween(day, '2024-02-29') : base),
      () => (day ? monthsBetween(day, '2024-01-31') : base),
      () => (day ? fullYearsBetween(day, '2024-02-29') : base),
      () => (day ? isoWeek(day) : base),
      () => (moment ? this.#run(timeParts)(moment) : base),
      () => (tags ? listLength(tags) : base),
      () => (tags ? listPosition(tags, 'a') : base),
    ]);
  }

  #float(made: Any, depth: number): Typed<'float'> {
    const base = this.#column(made, 'float') ?? literal('float', 0.5);
    if (depth === 0) return base;
    const next = (): Typed<'float'> => this.#float(made, depth - 1);
    return this.#run<Typed<'float'>>([
      () => base,
      () => literal('float', this.#pick([-0.25, 0, 2])),
      () => add(next(), next()),
      () => multiply(next(), this.#pick([-1, 0, 0.5])),
      () => divide(next(), next()),
      () => divide(this.#int(made, depth - 1), this.#int(made, depth - 1)),
      () => toFloat(this.#int(made, depth - 1)),
      () => coalesce(next(), 0),
      () => choose(this.#bool(made, depth - 1), next(), next()),
      () => floor(next()),
      () => ceil(next()),
      () => round(next()),
      () => truncate(this.#exactFloat(made, depth - 1)),
      () => abs(next()),
      () => greatest(next(), next()),
      () => sqrt(abs(next())),
      () => ln(next()),
      () => readFloat(this.#text(made, depth - 1)),
      () => {
        const list = this.#column(made, 'numbers');
        return list ? this.#pick([listMax(list), element(list, 1), element(list, -1)]) : base;
      },
    ]);
  }

  #text(made: Any, depth: number): Typed<'text'> {
    const base = this.#column(made, 'text') ?? literal('text', 'a');
    if (depth === 0) return base;
    const next = (): Typed<'text'> => this.#text(made, depth - 1);
    return this.#run<Typed<'text'>>([
      () => base,
      () => literal('text', this.#pick(['', 'É', "'", '\\', '\u{1f600}'])),
      () => lower(next()),
      () => upper(next()),
      () => concat(next(), '_É'),
      () => concat(next(), next()),
      () => coalesce(next(), '?'),
      () => choose(this.#bool(made, depth - 1), next(), next()),
      () => this.#otherText(made, depth),
      () => this.#otherText(made, depth),
    ]);
  }

  #otherText(made: Any, depth: number): Typed<'text'> {
    const next = (): Typed<'text'> => this.#text(made, depth - 1);
    const tags = this.#column(made, 'texts');
    const day = this.#column(made, 'date');
    return this.#run<Typed<'text'>>([
      () => trim(next()),
      () => trimStart(next()),
      () => reverse(next()),
      () => left(next(), 2),
      () => right(next(), 2),
      () => substring(next(), this.#pick([1, 2]), 2),
      () => padStart(next(), 4, '*'),
      () => padEnd(next(), 3, '\u{1f600}'),
      () => repeat(next(), this.#pick([0, 2])),
      () => replace(next(), 'a', this.#pick(['', "'b"])),
      () => translate(next(), 'ab', 'é'),
      () => splitPart(next(), ',', this.#pick([1, 2])),
      () => md5(next()),
      () => sha256(next()),
      () => toHex(next()),
      () => toBase64(next()),
      () => toText(this.#int(made, depth - 1)),
      () => extract(next(), '([a-z])(.)', 2),
      () => replaceMatches(next(), '[a-z]+', '_'),
      () => concatWith('-', next(), next()),
      () => nullIf(next(), 'a'),
      () => (tags ? joinTexts(tags, '|') : next()),
      () => (tags ? coalesce(element(tags, this.#pick([1, -1, 9])), '?') : next()),
      () => (day ? toText(day) : next()),
    ]);
  }

  #bool(made: Any, depth: number): Typed<'bool'> {
    const base = this.#column(made, 'bool') ?? literal('bool', true);
    if (depth === 0) return base;
    const next = (): Typed<'bool'> => this.#bool(made, depth - 1);
    const day = this.#column(made, 'date');
    const moment = this.#column(made, 'timestamp');
    const big = this.#column(made, 'int64');
    return this.#run<Typed<'bool'>>([
      () => base,
      () => gt(this.#int(made, depth - 1), this.#int(made, depth - 1)),
      () => lte(this.#exactFloat(made, depth - 1), 0.5),
      () => eq(this.#text(made, depth - 1), this.#pick(['a', 'é', '', "o'x"])),
      () => gt(this.#text(made, depth - 1), this.#text(made, 0)),
      () => ne(this.#int(made, depth - 1), 2),
      () => inList(this.#text(made, 0), ['a', 'A', '\u{1f600}']),
      () => isNull(this.#int(made, depth - 1)),
      () => not(next()),
      () => and(next(), next()),
      () => or(next(), next()),
      () => contains(this.#text(made, depth - 1), this.#pick(['a', '%', ''])),
      () => startsWith(this.#text(made, depth - 1), 'a'),
      () => endsWith(this.#text(made, depth - 1), '\u{1f600}'),
      () => isEmpty(this.#text(made, depth - 1)),
      () => isAscii(this.#text(made, depth - 1)),
      () => like(this.#text(made, depth - 1), this.#pick(['%a_', '!%%', 'É', '_'])),
      () => matches(this.#text(made, depth - 1), this.#pick(['^[a-z]+$', '\\d', '\\\\'])),
      () => between(this.#int(made, depth - 1), -1, 2),
      () => same(this.#int(made, depth - 1), this.#int(made, depth - 1)),
      () => xor(next(), next()),
      () => isTrue(next()),
      () => isNan(this.#exactFloat(made, depth - 1)),
      () => isFiniteNumber(this.#exactFloat(made, depth - 1)),
      () => (day ? gt(day, '2024-02-28') : base),
      () => (moment ? lte(moment, '2026-03-29T01:00:00Z') : base),
      () => (big ? gt(big, 9007199254740992n) : base),
    ]);
  }

  #exactFloat(made: Any, depth: number): Typed<'float'> {
    const drawn = this.#float(made, depth);
    return isInexact(drawn.node, new Set()) ? literal('float', 0.25) : drawn;
  }

  #step(made: Any): Any {
    return this.#run<Any>([
      () => made.filter(() => this.#bool(made, 2)),
      () => made.with(() => ({ [this.#fresh()]: this.#int(made, 2), f1: this.#float(made, 2) })),
      () => made.with(() => ({ t1: this.#text(made, 2), b1: this.#bool(made, 2) })),
      () => this.#times(made),
      () => this.#days(made),
      () => this.#lists(made),
      () => made.distinct(),
      () => this.#fewer(made),
      () => this.#firsts(made),
      () => made.union(made.filter(() => this.#bool(made, 1)) as never) as unknown as Any,
      () => made.except(made.filter(() => this.#bool(made, 1)) as never) as unknown as Any,
      () => made.intersect(made.filter(() => this.#bool(made, 1)) as never) as unknown as Any,
      () => this.#aggregate(made),
      () => this.#aggregate(made),
      () => this.#join(made),
      () => this.#join(made),
      () => this.#cross(made),
      () => this.#pointInTime(made),
      () => this.#pointInTime(made),
      () => this.#window(made),
      () => this.#window(made),
      () => this.#firstPer(made),
      () => this.#unnest(made),
      () => this.#pivot(made),
      () => this.#timeBuckets(made),
      () => this.#sample(made),
    ]);
  }

  #fields(made: Any): readonly string[] {
    return made.node.fields.map(({ name }) => name);
  }

  /** Columns that engines order and group in one way: no lists. */
  #plain(made: Any): readonly string[] {
    return made.node.fields
      .filter(({ type }) => !['texts', 'numbers', 'ints', 'struct'].includes(type))
      .map(({ name }) => name);
  }

  #lists(made: Any): Any {
    const tags = this.#column(made, 'texts');
    const words = (): Typed<'text'> => this.#text(made, 1);
    return made.with(() => ({
      l1: this.#run<Expression>([
        () => split(words(), ','),
        () => listOf(words(), words()),
        () => listOf(this.#int(made, 1), this.#int(made, 1)),
        () => (tags ? listSort(tags) : split(words(), 'a')),
        () => (tags ? listDistinct(tags) : listOf(words())),
        () => (tags ? listSlice(tags, 2, 1) : listOf(words())),
        () => (tags ? listConcat(tags, split(words(), ',')) : listOf(words())),
        () => (tags ? listReverse(tags) : listOf(words())),
        () => listRange(clamp(this.#int(made, 1), -3, 0), 3),
      ]),
    }));
  }

  #times(made: Any): Any {
    const time = this.#column(made, 'timestamp');
    if (!time) return made;
    const units = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
    return made.with(() => ({
      d1: toDate(time),
      u1: dateTrunc(this.#pick(units), time),
      u2: timeBucket(this.#pick([{ hours: 6 }, { days: 7 }, { seconds: 1 }]), time),
    }));
  }

  #days(made: Any): Any {
    const day = this.#column(made, 'date');
    if (!day) return made;
    return made.with(() => ({
      d2: this.#run<Typed<'date'>>([
        () => addDays(day, this.#pick([-31, 1, 366])),
        () => addMonths(day, this.#pick([-1, 1, 12])),
        () => lastDayOfMonth(day),
        () => dateTrunc('week', day),
        () => makeDate(yearOf(day), this.#pick([2, 12]), dayOfMonth(day)),
      ]),
      u3: toTimestamp(day),
    }));
  }

  #fewer(made: Any): Any {
    const names = this.#fields(made);
    const chosen = [...new Set([this.#pick(names), this.#pick(names), this.#pick(names)])];
    return this.#run<Any>([
      () => made.select(chosen),
      () => (names.length > 1 ? (made.drop(chosen[0]!) as unknown as Any) : made),
      () => made.rename({ [chosen[0]!]: this.#fresh() } as never) as unknown as Any,
    ]);
  }

  #firsts(made: Any): Any {
    const names = this.#plain(made);
    if (names.length === 0) return made;
    return made
      .sort(this.#pick(names), `-${this.#pick(names)}`)
      .limit(this.#pick([0, 1, 3, 100]), this.#pick([0, 1]));
  }

  #measure(made: Any): Measure {
    const day = this.#column(made, 'date');
    const big = this.#column(made, 'int64');
    const dec = this.#column(made, 'decimal');
    return this.#run<Measure>([
      () => count(),
      () => count(this.#int(made, 1)),
      () => sum(this.#int(made, 1)),
      () => max(this.#int(made, 1)),
      () => sum(this.#float(made, 1)),
      () => avg(this.#float(made, 0)),
      () => min(this.#exactFloat(made, 1)),
      () => min(this.#text(made, 1)),
      () => max(this.#text(made, 0)),
      () => (day ? max(day) : count()),
      () => (big ? min(big) : count()),
      () => (dec ? max(dec) : count()),
      () => this.#otherMeasure(made),
      () => this.#otherMeasure(made),
    ]);
  }

  #otherMeasure(made: Any): Measure {
    const int = (): Typed<'int'> => this.#int(made, 1);
    const words = (): Typed<'text'> => this.#text(made, 1);
    const float = (): Typed<'float'> => this.#exactFloat(made, 1);
    return this.#run<Measure>([
      () => countWhere(this.#bool(made, 1)),
      () => countMissing(words()),
      () => anyTrue(this.#bool(made, 1)),
      () => allTrue(this.#bool(made, 1)),
      () => shareTrue(this.#bool(made, 1)),
      () => median(int()),
      () => quantile(float(), this.#pick([0, 0.25, 0.9, 1])),
      () => quantileDiscrete(int(), 0.5),
      () => mode(words()),
      () => varianceSample(toFloat(int())),
      () => deviationPopulation(toFloat(int())),
      () => maxBy(words(), int()),
      () => minBy(int(), words()),
      () => collectList(words()),
      () => collectSet(int()),
      () => joinText(words(), ','),
      () => sum(int(), { where: this.#bool(made, 1) }),
    ]);
  }

  #aggregate(made: Any): Any {
    const names = this.#plain(made);
    const keys = [
      ...new Set(
        [[], [this.#pick(names)], [this.#pick(names), this.#pick(names)]][this.#random.below(3)],
      ),
    ].filter((name) => name !== undefined);
    return made.aggregate(keys, () => ({
      [this.#fresh()]: this.#measure(made),
      [this.#fresh()]: this.#measure(made),
      [this.#fresh()]: countDistinct(this.#text(made, 1)),
    })) as unknown as Any;
  }

  #join(made: Any): Any {
    const ints = made.node.fields.filter((field) => field.type === 'int');
    if (ints.length === 0) return made;
    const right = relation(others).rename({ j: this.#fresh(), m: this.#fresh() });
    const how = this.#pick(['inner', 'left', 'full', 'semi', 'anti'] as const);
    const on = [[this.#pick(ints).name, 'id']] as never;
    return made.join(right as never, { on, how }) as unknown as Any;
  }

  #cross(made: Any): Any {
    if (this.#crossed) return made;
    this.#crossed = true;
    const few = relation(others).rename({ id: this.#fresh(), j: this.#fresh(), m: this.#fresh() });
    const right = (few as unknown as Any).sort(few.node.fields[0]!.name).limit(2);
    return made.cross(right as never) as unknown as Any;
  }

  #pointInTime(made: Any): Any {
    const at = made.node.fields.filter((field) => field.type === 'timestamp');
    const keys = made.node.fields.filter((field) => field.type === 'text');
    if (at.length === 0 || keys.length === 0) return made;
    const names = [this.#fresh(), this.#fresh(), this.#fresh()] as const;
    const events = relation(happenings).rename({
      happeningId: names[0],
      when: names[1],
      amount: names[2],
    });
    return (made.pointInTime as unknown as (events: Any, options: object) => Any)(
      events as unknown as Any,
      {
        on: [[this.#pick(keys).name, 'who']],
        at: this.#pick(at).name,
        asOf: names[1],
        tie: this.#pick([[], [names[0]], [names[2]]]),
        strict: this.#pick([true, false]),
        ...(this.#pick([true, false]) && { within: { days: this.#pick([1, 400, 40_000]) } }),
      },
    );
  }

  #window(made: Any): Any {
    const names = this.#plain(made);
    const times = made.node.fields.filter((field) => field.type === 'timestamp');
    const by = this.#pick([[], [this.#pick(names)]]);
    const framed = ['count', 'countValues', 'sum', 'min', 'max', 'avg'];
    const measure = (): Measure => {
      const drawn = this.#measure(made);
      return framed.includes(drawn.node.aggregation) ? drawn : count();
    };
    const time = times.length > 0 ? this.#pick(times).name : undefined;
    if (time !== undefined && this.#random.below(3) === 0) {
      const frame = this.#pick<FrameOptions>([
        { timeBefore: { days: 365 }, timeAfter: 'none' },
        { timeBefore: { hours: 1 }, timeAfter: { days: 1 } },
        { timeAfter: { days: 40_000 } },
      ]);
      return made.window({ by, order: [time] }, () => ({
        [this.#fresh()]: over(measure(), frame),
        [this.#fresh()]: rank(),
      })) as unknown as Any;
    }
    const rows = this.#pick<FrameOptions>([
      {},
      { rowsAfter: 0 },
      { rowsBefore: 2, rowsAfter: 0 },
      { rowsBefore: 1, rowsAfter: 1 },
      { rowsBefore: 0 },
    ]);
    const one = this.#pick(names);
    return made.window({ by, order: this.#pick([[one], [`-${one}`]]) }, () => ({
      [this.#fresh()]: over(measure(), rows),
      [this.#fresh()]: this.#run<Over>([
        () => rowNumber(),
        () => rank(),
        () => denseRank(),
        () => lag(this.#text(made, 1), this.#pick([1, 3])),
        () => lead(this.#int(made, 1)),
        () => firstOf(this.#text(made, 0), rows),
        () => lastOf(this.#int(made, 1), rows),
        () => nthOf(this.#text(made, 0), 2, rows),
      ]),
    })) as unknown as Any;
  }

  #firstPer(made: Any): Any {
    const names = this.#plain(made);
    return made.firstPer({
      by: [this.#pick(names)],
      order: this.#pick([[this.#pick(names)], [`-${this.#pick(names)}`], []]),
      count: this.#pick([1, 2]),
    });
  }

  #unnest(made: Any): Any {
    const lists = made.node.fields.filter(({ type }) =>
      ['texts', 'numbers', 'ints'].includes(type),
    );
    if (lists.length === 0) return made;
    return made.unnest(this.#pick(lists).name as never, {
      as: this.#fresh(),
      outer: this.#pick([true, false]),
      ...(this.#pick([true, false]) && { place: this.#fresh() }),
    }) as unknown as Any;
  }

  #pivot(made: Any): Any {
    const texts = made.node.fields.filter((field) => field.type === 'text');
    if (texts.length === 0) return made;
    const measures: readonly (() => Measure)[] = [
      () => count(),
      () => sum(this.#int(made, 1)),
      () => max(this.#text(made, 1)),
      () => countDistinct(this.#int(made, 0)),
    ];
    return made.pivot([this.#pick(this.#plain(made))], {
      on: this.#pick(texts).name as never,
      into: { [this.#fresh()]: 'a', [this.#fresh()]: '\u{1f600}', [this.#fresh()]: '' } as never,
      measure: () => this.#run(measures),
    }) as unknown as Any;
  }

  #timeBuckets(made: Any): Any {
    const times = made.node.fields.filter((field) => field.type === 'timestamp');
    if (times.length === 0) return made;
    const names = this.#plain(made);
    return made.timeBuckets(
      {
        by: this.#pick([[], [this.#pick(names)]]),
        at: this.#pick(times).name as never,
        as: this.#fresh(),
        every: this.#pick([{ days: 100 }, { days: 365, hours: 6 }]),
        from: '2023-12-31T00:00:00Z',
        to: this.#pick(['2026-03-29T01:00:00Z', '2024-12-01T00:00:00Z']),
      },
      () => ({ [this.#fresh()]: count(), [this.#fresh()]: max(this.#text(made, 1)) }),
    ) as unknown as Any;
  }

  #sample(made: Any): Any {
    const keys = made.node.fields.filter(({ type }) => ['text', 'int', 'int64'].includes(type));
    if (keys.length === 0) return made;
    return made.sample({
      key: this.#pick(keys).name as never,
      share: this.#pick([0, 0.3, 0.7, 1]),
      seed: this.#pick(['a', 'b-2']),
    });
  }
}
