import type { Purpose } from '@backlot/access';
import type { JsOf, ValueType } from '../column.ts';
import {
  type Columns,
  type ContractData,
  columnType,
  contractData,
  contractDigest,
  type Table,
} from '../contract.ts';
import { BadRelation } from '../data-error.ts';
import type { Duration } from './duration.ts';
import { type Equatable, Expression, type Literal } from './expression.ts';
import { checkedFields, checkedName, fieldNamed, named, sharedPurposes } from './fields.ts';
import type { Measure } from './measure.ts';
import type { JoinHow, NamedField, RelationNode, SortNode } from './nodes.ts';
import { crossNode } from './steps/bounded.ts';
import { firstPerNode } from './steps/first-per.ts';
import { joinNode } from './steps/join.ts';
import { pivotNode } from './steps/pivot.ts';
import { pointInTimeNode } from './steps/point-in-time.ts';
import { bucketedNode, type SampleOptions, sampleNode } from './steps/sample.ts';
import { alignedFields, setNode } from './steps/sets.ts';
import { type SqlTexts, sqlNode } from './steps/sql-pair.ts';
import { timeBucketsNode } from './steps/time-buckets.ts';
import { type itemTypes, type ListType, unnestNode } from './steps/unnest.ts';
import { valuesNode } from './steps/values.ts';
import { sortKeys, windowNode } from './steps/window.ts';
import type { Over } from './window.ts';

/** A column's type to TypeScript. */
export interface Field<V extends ValueType = ValueType, N extends boolean = boolean> {
  readonly type: V;
  readonly nullable: N;
}

/** A relation's columns to TypeScript. */
export type Shape = Readonly<Record<string, Field>>;

/** The shape of a table's rows. */
export type ShapeOf<C extends Columns> = {
  readonly [K in keyof C]: Field<C[K]['types']['type'], C[K]['types']['nullable']>;
};

/** A relation's rows as TypeScript sees them. */
export type RelationRow<R extends { readonly types: { readonly shape: Shape } }> = RowOfShape<
  R['types']['shape']
>;
type RowOfShape<S extends Shape> = {
  readonly [K in keyof S]: JsOf<S[K]['type']> | (S[K]['nullable'] extends false ? never : null);
};

/** The columns of a shape as expressions. */
type ColumnsOf<S extends Shape> = {
  readonly [K in keyof S]: Expression<S[K]['type'], S[K]['nullable']>;
};

type Typed = { readonly types: { readonly type: ValueType; readonly nullable: boolean } };
type FieldsOf<E extends Readonly<Record<string, Typed>>> = {
  readonly [K in keyof E]: Field<E[K]['types']['type'], E[K]['types']['nullable']>;
};
type KeysOfType<S extends Shape, V extends ValueType> = {
  [K in keyof S]: S[K]['type'] extends V ? K : never;
}[keyof S] &
  string;
type On<L extends Shape, R extends Shape> = {
  [K in keyof L & string]: readonly [left: K, right: KeysOfType<R, L[K]['type']>];
}[keyof L & string];
type Loose<S extends Shape> = { readonly [K in keyof S]: Field<S[K]['type'], true> };
type Joined<L extends Shape, R extends Shape, O extends On<L, R>, H extends JoinHow> = H extends
  | 'semi'
  | 'anti'
  ? L
  : H extends 'left'
    ? L & Loose<Omit<R, O[1]>>
    : H extends 'full'
      ? Loose<NoInfer<L>> & Loose<Omit<R, O[1]>>
      : L & Omit<R, O[1]>;

type SortName<S extends Shape> = (keyof S & string) | `-${keyof S & string}`;
type Renamed<S extends Shape, M> = {
  readonly [K in keyof S as K extends keyof M ? (M[K] extends string ? M[K] : K) : K]: S[K];
};

/**
 * A query as frozen data, built step by step; nothing runs until an engine is asked to. `S` are its
 * columns, `P` the purposes that all of its tables allow.
 */
export class Relation<S extends Shape, P extends Purpose = Purpose> {
  readonly node: RelationNode;
  /** Types only; never there when the program runs. */
  declare readonly types: { readonly shape: S; readonly purposes: P };

  constructor(node: RelationNode) {
    this.node = Object.freeze(node);
    Object.freeze(this);
  }

  /** Keeps the rows for which the predicate is true. */
  filter(predicate: (columns: ColumnsOf<S>) => Expression<'bool'>): Relation<S, P> {
    const { fields, purposes } = this.node;
    const made = predicate(this.#columns()).node;
    return new Relation({ kind: 'filter', input: this.node, predicate: made, fields, purposes });
  }

  /** Exactly the columns named, or computed. */
  select<const K extends readonly (keyof S & string)[]>(
    columns: K,
  ): Relation<Pick<S, K[number]>, P>;
  select<E extends Readonly<Record<string, Expression>>>(
    columns: (columns: ColumnsOf<S>) => E,
  ): Relation<FieldsOf<E>, P>;
  select(
    columns: readonly string[] | ((columns: ColumnsOf<S>) => Readonly<Record<string, Expression>>),
  ): Relation<Shape, P> {
    const all = this.#columns();
    const made =
      typeof columns === 'function'
        ? Object.entries(columns(all))
        : columns.map((name) => [name, this.#column(name)] as const);
    const chosen = made.map(([name, { node }]) => ({ name: checkedName(name), expression: node }));
    const fields = chosen.map(({ name, expression }) => named(name, expression));
    return new Relation({
      kind: 'project',
      input: this.node,
      columns: Object.freeze(chosen),
      fields: checkedFields(fields),
      purposes: this.node.purposes,
    });
  }

  /** All columns, and computed ones beside them or in place of those of the same name. */
  with<E extends Readonly<Record<string, Expression>>>(
    columns: (columns: ColumnsOf<S>) => E,
  ): Relation<Omit<S, keyof E> & FieldsOf<E>, P> {
    return this.select((all) => ({ ...all, ...columns(all) })) as unknown as Relation<
      Omit<S, keyof E> & FieldsOf<E>,
      P
    >;
  }

  /**
   * Joins on equal columns; missing values are equal to nothing. The right side's columns of the
   * join are left out; no other name may stand on both sides.
   */
  join<R extends Shape, Q extends Purpose, const O extends On<S, R>, H extends JoinHow = 'inner'>(
    right: Relation<R, Q>,
    options: { readonly on: readonly O[]; readonly how?: H },
  ): Relation<Joined<S, R, O, H>, Extract<P, Q>> {
    const how: JoinHow = options.how ?? 'inner';
    return new Relation(joinNode(this.node, right.node, how, options.on));
  }

  /**
   * Each row with the columns of the newest event at or before its time (`strict`: before it), found
   * by equal columns; no row is lost. Of events at one time the one with the greatest `tie` columns
   * counts, then all other columns. A missing key or time finds nothing; the event's columns, its
   * time among them, are then missing.
   *
   * ```ts
   * labels.pointInTime(events, {
   *   on: [['account', 'account']], at: 'labelTime', asOf: 'eventTime', tie: ['eventId'],
   *   within: { days: 30 },
   * });
   * ```
   */
  pointInTime<R extends Shape, Q extends Purpose, const O extends On<S, R>>(
    events: Relation<R, Q>,
    options: {
      readonly on: readonly O[];
      readonly at: KeysOfType<S, 'timestamp'>;
      readonly asOf: KeysOfType<NoInfer<R>, 'timestamp'>;
      readonly tie: readonly (keyof NoInfer<R> & string)[];
      readonly within?: Duration;
      readonly strict?: boolean;
    },
  ): Relation<S & Loose<Omit<R, O[1]>>, Extract<P, Q>> {
    return new Relation(pointInTimeNode(this.node, events.node, options));
  }

  /** One row for each combination of the keys, with measures; without keys, one row. */
  aggregate<
    const K extends readonly (keyof S & string)[],
    M extends Readonly<Record<string, Measure>>,
  >(
    keys: K,
    measures: (columns: ColumnsOf<S>) => M,
  ): Relation<Pick<S, K[number]> & FieldsOf<M>, P> {
    const made = Object.entries(measures(this.#columns()));
    const chosen = made.map(([name, { node }]) => ({ name: checkedName(name), measure: node }));
    const fields = [
      ...keys.map((key) => this.#field(key)),
      ...chosen.map(({ name, measure }) => named(name, measure)),
    ];
    return new Relation({
      kind: 'aggregate',
      input: this.node,
      keys: Object.freeze([...keys]),
      measures: Object.freeze(chosen),
      fields: checkedFields(fields),
      purposes: this.node.purposes,
    });
  }

  /** Each different row once. */
  distinct(): Relation<S, P> {
    const { fields, purposes } = this.node;
    return new Relation({ kind: 'distinct', input: this.node, fields, purposes });
  }

  /** Sorts by columns (`-name` descending), missing values last; ties by all other columns. */
  sort(...by: readonly SortName<S>[]): SortedRelation<S, P> {
    const { fields, purposes } = this.node;
    return new SortedRelation({
      kind: 'sort',
      input: this.node,
      by: sortKeys(this.node, by),
      fields,
      purposes,
    });
  }

  /** All columns, some under another name. */
  rename<const M extends { readonly [K in keyof S & string]?: string }>(
    names: M,
  ): Relation<Renamed<S, M>, P> {
    for (const name of Object.keys(names)) this.#field(name);
    const entries = this.node.fields.map(({ name }) => [
      names[name as keyof M] ?? name,
      this.#column(name),
    ]);
    return this.select(() => Object.fromEntries(entries)) as unknown as Relation<Renamed<S, M>, P>;
  }

  /** All columns but those named. */
  drop<const K extends readonly (keyof S & string)[]>(
    ...columns: K
  ): Relation<Omit<S, K[number]>, P> {
    for (const name of columns) this.#field(name);
    const kept = this.node.fields.map(({ name }) => name).filter((name) => !columns.includes(name));
    return this.select(kept as never) as unknown as Relation<Omit<S, K[number]>, P>;
  }

  /**
   * Each row beside each of another relation that is known to have at most 10,000 rows: written
   * values, a sorted and limited relation, an aggregate without keys, or what is made from those.
   */
  cross<R extends Shape, Q extends Purpose>(right: Relation<R, Q>): Relation<S & R, Extract<P, Q>> {
    return new Relation(crossNode(this.node, right.node));
  }

  /** The different rows of this one that are not among the other's; missing values are the same. */
  except<Q extends Purpose>(other: Relation<S, Q>): Relation<S, Extract<P, Q>> {
    return new Relation(setNode('except', this.node, other.node));
  }

  /** The different rows of this one that are among the other's too; missing values are the same. */
  intersect<Q extends Purpose>(other: Relation<S, Q>): Relation<S, Extract<P, Q>> {
    return new Relation(setNode('intersect', this.node, other.node));
  }

  /**
   * Columns beside each row from the rows that are equal in `by`, in an order (`-name` descending,
   * missing values last). Rows that tie are ordered by all other columns, so that the answer does not
   * depend on chance; ranks and frames of time see the ties.
   */
  window<W extends Readonly<Record<string, Over>>>(
    options: {
      readonly by?: readonly (keyof S & string)[];
      readonly order?: readonly SortName<S>[];
    },
    functions: (columns: ColumnsOf<S>) => W,
  ): Relation<S & FieldsOf<W>, P> {
    const { by = [], order = [] } = options;
    return new Relation(windowNode(this.node, { by, order }, functions(this.#columns())));
  }

  /** The first `count` rows in an order of each that are equal in `by`; ties by all other columns. */
  firstPer(options: {
    readonly by: readonly (keyof S & string)[];
    readonly order: readonly SortName<S>[];
    readonly count?: number;
  }): Relation<S, P> {
    return new Relation(firstPerNode(this.node, options));
  }

  /**
   * A row for each item of a list, which stands in the list's place; `place` names a column of its
   * place, from 1. Rows whose list is empty or missing are left out, unless `outer`.
   */
  unnest<
    L extends KeysOfType<S, ListType>,
    const A extends string,
    const O extends boolean = false,
    const I extends string = never,
  >(
    list: L,
    options: { readonly as: A; readonly place?: I; readonly outer?: O },
  ): Relation<
    Omit<S, L> & {
      readonly [K in A]: Field<(typeof itemTypes)[S[L]['type'] & ListType], O>;
    } & { readonly [K in I]: Field<'int', O> },
    P
  > {
    return new Relation(unnestNode(this.node, { list, ...options }));
  }

  /** One measure for each of some known values of a column, as columns beside the keys. */
  pivot<
    const K extends readonly (keyof S & string)[],
    C extends KeysOfType<S, Equatable>,
    const I extends Readonly<Record<string, Literal<S[C]['type'] & Equatable>>>,
    V extends ValueType,
    N extends boolean,
  >(
    keys: K,
    options: {
      readonly on: C;
      readonly into: I;
      readonly measure: (columns: ColumnsOf<S>) => Measure<V, N>;
    },
  ): Relation<Pick<S, K[number]> & { readonly [J in keyof I]: Field<V, N> }, P> {
    const measure = options.measure(this.#columns()).node;
    return new Relation(
      pivotNode(this.node, { keys, on: options.on, into: options.into, measure }),
    );
  }

  /**
   * Measures by keys and buckets of time of a fixed width from `from` to before `to`, also of buckets
   * without rows: each combination of keys that is anywhere has them all. Rows outside are left out.
   */
  timeBuckets<
    const K extends readonly (keyof S & string)[],
    const B extends string,
    M extends Readonly<Record<string, Measure>>,
  >(
    options: {
      readonly by: K;
      readonly at: KeysOfType<S, 'timestamp'>;
      readonly as: B;
      readonly every: Duration;
      readonly from: Literal<'timestamp'>;
      readonly to: Literal<'timestamp'>;
    },
    measures: (columns: ColumnsOf<S>) => M,
  ): Relation<
    Pick<S, K[number]> & { readonly [J in B]: Field<'timestamp', false> } & FieldsOf<M>,
    P
  > {
    const made = Object.entries(measures(this.#columns())).map(
      ([name, { node }]) => [name, node] as const,
    );
    return new Relation(timeBucketsNode(this.node, options, made));
  }

  /**
   * The rows whose key is in a sample: the same ones on every engine, and `inSample` of TypeScript.
   * All rows of a key are in or out together; rows without one are out.
   */
  sample(
    options: SampleOptions & { readonly key: KeysOfType<S, 'text' | 'int' | 'int64'> },
  ): Relation<S, P> {
    return new Relation(sampleNode(this.node, options));
  }

  /** The same rows; when an engine writes them, one file for each bucket of a column's hash. */
  bucketed(options: {
    readonly key: KeysOfType<S, 'text'>;
    readonly buckets: number;
  }): Relation<S, P> {
    return new Relation(bucketedNode(this.node, options));
  }

  /** The rows of both, doubles kept. The columns' names and types must be the same. */
  union<Q extends Purpose>(other: Relation<S, Q>): Relation<S, Extract<P, Q>> {
    return new Relation({
      kind: 'union',
      inputs: Object.freeze([this.node, other.node]),
      fields: alignedFields(this.node, other.node),
      purposes: sharedPurposes(this.node, other.node),
    });
  }

  #columns(): ColumnsOf<S> {
    const entries = this.node.fields.map(({ name }) => [name, this.#column(name)]);
    return Object.freeze(Object.fromEntries(entries)) as ColumnsOf<S>;
  }

  #column(name: string): Expression {
    return new Expression({ kind: 'column', ...this.#field(name) });
  }

  #field(name: string): NamedField {
    return fieldNamed(this.node, name);
  }
}

/** A sorted relation: the only kind that can be cut to its first rows. */
export class SortedRelation<S extends Shape, P extends Purpose> extends Relation<S, P> {
  declare readonly node: SortNode;

  /** At most `count` rows, after passing over `offset`. */
  limit(count: number, offset = 0): Relation<S, P> {
    if (!isCount(count) || !isCount(offset)) {
      throw new BadRelation(`a limit is a whole number from 0, given were ${count} and ${offset}`);
    }
    const { fields, purposes } = this.node;
    return new Relation({ kind: 'limit', input: this.node, count, offset, fields, purposes });
  }
}

/** The rows of a table as a relation. */
export function relation<N extends string, C extends Columns, P extends Purpose>(
  table: Table<N, C, P>,
): Relation<ShapeOf<C>, P> {
  return contractRelation(contractData(table)) as Relation<ShapeOf<C>, P>;
}

/** The rows of a table that is known by its stored contract alone, untyped. */
export function contractRelation(contract: ContractData): Relation<Shape> {
  const fields = contract.columns.map((column) => ({
    name: column.name,
    type: columnType(column),
    nullable: column.optional,
    ...(column.scale !== undefined && { scale: column.scale }),
  }));
  return new Relation({
    kind: 'source',
    table: contract.table,
    contract: contractDigest(contract),
    fields: checkedFields(fields),
    purposes: contract.purposes,
  });
}

/** A few rows written into the program as a relation, for every purpose: at most 10,000 values. */
export function values<C extends Columns>(
  columns: C,
  rows: readonly ValuesRow<C>[],
): Relation<ShapeOf<C>> {
  return new Relation(valuesNode(columns, rows));
}

type ValuesRow<C extends Columns> = {
  readonly [K in keyof C]:
    | Literal<C[K]['types']['type']>
    | (C[K]['types']['nullable'] extends false ? never : null);
};

/**
 * A way out: SQL of one's own for each engine over given relations, which stand as `{name}` after FROM
 * or JOIN. The columns are what the contract's builders say they are. Nothing proves that both texts
 * mean the same: try them on both engines with rows chosen to hurt.
 *
 * ```ts
 * sqlPair({
 *   duckdb: 'SELECT account, entropy(item) AS spread FROM {plays} GROUP BY account',
 *   inputs: { plays: relation(plays) }, columns: { account: key(), spread: float().optional() },
 * });
 * ```
 */
export function sqlPair<C extends Columns, I extends Readonly<Record<string, Relation<Shape>>>>(
  options: SqlTexts & { readonly inputs: I; readonly columns: C },
): Relation<ShapeOf<C>, I[keyof I]['types']['purposes']> {
  const { inputs, columns, ...texts } = options;
  const given = Object.entries(inputs).map(([name, { node }]) => ({ name, relation: node }));
  return new Relation(sqlNode(texts, columns, given));
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
