import type { JsValues, ValueType } from '../column.ts';
import { BadRelation } from '../data-error.ts';
import { parseDate, parseTimestamp } from '../time.ts';
import type {
  CallNode,
  ExpressionNode,
  FieldData,
  MeasureNode,
  Operation,
  TimeUnit,
} from './nodes.ts';

/** A typed expression over the columns of a relation. */
export class Expression<V extends ValueType = ValueType, N extends boolean = boolean> {
  readonly node: ExpressionNode;
  /** Types only; never there when the program runs. */
  declare readonly types: { readonly type: V; readonly nullable: N };

  constructor(node: ExpressionNode) {
    this.node = Object.freeze(node);
    Object.freeze(this);
  }
}

/** An aggregate, to be used in `aggregate` alone. */
export class Measure<V extends ValueType = ValueType, N extends boolean = boolean> {
  readonly node: MeasureNode;
  declare readonly types: { readonly type: V; readonly nullable: N };

  constructor(node: MeasureNode) {
    this.node = Object.freeze(node);
    Object.freeze(this);
  }
}

/** An expression of a type, or a JavaScript value of it; times also as ISO text. */
export type Operand<V extends ValueType, N extends boolean = boolean> =
  | Expression<V, N>
  | Literal<V>;
type Literal<V extends ValueType> = V extends 'date' | 'timestamp' ? number | string : JsValues[V];

type Ordered = 'text' | 'int' | 'int64' | 'float' | 'decimal' | 'date' | 'timestamp';
type Equatable = Ordered | 'bool';
type Numeric = 'int' | 'int64' | 'float';

/** A literal of a type. */
export function literal<V extends Equatable>(type: V, value: Literal<V>): Expression<V, false> {
  return new Expression(literalNode({ type, nullable: false }, value));
}

/** A missing value of a type. */
export function missing<V extends Equatable>(type: V): Expression<V, true> {
  return new Expression({ kind: 'literal', type, nullable: true, value: null });
}

function literalNode(field: FieldData, value: unknown): ExpressionNode {
  const { type, scale } = field;
  const given = typeof value === 'string' ? fromText(type, value) : value;
  if (Object.is(given, -0)) return literalNode(field, 0);
  const good =
    (type === 'text' &&
      typeof given === 'string' &&
      given.isWellFormed() &&
      !given.includes('\0')) ||
    (type === 'decimal' && typeof given === 'string' && /^-?\d{1,18}(\.\d{1,9})?$/.test(given)) ||
    (type === 'bool' && typeof given === 'boolean') ||
    (type === 'int64' && typeof given === 'bigint' && BigInt.asIntN(64, given) === given) ||
    (type === 'float' && Number.isFinite(given)) ||
    (['int', 'date', 'timestamp'].includes(type) && Number.isSafeInteger(given));
  if (!good) throw new BadRelation(`a value is no ${type}`);
  const kept = typeof given === 'bigint' ? String(given) : (given as string | number | boolean);
  return {
    kind: 'literal',
    type,
    nullable: false,
    ...(scale !== undefined && { scale }),
    value: kept,
  };
}

function fromText(type: ValueType, text: string): unknown {
  if (type === 'date') return parseDate(text);
  return type === 'timestamp' ? parseTimestamp(text) : text;
}

function toNode(operand: unknown, like: FieldData): ExpressionNode {
  if (operand instanceof Expression) {
    if (operand.node.type !== like.type) {
      throw new BadRelation(`a ${operand.node.type} meets a ${like.type}`, 'convert one of them');
    }
    return operand.node;
  }
  return literalNode(like, operand);
}

function call(
  operation: Operation,
  operands: readonly ExpressionNode[],
  field: FieldData,
  unit?: TimeUnit,
): CallNode {
  const { type, nullable, scale } = field;
  return {
    kind: 'call',
    operation,
    operands: Object.freeze([...operands]),
    type,
    nullable,
    ...(scale !== undefined && { scale }),
    ...(unit !== undefined && { unit }),
  };
}

const anyNullable = (nodes: readonly ExpressionNode[]): boolean =>
  nodes.some((node) => node.nullable);

function compare(operation: Operation) {
  return <V extends Equatable, N extends boolean, M extends boolean = false>(
    left: Expression<V, N>,
    right: Operand<NoInfer<V>, M>,
  ): Expression<'bool', N | M extends false ? false : boolean> => {
    const operands = [left.node, toNode(right, left.node)];
    return new Expression(
      call(operation, operands, { type: 'bool', nullable: anyNullable(operands) }),
    );
  };
}

/** Equal; missing when a side is missing. */
export const eq = compare('eq');
export const ne = compare('ne');
export const lt = compare('lt');
export const lte = compare('lte');
export const gt = compare('gt');
export const gte = compare('gte');

type Truth = Expression<'bool', boolean>;

/** True when all are; false when one is false; else missing. */
export function and(...terms: readonly [Truth, ...Truth[]]): Truth {
  return connect('and', terms);
}

/** True when one is; false when all are false; else missing. */
export function or(...terms: readonly [Truth, ...Truth[]]): Truth {
  return connect('or', terms);
}

function connect(operation: 'and' | 'or', terms: readonly Truth[]): Truth {
  const operands = terms.map((term) => term.node);
  return new Expression(
    call(operation, operands, { type: 'bool', nullable: anyNullable(operands) }),
  );
}

export function not<N extends boolean>(term: Expression<'bool', N>): Expression<'bool', N> {
  return new Expression(call('not', [term.node], { type: 'bool', nullable: term.node.nullable }));
}

/** Whether the value is missing. */
export function isNull(value: Expression): Expression<'bool', false> {
  return new Expression(call('isNull', [value.node], { type: 'bool', nullable: false }));
}

function arithmetic(operation: Operation) {
  return <V extends Numeric, N extends boolean>(
    left: Expression<V, N>,
    right: Operand<NoInfer<V>>,
  ): Expression<V, boolean> => {
    const operands = [left.node, toNode(right, left.node)];
    return new Expression(
      call(operation, operands, { type: left.node.type, nullable: anyNullable(operands) }),
    );
  };
}

/** Sums of whole numbers beyond 64 bits are an error of the engine. */
export const add = arithmetic('add');
export const subtract = arithmetic('subtract');
export const multiply = arithmetic('multiply');

/** A float; missing where the divisor is zero. */
export function divide<V extends Numeric>(
  left: Expression<V>,
  right: Operand<NoInfer<V>>,
): Expression<'float', true> {
  const operands = [left.node, toNode(right, left.node)];
  return new Expression(call('divide', operands, { type: 'float', nullable: true }));
}

export function negate<V extends Numeric, N extends boolean>(
  value: Expression<V, N>,
): Expression<V, N> {
  return new Expression(call('negate', [value.node], value.node));
}

/** A number as a float: the nearest one. */
export function toFloat<N extends boolean>(
  value: Expression<'int' | 'int64' | 'decimal', N>,
): Expression<'float', N> {
  return new Expression(
    call('toFloat', [value.node], { type: 'float', nullable: value.node.nullable }),
  );
}

/** The first that is not missing. */
export function coalesce<V extends Equatable, M extends boolean = false>(
  value: Expression<V, boolean>,
  otherwise: Operand<NoInfer<V>, M>,
): Expression<V, M> {
  const other = toNode(otherwise, value.node);
  return new Expression(
    call('coalesce', [value.node, other], { ...value.node, nullable: other.nullable }),
  );
}

/** `yes` where the condition is true, `no` where it is false or missing. */
export function choose<V extends Equatable>(
  condition: Truth,
  yes: Expression<V>,
  no: Operand<NoInfer<V>>,
): Expression<V, boolean> {
  const operands = [yes.node, toNode(no, yes.node)];
  const field = { ...fieldOf(yes.node), nullable: anyNullable(operands) };
  return new Expression(call('choose', [condition.node, ...operands], field));
}

/** Whether the value is one of those listed. */
export function inList<V extends Equatable, N extends boolean>(
  value: Expression<V, N>,
  list: readonly Literal<NoInfer<V>>[],
): Expression<'bool', N> {
  if (list.length === 0 || list.length > 10_000) {
    throw new BadRelation(`a list has ${list.length} values; 1 to 10000 are allowed`);
  }
  const items = list.map((item) => literalNode(value.node, item));
  return new Expression(
    call('inList', [value.node, ...items], { type: 'bool', nullable: value.node.nullable }),
  );
}

function textCall(operation: Operation) {
  return <N extends boolean>(value: Expression<'text', N>): Expression<'text', N> =>
    new Expression(call(operation, [value.node], { type: 'text', nullable: value.node.nullable }));
}

/** Folds A to Z alone: engines disagree about every other letter. */
export const lower = textCall('lower');
/** Raises a to z alone: engines disagree about every other letter. */
export const upper = textCall('upper');

/** The length in code points. */
export function length<N extends boolean>(value: Expression<'text', N>): Expression<'int', N> {
  return new Expression(
    call('length', [value.node], { type: 'int', nullable: value.node.nullable }),
  );
}

/** Texts joined; missing when one is missing. */
export function concat(
  left: Expression<'text'>,
  right: Operand<'text'>,
): Expression<'text', boolean> {
  const operands = [left.node, toNode(right, left.node)];
  return new Expression(
    call('concat', operands, { type: 'text', nullable: anyNullable(operands) }),
  );
}

const timeUnits: readonly TimeUnit[] = ['hour', 'day', 'week', 'month', 'quarter', 'year'];

/** The start of the hour, day, week (Monday), month, quarter or year in UTC. */
export function dateTrunc<N extends boolean>(
  unit: TimeUnit,
  value: Expression<'timestamp', N>,
): Expression<'timestamp', N> {
  if (!timeUnits.includes(unit))
    throw new BadRelation(`a time unit is one of ${timeUnits.join(', ')}`);
  return new Expression(
    call('dateTrunc', [value.node], { type: 'timestamp', nullable: value.node.nullable }, unit),
  );
}

/** The day of a moment in UTC. */
export function toDate<N extends boolean>(
  value: Expression<'timestamp', N>,
): Expression<'date', N> {
  return new Expression(
    call('toDate', [value.node], { type: 'date', nullable: value.node.nullable }),
  );
}

function fieldOf(node: ExpressionNode): FieldData {
  const { type, nullable, scale } = node;
  return { type, nullable, ...(scale !== undefined && { scale }) };
}

/** How many rows, or how many values that are not missing. */
export function count(of?: Expression): Measure<'int', false> {
  return new Measure({
    kind: 'measure',
    aggregation: of ? 'countValues' : 'count',
    ...(of && { of: of.node }),
    type: 'int',
    nullable: false,
  });
}

/** How many different values, missing ones left out. */
export function countDistinct(of: Expression<Equatable>): Measure<'int', false> {
  return new Measure({
    kind: 'measure',
    aggregation: 'countDistinct',
    of: of.node,
    type: 'int',
    nullable: false,
  });
}

/** The sum; missing when there is no value. */
export function sum<V extends Numeric>(of: Expression<V>): Measure<V, true> {
  return new Measure({
    kind: 'measure',
    aggregation: 'sum',
    of: of.node,
    ...fieldOf(of.node),
    nullable: true,
  });
}

export function min<V extends Ordered>(of: Expression<V>): Measure<V, true> {
  return new Measure({
    kind: 'measure',
    aggregation: 'min',
    of: of.node,
    ...fieldOf(of.node),
    nullable: true,
  });
}

export function max<V extends Ordered>(of: Expression<V>): Measure<V, true> {
  return new Measure({
    kind: 'measure',
    aggregation: 'max',
    of: of.node,
    ...fieldOf(of.node),
    nullable: true,
  });
}

/** The mean as a float; missing when there is no value. */
export function avg(of: Expression<Numeric>): Measure<'float', true> {
  return new Measure({
    kind: 'measure',
    aggregation: 'avg',
    of: of.node,
    type: 'float',
    nullable: true,
  });
}
