import type { ValueType } from '../../column.ts';
import { type Equatable, Expression, fieldOf } from '../expression.ts';
import { Measure } from '../measure.ts';
import type { Aggregation, ExpressionNode, FieldData, Parameters } from '../nodes.ts';
import { choose } from './conditionals.ts';

/** What every aggregate of values may be given. */
export interface MeasureOptions {
  /** Only rows for which this is true count. */
  readonly where?: Expression<'bool'>;
}

/** A measure of an aggregate. Rows that are not wanted have no value, as missing ones. */
export function measure<V extends ValueType, N extends boolean>(
  aggregation: Aggregation,
  of: readonly Expression[],
  field: FieldData,
  options: MeasureOptions = {},
  parameters?: Parameters,
): Measure<V, N> {
  const [first, ...rest] = of;
  const wanted = options.where && first ? [onlyWhere(options.where, first), ...rest] : of;
  const operands: readonly ExpressionNode[] = Object.freeze(wanted.map(({ node }) => node));
  return new Measure({
    kind: 'measure',
    aggregation,
    operands,
    ...field,
    ...(parameters !== undefined && { parameters: Object.freeze({ ...parameters }) }),
  });
}

function onlyWhere(where: Expression<'bool'>, of: Expression): Expression {
  const none = { kind: 'literal', ...fieldOf(of.node), nullable: true, value: null } as const;
  return choose(where, of as Expression<Equatable>, new Expression<Equatable>(none));
}
