import type { Purpose } from '@backlot/access';
import type { Digest } from '@backlot/core';
import type { ValueType } from '../column.ts';
import type { AggregateOperation } from './functions/aggregates.ts';
import type { ComparisonOperation } from './functions/comparisons.ts';
import type { ConditionalOperation } from './functions/conditionals.ts';
import type { LogicOperation } from './functions/logic.ts';
import type { NumberOperation } from './functions/numbers.ts';
import type { TextOperation } from './functions/text.ts';
import type { TimeOperation } from './functions/times.ts';

/**
 * What a column of a relation holds. A list never holds a missing item: what makes lists leaves
 * those out. A struct holds values, lists and structs, may be missing as others (below a left join)
 * and may leave as a column of a result; there are no lists of structs: collect one list for each
 * member, in one order. Structs and lists are equal to nothing: no key, no sort. A float may be NaN or infinite when it was computed, and is never
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
  | NumberOperation
  | TextOperation
  | TimeOperation;

export type Aggregation = AggregateOperation;

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

export type JoinHow = 'inner' | 'left' | 'semi' | 'anti';

interface JoinNode extends NodeFacts {
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

interface AggregateNode extends NodeFacts {
  readonly kind: 'aggregate';
  readonly input: RelationNode;
  readonly keys: readonly string[];
  readonly measures: readonly { readonly name: string; readonly measure: MeasureNode }[];
}

interface DistinctNode extends NodeFacts {
  readonly kind: 'distinct';
  readonly input: RelationNode;
}

/** Sorted by the columns named, then by all others in order, so that the order is total; nulls last. */
export interface SortNode extends NodeFacts {
  readonly kind: 'sort';
  readonly input: RelationNode;
  readonly by: readonly { readonly column: string; readonly descending: boolean }[];
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

export type RelationNode =
  | SourceNode
  | ProjectNode
  | FilterNode
  | JoinNode
  | PointInTimeNode
  | AggregateNode
  | DistinctNode
  | SortNode
  | LimitNode
  | UnionNode;
