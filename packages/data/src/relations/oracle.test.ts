import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { realIo } from '@backlot/core';
import { openFileObjects } from '@backlot/store';
import fc from 'fast-check';
import { bool, float, int, text, timestamp } from '../column.ts';
import { table } from '../contract.ts';
import { deliver } from '../deliveries/deliver.ts';
import { openDuckDb } from '../duckdb/engine.ts';
import { openSnapshot } from '../snapshots/snapshot.ts';
import { evaluate } from './evaluate.ts';
import { Expression, literal } from './expression.ts';
import { avg, count, countDistinct, max, min, sum } from './functions/aggregates.ts';
import { eq, gt, inList, lte, ne } from './functions/comparisons.ts';
import { choose, coalesce } from './functions/conditionals.ts';
import { toFloat } from './functions/conversions.ts';
import { and, isNull, not, or } from './functions/logic.ts';
import { add, divide, multiply, negate, subtract } from './functions/numbers.ts';
import { concat, length, lower, upper } from './functions/text.ts';
import { dateTrunc, toDate } from './functions/times.ts';
import type { Measure } from './measure.ts';
import type { Row } from './reference/expression.ts';
import { type Relation, relation, type Shape } from './relation.ts';

const hourMicros = 3_600_000_000;
const rowKey = (row: Row): string =>
  JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));

const columns = {
  id: int(),
  k: text().optional(),
  n: int().optional(),
  x: float().optional(),
  b: bool().optional(),
  at: timestamp().optional(),
};
const left = table('left', columns, { purposes: ['debug'] });
const right = table(
  'right',
  { id: int(), j: text().optional(), m: int().optional() },
  { purposes: ['debug', 'audit'] },
);

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 4 });
const word = fc.constantFrom('', 'a', 'A', 'b', 'Zz', 'é', 'É', '\u{1f600}', 'aé');
const whole = fc.integer({ min: -5, max: 5 });
// Halves and quarters, so that sums do not depend on the order they are taken in.
const quarter = fc.integer({ min: -40, max: 40 }).map((value) => value / 4 + 0);
const micros = fc
  .integer({ min: -100_000, max: 800_000 })
  .map((hours) => hours * hourMicros + 1_234_567);
const leftRows = fc.array(
  fc.record({
    id: whole,
    k: optional(word),
    n: optional(whole),
    x: optional(quarter),
    b: optional(fc.boolean()),
    at: optional(micros),
  }),
  { minLength: 1, maxLength: 12 },
);
const rightRows = fc.array(fc.record({ id: whole, j: optional(word), m: optional(whole) }), {
  minLength: 1,
  maxLength: 8,
});

type Any = Relation<Shape>;
type Typed<V extends 'int' | 'float' | 'text' | 'bool' | 'timestamp'> = Expression<V>;

/** Builds expressions and steps from a stream of small numbers, so that shrinking makes them smaller. */
class Builder {
  readonly #choices: readonly number[];
  #at = 0;

  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  pick<T>(options: readonly T[]): T {
    return options[(this.#choices[this.#at++] ?? 0) % options.length]!;
  }

  column<V extends 'int' | 'float' | 'text' | 'bool' | 'timestamp'>(
    relation: Any,
    type: V,
  ): Typed<V> | undefined {
    const found = relation.node.fields.filter((field) => field.type === type);
    return found.length === 0
      ? undefined
      : (new Expression({ kind: 'column', ...this.pick(found) }) as Typed<V>);
  }

  int(relation: Any, depth: number): Typed<'int'> {
    const base = this.column(relation, 'int') ?? literal('int', 3);
    if (depth === 0) return base;
    const next = (): Typed<'int'> => this.int(relation, depth - 1);
    return this.pick<() => Typed<'int'>>([
      () => base,
      () => literal('int', this.pick([-2, 0, 7])),
      () => add(next(), next()),
      () => subtract(next(), 1),
      () => multiply(next(), next()),
      () => negate(next()),
      () => coalesce(next(), 4),
      () => choose(this.bool(relation, depth - 1), next(), next()),
      () => length(this.text(relation, depth - 1)),
    ])();
  }

  float(relation: Any, depth: number): Typed<'float'> {
    const base = this.column(relation, 'float') ?? literal('float', 0.25);
    if (depth === 0) return base;
    return this.pick<() => Typed<'float'>>([
      () => base,
      () => toFloat(this.int(relation, depth - 1)),
      () => divide(this.int(relation, depth - 1), this.pick([2, 4, 0])),
      () => negate(this.float(relation, depth - 1)),
      () => multiply(this.float(relation, depth - 1), this.pick([-2, 0.5, 0])),
    ])();
  }

  text(relation: Any, depth: number): Typed<'text'> {
    const base = this.column(relation, 'text') ?? literal('text', 'q');
    if (depth === 0) return base;
    const next = (): Typed<'text'> => this.text(relation, depth - 1);
    return this.pick<() => Typed<'text'>>([
      () => base,
      () => lower(next()),
      () => upper(next()),
      () => concat(next(), '_É'),
      () => coalesce(next(), '?'),
    ])();
  }

  bool(relation: Any, depth: number): Typed<'bool'> {
    const base = this.column(relation, 'bool') ?? literal('bool', true);
    if (depth === 0) return base;
    const next = (): Typed<'bool'> => this.bool(relation, depth - 1);
    return this.pick<() => Typed<'bool'>>([
      () => base,
      () => gt(this.int(relation, depth - 1), this.int(relation, depth - 1)),
      () => lte(this.float(relation, depth - 1), 0.5),
      () => eq(this.text(relation, depth - 1), this.pick(['a', 'é', ''])),
      () => ne(this.int(relation, depth - 1), 2),
      () => inList(this.text(relation, 0), ['a', 'A', '\u{1f600}']),
      () => isNull(this.int(relation, depth - 1)),
      () => not(next()),
      () => and(next(), next()),
      () => or(next(), next()),
    ])();
  }

  step(relation: Any, other: Any): Any {
    const names = relation.node.fields.map(({ name }) => name);
    const time = this.column(relation, 'timestamp');
    return this.pick<() => Any>([
      () => relation.filter(() => this.bool(relation, 2)),
      () => relation.with(() => ({ i1: this.int(relation, 2), f1: this.float(relation, 2) })),
      () => relation.with(() => ({ t1: this.text(relation, 2), b1: this.bool(relation, 2) })),
      () =>
        time
          ? relation.with(() => ({
              d1: toDate(time),
              u1: dateTrunc(
                this.pick(['hour', 'day', 'week', 'month', 'quarter', 'year'] as const),
                time,
              ),
            }))
          : relation,
      () => relation.distinct(),
      () =>
        relation.select(
          [this.pick(names), this.pick(names)].filter((name, at, all) => all.indexOf(name) === at),
        ),
      () =>
        relation
          .sort(this.pick(names), `-${names[0]!}`)
          .limit(this.pick([0, 1, 3, 100]), this.pick([0, 1])),
      () => relation.union(relation.filter(() => this.bool(relation, 1))),
      () => this.aggregate(relation, names),
      () => this.joined(relation, other),
    ])();
  }

  aggregate(relation: Any, names: readonly string[]): Any {
    const keys = this.pick([[], [this.pick(names)]]);
    const measured = {
      a0: count(),
      a1: this.pick([
        sum(this.int(relation, 1)),
        max(this.int(relation, 1)),
        count(this.int(relation, 1)),
      ]) as Measure,
      a2: this.pick([
        sum(this.float(relation, 1)),
        avg(this.float(relation, 0)),
        min(this.float(relation, 1)),
      ]) as Measure,
      a3: this.pick([
        min(this.text(relation, 1)),
        max(this.text(relation, 0)),
        countDistinct(this.text(relation, 1)),
      ]) as Measure,
    };
    const free = Object.entries(measured).filter(([name]) => !keys.includes(name));
    return relation.aggregate(keys, () => Object.fromEntries(free)) as unknown as Any;
  }

  joined(relation: Any, other: Any): Any {
    const ints = relation.node.fields.filter((field) => field.type === 'int' && field.name !== 'm');
    const clash = relation.node.fields.some(({ name }) => name === 'j' || name === 'm');
    if (ints.length === 0 || clash) return relation;
    const how = this.pick(['inner', 'left', 'semi', 'anti'] as const);
    return relation.join(other, {
      on: [[this.pick(ints).name, 'id']] as never,
      how,
    }) as unknown as Any;
  }
}

const folder = await mkdtemp(join(tmpdir(), 'backlot-oracle-'));
after(() => rm(folder, { recursive: true, force: true }));
const io = realIo();
const objects = await openFileObjects(io, join(folder, 'objects'));
const engine = openDuckDb({ io, memoryMiB: 256, threads: 1, scratch: join(folder, 'engine') });

async function snapshotOf(contract: typeof left | typeof right, rows: readonly Row[]) {
  const iso = (micros: number): string => {
    const millis = new Date(Math.floor(micros / 1000)).toISOString().slice(0, -1);
    return `${millis}${String(((micros % 1000) + 1000) % 1000).padStart(3, '0')}Z`;
  };
  const lines = rows.map((row) =>
    JSON.stringify({
      ...row,
      ...('at' in row && typeof row.at === 'number' && { at: iso(row.at) }),
    }),
  );
  const { digest } = await objects.put(Buffer.from(lines.join('\n')));
  const outcome = await deliver({
    io,
    objects,
    contract,
    source: { object: digest, format: 'jsonl' },
    scratch: join(folder, 'scratch'),
  });
  assert.equal(outcome.receipt.accepted, rows.length);
  return openSnapshot(objects, outcome.manifest!, { purpose: 'debug' });
}

const sortedRows = (rows: readonly Row[]): readonly string[] => rows.map(rowKey).sort();

test('DuckDB answers every relation as the oracle does', async () => {
  let relations = 0;
  const choices = fc.array(fc.nat(1000), { minLength: 60, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(
      leftRows,
      rightRows,
      fc.array(choices, { minLength: 8, maxLength: 8 }),
      async (lefts, rights, programs) => {
        const snapshots = [await snapshotOf(left, lefts), await snapshotOf(right, rights)];
        for (const program of programs) {
          const builder = new Builder(program);
          let made = relation(left) as unknown as Any;
          const steps = 1 + builder.pick([0, 1, 2, 3]);
          for (let step = 0; step < steps; step++)
            made = builder.step(made, relation(right) as unknown as Any);
          const expected = evaluate(made.node, { left: lefts, right: rights });
          const found = (await engine.rows(made, {
            snapshots,
            purpose: 'debug',
          })) as readonly Row[];
          relations++;
          if (made.node.kind === 'sort' || made.node.kind === 'limit')
            assert.deepEqual(found.map(rowKey), expected.map(rowKey));
          else assert.deepEqual(sortedRows(found), sortedRows(expected));
        }
      },
    ),
    // Each step of shrinking delivers tables anew: it is left to whoever looks into a failure.
    { numRuns: 10, endOnFailure: true },
  );
  assert.ok(relations >= 80);
});
