import type { CallNode, FieldData, MeasureNode } from '../nodes.ts';

/** A value of a row as the reference evaluator holds it: the JavaScript value of its type. */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Value[]
  | { readonly [member: string]: Value };

/** Binds a value of a type, and answers the SQL that stands for it. */
export type Bind = (type: FieldData['type'], value: string | number | boolean) => string;

/** A call in an engine's SQL, from its operands' SQL. */
type Template = (operands: readonly string[], node: CallNode, bind: Bind) => string;

/**
 * A function: what it means, and how each engine says it. `value` is the reference semantics that
 * the engines are held to by the conformance suite.
 */
export interface FunctionDefinition {
  /** Missing operands are passed to `value`; otherwise one that is missing makes the result so. */
  readonly takesMissing?: true;
  readonly value: (operands: readonly Value[], node: CallNode) => Value;
  readonly duckdb: Template;
  /** Absent: as in DuckDB. A text: why Spark cannot, and the relation is refused there. */
  readonly spark?: Template | string;
  /**
   * The results of engines differ by at most this times the greater of 1 and the value; absent:
   * they are the same.
   */
  readonly tolerance?: number;
}

export type Definitions<N extends string> = Readonly<Record<N, FunctionDefinition>>;

type MeasureTemplate = (operands: readonly string[], node: MeasureNode, bind: Bind) => string;

/** An aggregate: of one group's rows, each with its operands' values, in any order. */
export interface AggregateDefinition {
  /** Rows whose first operand is missing reach `value` too; otherwise they are left out. */
  readonly takesMissing?: true;
  readonly value: (rows: readonly (readonly Value[])[], node: MeasureNode) => Value;
  readonly duckdb: MeasureTemplate;
  readonly spark?: MeasureTemplate | string;
  readonly tolerance?: number;
  /** Estimates, which differ between engines: never compared. */
  readonly inexact?: true;
}

export type AggregateDefinitions<N extends string> = Readonly<Record<N, AggregateDefinition>>;
