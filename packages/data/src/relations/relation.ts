import type { Purpose } from '@backlot/access';
import type { JsOf, ValueType } from '../column.ts';
import { type Columns, columnType, contractData, contractDigest, type Table } from '../contract.ts';
import { BadRelation } from '../data-error.ts';
import type { Duration } from './duration.ts';
import { Expression } from './expression.ts';
import {
  checkedFields,
  checkedName,
  checkedPairs,
  checkPair,
  fieldNamed,
  named,
  optionalField,
  sharedPurposes,
} from './fields.ts';
import type { Measure } from './measure.ts';
import type { JoinHow, NamedField, RelationNode, SortNode } from './nodes.ts';
import { pointInTimeNode } from './steps/point-in-time.ts';

/** A column's type to TypeScript. */
export interface Field<V extends ValueType = ValueType, N extends boolean = boolean> {
  readonly type: V;
  readonly nullable: N;
}

/** A relation's columns to TypeScript. */
export type Shape = Readonly<Record<string, Field>>;

/** The shape of a table's rows. */
type ShapeOf<C extends Columns> = {
  readonly [K in keyof C]: Field<C[K]['types']['type'], C[K]['types']['nullable']>;
};

/** A relation's rows as TypeScript sees them. */
export type RelationRow<R> =
  R extends Relation<infer S, Purpose>
    ? {
        readonly [K in keyof S]:
          | JsOf<S[K]['type']>
          | (S[K]['nullable'] extends false ? never : null);
      }
    : never;

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
    : L & Omit<R, O[1]>;

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
    const on = checkedPairs(this.node, right.node, options.on);
    const added = right.node.fields.filter(({ name }) => !on.some((pair) => pair.right === name));
    const optional = how === 'left' ? added.map(optionalField) : added;
    const fields =
      how === 'inner' || how === 'left' ? [...this.node.fields, ...optional] : this.node.fields;
    return new Relation({
      kind: 'join',
      how,
      left: this.node,
      right: right.node,
      on,
      fields: checkedFields(fields),
      purposes: sharedPurposes(this.node, right.node),
    });
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
  sort(...by: readonly ((keyof S & string) | `-${keyof S & string}`)[]): SortedRelation<S, P> {
    const keys = by.map((key) => {
      const descending = key.startsWith('-');
      const column = descending ? key.slice(1) : key;
      this.#field(column);
      return { column, descending };
    });
    const { fields, purposes } = this.node;
    return new SortedRelation({
      kind: 'sort',
      input: this.node,
      by: Object.freeze(keys),
      fields,
      purposes,
    });
  }

  /** The rows of both, doubles kept. The columns' names and types must be the same. */
  union<Q extends Purpose>(other: Relation<S, Q>): Relation<S, Extract<P, Q>> {
    const fields = this.node.fields.map((field) => {
      const peer = fieldNamed(other.node, field.name);
      checkPair(field, peer);
      return { ...field, nullable: field.nullable || peer.nullable };
    });
    if (other.node.fields.length !== fields.length) {
      throw new BadRelation('the relations of a union have different columns');
    }
    return new Relation({
      kind: 'union',
      inputs: Object.freeze([this.node, other.node]),
      fields,
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
  const contract = contractData(table);
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

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
