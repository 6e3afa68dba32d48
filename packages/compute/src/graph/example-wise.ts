import { InvalidExpression } from '../error.ts';
import { intOf, intsOf } from './attribute.ts';
import { type Expression, ordered } from './expression.ts';
import { describeShape, type Size } from './shape.ts';

/**
 * The expressions that hold one row an example: those whose row i is made of row i of what is fed and of
 * nothing else of other examples. Throws `InvalidExpression` at the first that mixes examples, since a
 * gradient "of one example" means nothing there.
 */
export function exampleWise(losses: Expression): ReadonlySet<Expression> {
  const [examples] = losses.shape;
  if (losses.shape.length !== 1) refuse(losses, 'losses have one axis, a number an example');
  const found = new Set<Expression>();
  const has = (one: Expression | undefined): boolean => one !== undefined && found.has(one);
  for (const node of ordered([losses])) {
    if (node.op === 'input' || node.op === 'mask') {
      if (node.shape[0] === examples) found.add(node);
    } else if (node.inputs.some(has)) {
      const keeps = rowRules[node.op];
      if (!keeps?.(node, has, examples!)) refuse(node, 'it mixes examples');
      found.add(node);
    }
  }
  if (!found.has(losses)) refuse(losses, 'nothing that is fed has an example a row');
  return found;
}

function refuse(node: Expression, reason: string): never {
  throw new InvalidExpression(node.op, `${reason}; given ${describeShape(node.shape)}`);
}

type Has = (one: Expression | undefined) => boolean;
type RowRule = (node: Expression, has: Has, examples: Size) => boolean;

const always: RowRule = () => true;
const firstHas: RowRule = ({ inputs }, has) => has(inputs[0]);
const notAlongExamples: RowRule = (node, has) =>
  intOf(node, 'axis') !== 0 && node.inputs.every(has);
const overLast: RowRule = ({ shape }) => shape.length > 1;
const reduced: RowRule = (node) => !intsOf(node, 'axes').includes(0);

/** The first axes meet, and what is the same for all examples has no row for each. */
const aligned: RowRule = ({ inputs, shape }, has) =>
  inputs.every((one) => {
    const full = one.shape.length === shape.length;
    return has(one) ? full : !full || one.shape[0] === 1;
  });

const product: RowRule = (node, has) => {
  const [a, b] = node.inputs as [Expression, Expression];
  const rank = a.shape.length;
  const left = has(a) && (rank > 2 || intOf(node, 'transposeA') === 0);
  return left && (has(b) ? rank > 2 && b.shape.length === rank : b.shape.length === 2);
};

/** Whether row i of a result comes from row i of the inputs, by operation; others are refused. */
const rowRules: Readonly<Record<string, RowRule>> = {
  ...{ add: aligned, subtract: aligned, multiply: aligned, divide: aligned },
  ...{ greater: aligned, where: aligned },
  ...{ negate: always, exp: always, log: always, sqrt: always, absolute: always, tanh: always },
  ...{ sigmoid: always, relu: always, softplus: always, erf: always, sign: always, clamp: always },
  ...{ stopGradient: always, attention: firstHas },
  ...{ sum: reduced, mean: reduced, maximum: reduced },
  reshape: ({ inputs, shape }, has, examples) => has(inputs[0]) && shape[0] === examples,
  stretch: ({ inputs, shape }, has) => has(inputs[0]) && inputs[0]!.shape.length === shape.length,
  transpose: (node) => intsOf(node, 'perm')[0] === 0,
  ...{ concat: notAlongExamples, slice: notAlongExamples, pad: notAlongExamples },
  embedding: ({ inputs }, has) => !has(inputs[0]) && has(inputs[1]),
  pick: ({ inputs }, has) => inputs.every(has),
  matmul: product,
  convolve: ({ inputs }, has) => has(inputs[0]) && !has(inputs[1]),
  ...{ softmax: overLast, logSoftmax: overLast, standardise: overLast },
};
