import type { Purpose } from '@backlot/access';
import type { Digest } from '@backlot/core';
import type { ValueType } from '../column.ts';
import type { AggregateOperation } from './functions/aggregates.ts';
import type { CollectionOperation } from './functions/collections.ts';
import type { ComparisonOperation } from './functions/comparisons.ts';
import type { ConditionalOperation } from './functions/conditionals.ts';
import type { ConversionOperation } from './functions/conversions.ts';
import type { HashingOperation } from './functions/hashing.ts';
import type { JsonOperation } from './functions/json.ts';
import type { ListOperation } from './functions/lists.ts';
import type { LogicOperation } from './functions/logic.ts';
import type { MathematicsOperation } from './functions/mathematics.ts';
import type { NumberOperation } from './functions/numbers.ts';
import type { PatternOperation } from './functions/patterns.ts';
import type { RoundingOperation } from './functions/rounding.ts';
import type { StatisticOperation } from './functions/statistics.ts';
import type { StructOperation } from './functions/structs.ts';
import type { TextOperation } from './functions/text.ts';
import type { TimeBucketOperation } from './functions/time-bucket.ts';
import type { TimePartOperation } from './functions/time-parts.ts';
import type { TimeOperation } from './functions/times.ts';
import type { ZoneOperation } from './functions/zones.ts';

/**
 * What a column of a relation holds. A list never holds a missing item: what makes lists leaves
 * those out. A struct holds values, lists and structs, may be missing as others (below a left join)
 * and may leave as a column of a result; there are no lists of structs: collect one list for each
 * member, in one order. Structs and lists are equal to nothing: no key, no sort. A float may be
 * NaN or infinite when it was computed, and is never
 * a negative zero.
 */
export interface FieldData {
  readonly type: ValueType;
  readonly nullable: boolean;
  /** Digits after the point of a decimal. */
  readonly scale?: number;
  /** The members of a struct, in order. */
  readonly members?: readonly NamedField[];
}

export interface NamedField extends FieldData {
  readonly name: string;
}

/** A value written into a relation; always bound, never printed. Bigints and decimals as text. */
export interface LiteralNode extends FieldData {
  readonly kind: 'literal';
  readonly value: string | number | boolean | null;
}

interface ColumnNode extends FieldData {
  readonly kind: 'column';
  readonly name: string;
}

/** What a call is given beside its operands: constants such as a unit, a pattern or an index. */
export type Parameters = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** A call of a function with fixed semantics; see `functions/registry.ts`. */
export interface CallNode extends FieldData {
  readonly kind: 'call';
  readonly operation: Operation;
  readonly operands: readonly ExpressionNode[];
  readonly parameters?: Parameters;
}

export type ExpressionNode = LiteralNode | ColumnNode | CallNode;

export type Operation =
  | ComparisonOperation
  | ConditionalOperation
  | LogicOperation
  | ConversionOperation
  | HashingOperation
  | JsonOperation
  | ListOperation
  | MathematicsOperation
  | PatternOperation
  | RoundingOperation
  | TimePartOperation
  | ZoneOperation
  | NumberOperation
  | StructOperation
  | TextOperation
  | TimeBucketOperation
  | TimeOperation;

export type Aggregation = AggregateOperation | CollectionOperation | StatisticOperation;

/** An aggregate over the rows of a group. `count` has no operand: it counts rows. */
export interface MeasureNode extends FieldData {
  readonly kind: 'measure';
  readonly aggregation: Aggregation;
  readonly operands: readonly ExpressionNode[];
  readonly parameters?: Parameters;
}

interface NodeFacts {
  /** The columns that come out, in order. */
  readonly fields: readonly NamedField[];
  /** What the rows may be read for: what all inputs allow. */
  readonly purposes: readonly Purpose[];
}

interface SourceNode extends NodeFacts {
  readonly kind: 'source';
  readonly table: string;
  readonly contract: Digest;
}

/** A few rows written into the relation; each value is bound. */
export interface ValuesNode extends NodeFacts {
  readonly kind: 'values';
  readonly rows: readonly (readonly LiteralNode[])[];
}

interface ProjectNode extends NodeFacts {
  readonly kind: 'project';
  readonly input: RelationNode;
  readonly columns: readonly { readonly name: string; readonly expression: ExpressionNode }[];
}

interface FilterNode extends NodeFacts {
  readonly kind: 'filter';
  readonly input: RelationNode;
  readonly predicate: ExpressionNode;
}

export type JoinHow = 'inner' | 'left' | 'full' | 'semi' | 'anti';

export interface JoinNode extends NodeFacts {
  readonly kind: 'join';
  readonly how: JoinHow;
  readonly left: RelationNode;
  readonly right: RelationNode;
  readonly on: readonly { readonly left: string; readonly right: string }[];
}

/** Each row of the left with the newest event at or before its time, or with none; keeps all rows. */
export interface PointInTimeNode extends NodeFacts {
  readonly kind: 'pointInTime';
  readonly left: RelationNode;
  readonly right: RelationNode;
  readonly on: readonly { readonly left: string; readonly right: string }[];
  readonly at: string;
  readonly asOf: string;
  readonly strict: boolean;
  readonly withinMicros?: number;
  readonly tie: readonly string[];
}

/** Each row of the left with each of the right, which is known to have few. */
export interface CrossNode extends NodeFacts {
  readonly kind: 'cross';
  readonly left: RelationNode;
  readonly right: RelationNode;
}

export interface AggregateNode extends NodeFacts {
  readonly kind: 'aggregate';
  readonly input: RelationNode;
  readonly keys: readonly string[];
  readonly measures: readonly { readonly name: string; readonly measure: MeasureNode }[];
}

type WindowFunction =
  | 'rowNumber'
  | 'rank'
  | 'denseRank'
  | 'lag'
  | 'lead'
  | 'first'
  | 'last'
  | 'nth'
  | 'measure';

/**
 * The rows around a row that a function sees, itself always among them: a count of rows, or of
 * microseconds of the one timestamp that rows are ordered by. Absent bounds reach to the end.
 */
export interface Frame {
  readonly unit: 'rows' | 'micros';
  readonly preceding?: number;
  readonly following?: number;
}

/** A function of the rows around a row. `count`: how far `lag` and `lead` go, which one `nth` takes. */
export interface WindowFunctionNode extends FieldData {
  readonly kind: 'windowFunction';
  readonly function: WindowFunction;
  readonly operands: readonly ExpressionNode[];
  readonly count?: number;
  readonly measure?: MeasureNode;
  readonly frame?: Frame;
}

/** A column to sort by; missing values are last both ways. */
export interface SortKey {
  readonly column: string;
  readonly descending: boolean;
}

/**
 * Columns beside each row from the rows of its part. Ranks and frames of time see ties of the order
 * asked for; all else goes on by all other columns, so that its order is total.
 */
export interface WindowNode extends NodeFacts {
  readonly kind: 'window';
  readonly input: RelationNode;
  readonly by: readonly string[];
  readonly order: readonly SortKey[];
  readonly columns: readonly { readonly name: string; readonly function: WindowFunctionNode }[];
}

interface DistinctNode extends NodeFacts {
  readonly kind: 'distinct';
  readonly input: RelationNode;
}

/** Sorted by the columns named, then by all others in order, so that the order is total; nulls last. */
export interface SortNode extends NodeFacts {
  readonly kind: 'sort';
  readonly input: RelationNode;
  readonly by: readonly SortKey[];
}

interface LimitNode extends NodeFacts {
  readonly kind: 'limit';
  readonly input: SortNode;
  readonly count: number;
  readonly offset: number;
}

/** All rows of all inputs, doubles kept. */
interface UnionNode extends NodeFacts {
  readonly kind: 'union';
  readonly inputs: readonly RelationNode[];
}

/** The different rows of the left that are not among the right's, or that are. */
export interface SetNode extends NodeFacts {
  readonly kind: 'except' | 'intersect';
  readonly left: RelationNode;
  readonly right: RelationNode;
}

/** A row for each item of a list, in the list's place. */
export interface UnnestNode extends NodeFacts {
  readonly kind: 'unnest';
  readonly input: RelationNode;
  readonly list: string;
  readonly item: string;
  /** The column of the item's place in its list, from 1. */
  readonly place?: string;
  /** Rows whose list is empty or missing are kept, without an item. */
  readonly outer: boolean;
}

/** The rows whose key falls below a share of all hashes: the same ones wherever it is asked. */
export interface SampleNode extends NodeFacts {
  readonly kind: 'sample';
  readonly input: RelationNode;
  readonly key: string;
  readonly share: number;
  /** Beside the key in the hash: another seed, another sample. Printed; letters, digits, `-`. */
  readonly seed: string;
}

/** The rows as they are; when they are written, one file for each bucket of a text column's hash. */
export interface BucketedNode extends NodeFacts {
  readonly kind: 'bucketed';
  readonly input: RelationNode;
  readonly key: string;
  readonly buckets: number;
}

/** Texts of SQL, one for each engine: `{name}` stands for an input. Nothing proves them equal. */
export interface SqlNode extends NodeFacts {
  readonly kind: 'sql';
  readonly duckdb?: string;
  readonly spark?: string;
  readonly inputs: readonly { readonly name: string; readonly relation: RelationNode }[];
}

export type RelationNode =
  | SourceNode
  | ValuesNode
  | ProjectNode
  | FilterNode
  | JoinNode
  | CrossNode
  | PointInTimeNode
  | AggregateNode
  | WindowNode
  | DistinctNode
  | SortNode
  | LimitNode
  | UnionNode
  | SetNode
  | UnnestNode
  | SampleNode
  | BucketedNode
  | SqlNode;
