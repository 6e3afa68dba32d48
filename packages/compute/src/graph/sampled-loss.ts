import { InvalidExpression } from '../error.ts';
import { multiplyElements, subtract } from './elementwise.ts';
import type { Expression } from './expression.ts';
import { concat, reshape, slice } from './layout.ts';
import { matmul } from './linear.ts';
import { logSoftmax } from './network.ts';
import { sum } from './reduce.ts';
import { describeShape, sameShape } from './shape.ts';

export interface SampledLossOptions {
  /**
   * Logarithms of how often an item is drawn as a negative, of the positives [...] and the negatives
   * [count]: taken from the scores, they make the gradient that of the full softmax in expectation (Bengio
   * and Senécal 2008).
   */
  readonly logChances?: { readonly positives: Expression; readonly negatives: Expression };
}

/**
 * Minus the log probability of the positive among itself and negatives that all rows share: queries and
 * positives [..., width], negatives [count, width] with a known count; the result is [...].
 */
export function sampledCrossEntropy(
  queries: Expression,
  positives: Expression,
  negatives: Expression,
  options: SampledLossOptions = {},
): Expression {
  const rows = queries.shape.slice(0, -1);
  const count = negatives.shape[0];
  const fits = sameShape(queries.shape, positives.shape) && negatives.shape.length === 2;
  if (!fits || typeof count !== 'number') {
    const given = [queries, positives, negatives].map(({ shape }) => describeShape(shape));
    throw new InvalidExpression('sampledCrossEntropy', `${given.join(', ')} do not go together`);
  }
  const { logChances } = options;
  const own = sum(multiplyElements(queries, positives), [-1]);
  const others = matmul(queries, negatives, { transposeB: true });
  const first = logChances ? subtract(own, logChances.positives) : own;
  const scores = concat(
    [
      reshape(first, [...rows, 1], first),
      logChances ? subtract(others, logChances.negatives) : others,
    ],
    rows.length,
  );
  const chance = slice(logSoftmax(scores), rows.length, 0, 1);
  return multiplyElements(reshape(chance, rows, first), -1);
}
