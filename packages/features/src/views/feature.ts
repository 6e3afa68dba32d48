import type { Duration, JsValues, Shape, ValueType } from '@backlot/data';
import type { AggregateName } from '../aggregates/aggregates.ts';

/** A feature as plain data. */
export interface FeatureData {
  /** `latest`: the value of the newest event; otherwise an aggregate over a window. */
  readonly aggregate: AggregateName | 'latest';
  readonly column?: string;
  readonly type: ValueType;
  /** The window and its tile in microseconds; absent for the latest value. */
  readonly window?: number;
  readonly tile?: number;
  /** How many of the last values. */
  readonly k?: number;
  /** Which quantile, from 0 to 1. */
  readonly quantile?: number;
}

/** A feature with its type to TypeScript. */
export interface Feature<V extends ValueType = ValueType, N extends boolean = boolean> {
  readonly data: FeatureData;
  /** Types only; never there when the program runs. */
  readonly types?: { readonly type: V; readonly nullable: N };
}

export type Features = Readonly<Record<string, Feature>>;

/** The type of a feature's value as TypeScript sees it. */
export type ValueOf<F> =
  F extends Feature<infer V, infer N> ? JsValues[V] | (N extends false ? never : null) : never;

/** A window and, where the usual tile does not fit, its tile. */
export interface Window {
  readonly window: Duration;
  readonly tile?: Duration;
}

type Of<S extends Shape, V extends ValueType> = {
  [K in keyof S]: S[K]['type'] extends V ? K : never;
}[keyof S] &
  string;
type ListOf<V extends ValueType> = V extends 'text' ? 'texts' : 'numbers';

/** What a view's features are made with: columns of its relation, of the types that fit. */
export interface FeatureBuilder<S extends Shape> {
  /** The value of the newest event at that moment; missing where it is missing there. */
  latest<K extends keyof S & string>(column: K): Feature<S[K]['type'], true>;
  /** How many events, or how many of which this column is not missing. */
  count(window: Window): Feature<'int', false>;
  count(column: keyof S & string, window: Window): Feature<'int', false>;
  /** The exact sum, rounded once to a float. */
  sum(column: Of<S, 'int' | 'float'>, window: Window): Feature<'float', true>;
  mean(column: Of<S, 'int' | 'float'>, window: Window): Feature<'float', true>;
  min<K extends Of<S, 'int' | 'float' | 'timestamp' | 'date'>>(
    column: K,
    window: Window,
  ): Feature<S[K]['type'], true>;
  max<K extends Of<S, 'int' | 'float' | 'timestamp' | 'date'>>(
    column: K,
    window: Window,
  ): Feature<S[K]['type'], true>;
  /** The values of the last `k` events that have one, newest first. */
  last<K extends Of<S, 'text' | 'int' | 'float' | 'timestamp'>>(
    column: K,
    options: Window & { readonly k: number },
  ): Feature<ListOf<S[K]['type']>, false>;
  /** How many different values: exact up to 256, then with a standard error of 1.6%. */
  distinct(
    column: Of<S, 'text' | 'int' | 'int64' | 'float' | 'bool'>,
    window: Window,
  ): Feature<'int', false>;
  /** The value at that share of the sorted values, within 1% of it. */
  quantile(
    column: Of<S, 'int' | 'float'>,
    options: Window & { readonly at: number },
  ): Feature<'float', true>;
}
