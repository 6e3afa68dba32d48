import { BadRelation } from '../../data-error.ts';
import { fieldOf } from '../expression.ts';
import { aggregates } from '../functions/registry.ts';
import type { ExpressionNode, MeasureNode } from '../nodes.ts';

/** A measure of the rows alone for which a predicate is true: of the others its operand is missing. */
export function measureWhere(measure: MeasureNode, predicate: ExpressionNode): MeasureNode {
  if (measure.aggregation === 'count') {
    const one = { kind: 'literal', type: 'int', nullable: false, value: 1 } as const;
    return { ...measure, aggregation: 'countValues', operands: [only(one, predicate)] };
  }
  const [first, ...rest] = measure.operands;
  if (!first || aggregates[measure.aggregation].takesMissing) {
    throw new BadRelation(`${measure.aggregation} is not taken of some of the rows`);
  }
  return { ...measure, operands: [only(first, predicate), ...rest] };
}

function only(value: ExpressionNode, predicate: ExpressionNode): ExpressionNode {
  const field = { ...fieldOf(value), nullable: true };
  const none = { kind: 'literal', ...field, value: null } as const;
  return { kind: 'call', operation: 'choose', operands: [predicate, value, none], ...field };
}
