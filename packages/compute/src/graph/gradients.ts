import { InvalidExpression } from '../error.ts';
import { add } from './elementwise.ts';
import { type Expression, ordered, scalar } from './expression.ts';
import { gradientRules } from './gradient-rules.ts';
import { describeShape } from './shape.ts';

/**
 * The gradients of a single number with respect to expressions it is made of, in reverse mode: one pass
 * back over the graph. An expression that it does not depend on has the gradient 0, given as undefined.
 */
export function gradients(
  loss: Expression,
  of: readonly Expression[],
): readonly (Expression | undefined)[] {
  if (loss.shape.length !== 0) {
    throw new InvalidExpression(
      'gradients',
      `the loss is ${describeShape(loss.shape)}, not a number`,
    );
  }
  const found = backward(loss, scalar(1, loss), of);
  return of.map((one) => found.get(one));
}

/** Gradients of all expressions between, given that of the result. */
export function backward(
  result: Expression,
  seed: Expression,
  of: readonly Expression[],
): ReadonlyMap<Expression, Expression> {
  const all = ordered([result]);
  const reaches = leadingTo(all, of);
  const found = new Map<Expression, Expression>([[result, seed]]);
  for (const node of all.toReversed()) {
    const gradient = found.get(node);
    const rule = gradientRules[node.op];
    if (!gradient || !rule || !reaches.has(node)) continue;
    const own = rule(node, gradient, (input) => reaches.has(input));
    node.inputs.forEach((input, at) => {
      const part = own[at];
      if (!part || !reaches.has(input)) return;
      const before = found.get(input);
      found.set(input, before ? add(before, part) : part);
    });
  }
  return found;
}

/** Those through which a gradient gets to what is asked for. */
function leadingTo(all: readonly Expression[], of: readonly Expression[]): ReadonlySet<Expression> {
  const found = new Set<Expression>(of);
  for (const node of all) {
    if (node.inputs.some((input) => found.has(input)) && gradientRules[node.op]) found.add(node);
  }
  return found;
}
