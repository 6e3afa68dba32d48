import type { AggregateDefinition, FunctionDefinition } from '../functions/definition.ts';
import type { FieldData } from '../nodes.ts';

/** How an engine says what is common to all relations. */
export interface Dialect {
  readonly engine: 'duckdb' | 'spark';
  quoteName(name: string): string;
  /** Where the value bound as number `index` (from 1) stands. */
  place(index: number): string;
  /** The value of a type from what is bound for it: times are bound as numbers, decimals as text. */
  literal(place: string, field: FieldData): string;
  typeName(field: FieldData): string;
  /** The function's template in this dialect, or why there is none. */
  templateOf(definition: FunctionDefinition): FunctionDefinition['duckdb'] | string;
  measureTemplateOf(definition: AggregateDefinition): AggregateDefinition['duckdb'] | string;
  /** The first 32 bits of a text's MD5, as a whole number from 0. */
  hash(text: string): string;
  /** SELECT of the columns and of a list's items, each in a row of its own. */
  unnest(parts: UnnestParts): string;
  /** The microseconds since 1970 of a timestamp. */
  micros(timestamp: string): string;
  /** Whether it has `ASOF JOIN`; otherwise points in time are found by a window. */
  readonly asOfJoin: boolean;
  readonly semiJoin: string;
  readonly antiJoin: string;
}

/** A value for the engine, as the type that it is bound as; texts for decimals and whole numbers. */
export interface Binding {
  readonly type: FieldData['type'];
  readonly value: string | number | boolean | null;
}

/** What is unnested, in SQL already. */
interface UnnestParts {
  readonly from: string;
  /** The columns that stay. */
  readonly columns: readonly string[];
  readonly list: string;
  readonly item: string;
  readonly place: string | undefined;
  readonly outer: boolean;
}
