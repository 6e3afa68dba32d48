import type { JsValues, ValueType } from '../column.ts';
import { BadRelation } from '../data-error.ts';
import { parseDate, parseTimestamp } from '../time.ts';
import type { ExpressionNode, FieldData, Operation, Parameters } from './nodes.ts';

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

/** An expression of a type, or a JavaScript value of it; times also as ISO text. */
export type Operand<V extends ValueType, N extends boolean = boolean> =
  | Expression<V, N>
  | Literal<V>;
export type Literal<V extends ValueType> = V extends 'date' | 'timestamp'
  ? number | string
  : JsValues[V];

export type Ordered = 'text' | 'int' | 'int64' | 'float' | 'decimal' | 'date' | 'timestamp';
export type Equatable = Ordered | 'bool';
export type Numeric = 'int' | 'int64' | 'float';

/** A literal of a type. */
export function literal<V extends Equatable>(type: V, value: Literal<V>): Expression<V, false> {
  return new Expression(literalNode({ type, nullable: false }, value));
}

/** A missing value of a type. */
export function missing<V extends Equatable>(type: V): Expression<V, true> {
  return new Expression({ kind: 'literal', type, nullable: true, value: null });
}

/** A literal like a field, from a JavaScript value that must be of its type. */
export function literalNode(field: FieldData, value: unknown): ExpressionNode {
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

/** An operand's node; a JavaScript value becomes a literal like the field beside it. */
export function toNode(operand: unknown, like: FieldData): ExpressionNode {
  if (operand instanceof Expression) {
    if (operand.node.type !== like.type) {
      throw new BadRelation(`a ${operand.node.type} meets a ${like.type}`, 'convert one of them');
    }
    return operand.node;
  }
  return literalNode(like, operand);
}

/** A call of a function. */
export function call<V extends ValueType, N extends boolean>(
  operation: Operation,
  operands: readonly ExpressionNode[],
  field: FieldData,
  parameters?: Parameters,
): Expression<V, N> {
  return new Expression({
    kind: 'call',
    operation,
    operands: Object.freeze([...operands]),
    ...fieldOf(field),
    ...(parameters !== undefined && { parameters: Object.freeze({ ...parameters }) }),
  });
}

export function anyNullable(nodes: readonly ExpressionNode[]): boolean {
  return nodes.some((node) => node.nullable);
}

/** The facts of a column, without what else a node holds. */
export function fieldOf({ type, nullable, scale, members }: FieldData): FieldData {
  return {
    type,
    nullable,
    ...(scale !== undefined && { scale }),
    ...(members !== undefined && { members }),
  };
}
