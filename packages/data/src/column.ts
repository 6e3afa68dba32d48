import { BadContract } from './data-error.ts';
import { parseDate, parseTimestamp } from './time.ts';

/** What a value is to relations and engines; several column kinds share one. */
export type ValueType =
  | 'text'
  | 'int'
  | 'int64'
  | 'float'
  | 'decimal'
  | 'bool'
  | 'date'
  | 'timestamp'
  | 'texts'
  | 'numbers'
  | 'ints'
  | 'struct';

/** The types of a contract's columns; relations make the others. */
export type StoredType = Exclude<ValueType, 'ints' | 'struct'>;

/**
 * The type of a struct of members, to TypeScript: a `'struct'` that remembers what it is made of.
 * Contracts have none; relations make them with `struct`.
 */
export type Struct<M extends Members = Members> = 'struct' & { readonly members: M };

/** The members of a struct by name, as a relation's columns are. */
export interface Members {
  readonly [name: string]: { readonly type: ValueType; readonly nullable: boolean };
}

/** How far a column may be shown. A subject's pseudonym is its own class. */
export type Sensitivity = 'public' | 'internal' | 'personal' | 'pseudonym';
export const sensitivities: readonly Sensitivity[] = [
  'public',
  'internal',
  'personal',
  'pseudonym',
];

/** Units of a number that stands for a time. */
export type EpochUnit = 's' | 'ms' | 'us';

/** A column as plain data. Absent rules do not restrict beyond the kind's own bounds. */
export interface ColumnData {
  readonly kind: ColumnKind;
  readonly optional: boolean;
  readonly sensitivity: Sensitivity;
  /** Bounds, inclusive: numbers; decimal text for `int64` and `decimal`; ISO text for times. */
  readonly min?: number | string;
  readonly max?: number | string;
  /** In code points; for lists, of each text. */
  readonly maxLength?: number;
  /** The most items of a list. */
  readonly maxItems?: number;
  /** The only texts allowed. */
  readonly values?: readonly string[];
  /** Digits after the point of a `decimal`, 0 to 9. */
  readonly scale?: number;
  /** The unit of a timestamp that is given as a number; absent: numbers are refused. */
  readonly epoch?: EpochUnit;
  readonly description?: string;
}

interface KindFacts {
  readonly type: StoredType;
  readonly sensitivity: Sensitivity;
  readonly bounds: 'number' | 'integer text' | 'decimal text' | 'date' | 'timestamp' | 'none';
  readonly defaults: Partial<ColumnData>;
}

/** Each kind of column and what it can do; shared code asks this table, never the kind's name. */
export const columnKinds = {
  subject: {
    type: 'text',
    sensitivity: 'pseudonym',
    bounds: 'none',
    defaults: { maxLength: 256 },
  },
  key: { type: 'text', sensitivity: 'internal', bounds: 'none', defaults: { maxLength: 256 } },
  text: { type: 'text', sensitivity: 'internal', bounds: 'none', defaults: { maxLength: 10_000 } },
  oneOf: { type: 'text', sensitivity: 'internal', bounds: 'none', defaults: {} },
  int: {
    type: 'int',
    sensitivity: 'internal',
    bounds: 'number',
    defaults: { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER },
  },
  int64: {
    type: 'int64',
    sensitivity: 'internal',
    bounds: 'integer text',
    defaults: { min: '-9223372036854775808', max: '9223372036854775807' },
  },
  float: { type: 'float', sensitivity: 'internal', bounds: 'number', defaults: {} },
  decimal: { type: 'decimal', sensitivity: 'internal', bounds: 'decimal text', defaults: {} },
  bool: { type: 'bool', sensitivity: 'internal', bounds: 'none', defaults: {} },
  date: {
    type: 'date',
    sensitivity: 'internal',
    bounds: 'date',
    defaults: { min: '1700-01-01', max: '2250-12-31' },
  },
  timestamp: {
    type: 'timestamp',
    sensitivity: 'internal',
    bounds: 'timestamp',
    defaults: { min: '1700-01-01T00:00:00Z', max: '2250-12-31T23:59:59Z' },
  },
  texts: {
    type: 'texts',
    sensitivity: 'internal',
    bounds: 'none',
    defaults: { maxLength: 10_000, maxItems: 1_000 },
  },
  numbers: {
    type: 'numbers',
    sensitivity: 'internal',
    bounds: 'none',
    defaults: { maxItems: 4_096 },
  },
} as const satisfies Record<string, KindFacts>;

export type ColumnKind = keyof typeof columnKinds;

/** The facts of a kind, widened. */
export function kindFacts(kind: ColumnKind): KindFacts {
  return columnKinds[kind];
}

/** The JavaScript value of each type: dates are days and timestamps microseconds since 1970, UTC. */
export interface JsValues {
  readonly text: string;
  readonly int: number;
  readonly int64: bigint;
  readonly float: number;
  readonly decimal: string;
  readonly bool: boolean;
  readonly date: number;
  readonly timestamp: number;
  readonly texts: readonly string[];
  readonly numbers: readonly number[];
  readonly ints: readonly number[];
  readonly struct: { readonly [member: string]: unknown };
}

/** The JavaScript value of a type; a struct's members by name, `null` where one is missing. */
export type JsOf<V extends ValueType> = V extends { readonly members: infer M extends Members }
  ? {
      readonly [K in keyof M]: JsOf<M[K]['type']> | (M[K]['nullable'] extends false ? never : null);
    }
  : JsValues[V];

type Bound<V extends ValueType> = V extends 'int' | 'float'
  ? number
  : V extends 'int64'
    ? bigint
    : V extends 'decimal' | 'date' | 'timestamp'
      ? string
      : never;

/** A column of a contract: frozen; each modifier answers a new one. `L` is the value's own type. */
export class Column<V extends ValueType, N extends boolean = false, L = JsValues[V]> {
  readonly data: ColumnData;
  /** Types only; never there when the program runs. */
  declare readonly types: { readonly type: V; readonly nullable: N; readonly value: L };

  constructor(data: ColumnData) {
    this.data = Object.freeze(data);
    Object.freeze(this);
  }

  /** The value may be missing. */
  optional(): Column<V, true, L> {
    return new Column({ ...this.data, optional: true });
  }

  /** The least value, inclusive. */
  min(bound: Bound<V>): Column<V, N, L> {
    return new Column({ ...this.data, min: checkedBound(this.data, bound) });
  }

  /** The greatest value, inclusive. */
  max(bound: Bound<V>): Column<V, N, L> {
    return new Column({ ...this.data, max: checkedBound(this.data, bound) });
  }

  /** The longest text, in code points; for lists, of each text. */
  maxLength(codePoints: V extends 'text' | 'texts' ? number : never): Column<V, N, L> {
    return new Column({
      ...this.data,
      maxLength: checkedCount(codePoints, 'maxLength', 1_000_000),
    });
  }

  /** The most items of a list. */
  maxItems(items: V extends 'texts' | 'numbers' ? number : never): Column<V, N, L> {
    return new Column({ ...this.data, maxItems: checkedCount(items, 'maxItems', 65_536) });
  }

  sensitive(sensitivity: Exclude<Sensitivity, 'pseudonym'>): Column<V, N, L> {
    if (this.data.kind === 'subject') {
      throw new BadContract('sensitivity', 'a subject is always stored as a pseudonym');
    }
    return new Column({ ...this.data, sensitivity });
  }

  describe(description: string): Column<V, N, L> {
    return new Column({ ...this.data, description });
  }
}

function make<K extends ColumnKind>(
  kind: K,
  more: Partial<ColumnData> = {},
): Column<(typeof columnKinds)[K]['type']> {
  const facts = kindFacts(kind);
  const { defaults, sensitivity } = facts;
  return new Column({ kind, optional: false, sensitivity, ...defaults, ...more });
}

function checkedBound(data: ColumnData, bound: number | bigint | string): number | string {
  const form = kindFacts(data.kind).bounds;
  const text = String(bound);
  const good =
    (form === 'number' && Number.isFinite(bound) && (data.kind !== 'int' || isSafe(bound))) ||
    (form === 'integer text' && /^-?\d{1,19}$/.test(text)) ||
    (form === 'decimal text' && /^-?\d{1,18}(?:\.\d{1,9})?$/.test(text)) ||
    (form === 'date' && parseDate(text) !== undefined) ||
    (form === 'timestamp' && parseTimestamp(text) !== undefined);
  if (!good) throw new BadContract(data.kind, `${text} is not a bound of a ${data.kind} column`);
  return form === 'number' ? (bound as number) : text;
}

function isSafe(bound: unknown): boolean {
  return Number.isSafeInteger(bound);
}

function checkedCount(count: number, what: string, most: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new BadContract(what, `${what} is ${count}; a whole number from 1 to ${most} is allowed`);
}

/** The account or person that rows are about: the privacy unit, pseudonymised at the door. */
export const subject = () => make('subject');
/** An identifier of something that is not a person, such as an item's. */
export const key = (entity?: string) =>
  make('key', entity === undefined ? {} : { description: entity });
/** Free text. */
export const text = () => make('text');
/** A whole number that JavaScript holds exactly, within plus or minus 2^53 - 1. */
export const int = () => make('int');
/** A whole number of 64 bits; a bigint in TypeScript. */
export const int64 = () => make('int64');
/** A finite double. */
export const float = () => make('float');
/** A decimal of 18 digits, `scale` of them after the point; text in TypeScript. */
export const decimal = (scale: number) => {
  if (!Number.isInteger(scale) || scale < 0 || scale > 9) {
    throw new BadContract('scale', `a decimal's scale is ${scale}; 0 to 9 are allowed`);
  }
  return make('decimal', { scale });
};
export const bool = () => make('bool');
/** A day, `YYYY-MM-DD`; days since 1970 in TypeScript. */
export const date = () => make('date');
/** A moment in ISO 8601 with its zone, or a number of the unit given; microseconds in TypeScript. */
export const timestamp = (options: { readonly epoch?: EpochUnit } = {}) =>
  make('timestamp', options);
/** A list of texts. */
export const texts = () => make('texts');
/** A list of finite doubles. */
export const numbers = () => make('numbers');

/** One of a fixed set of texts. */
export function oneOf<const T extends string>(values: readonly T[]): Column<'text', false, T> {
  if (values.length === 0 || values.length > 10_000 || new Set(values).size !== values.length) {
    throw new BadContract('values', 'oneOf takes 1 to 10000 texts, each once');
  }
  return new Column({ ...make('oneOf').data, values: Object.freeze([...values]) });
}
