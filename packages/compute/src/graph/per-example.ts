import { InvalidExpression } from '../error.ts';
import { add, divide, greater, multiplyElements, sqrt, where } from './elementwise.ts';
import { exampleWise } from './example-wise.ts';
import { type Expression, ordered, scalar } from './expression.ts';
import { backward } from './gradients.ts';
import { stretch } from './layout.ts';
import {
  innerProduct,
  materialise,
  type ParameterUse,
  pairsAreCheaper,
  parameterUse,
  weightedSum,
} from './parameter-use.ts';
import { sum } from './reduce.ts';
import { describeShape } from './shape.ts';

/** Gradients whose examples were scaled to a norm before they were added up. */
export interface ClippedGradients {
  /** By parameter, in the order asked for: sums over examples; undefined where none flows. */
  readonly gradients: readonly (Expression | undefined)[];
  /** Each example's norm over all parameters before clipping, [examples]. */
  readonly norms: Expression;
}

/**
 * Each example's gradient, [examples, ...shape], for each parameter asked for; undefined where a loss does
 * not depend on it. It takes examples times the memory of a gradient: for norms and clipping the functions
 * below do without.
 *
 * @param losses [examples]; row i may depend on row i of what is fed alone, else `InvalidExpression`.
 * @param of Parameters that are read by products (on the right), as rows of a table, added or as gains.
 */
export function perExampleGradients(
  losses: Expression,
  of: readonly Expression[],
): readonly (Expression | undefined)[] {
  const uses = usesOf(losses, of);
  return of.map((parameter) => {
    const own = uses.get(parameter)!.map((use) => materialise(use, parameter));
    return own.length > 0 ? own.reduce(add) : undefined;
  });
}

/**
 * The norm of each example's gradient over all the parameters together, [examples], without making the
 * gradients wherever that costs less ("ghost norms": Goodfellow 2015, arXiv:1510.01799; Li et al. 2022,
 * arXiv:2110.05679, section 4; the choice by size as Bu et al. 2022, arXiv:2205.10683).
 */
export function perExampleNorms(losses: Expression, of: readonly Expression[]): Expression {
  return normsOf(usesOf(losses, of), losses);
}

/**
 * The sum over examples of gradients scaled down to a norm of at most `limit` each, as private training
 * needs it (Abadi et al. 2016, algorithm 1). There is no second pass back: weighting an example scales what
 * flows back through it, and the products with it are all that is left (Bu et al. 2023, arXiv:2210.00038).
 *
 * @param limit Above 0; an expression, so that it may be fed.
 */
export function clippedGradients(
  losses: Expression,
  of: readonly Expression[],
  limit: Expression | number,
): ClippedGradients {
  if (typeof limit === 'number' && !(limit > 0)) {
    throw new InvalidExpression('clippedGradients', `the limit is ${limit}, not above 0`);
  }
  const uses = usesOf(losses, of);
  const norms = normsOf(uses, losses);
  const most = typeof limit === 'number' ? scalar(limit, losses) : limit;
  const weights = where(greater(norms, most), divide(most, norms), 1);
  const gradients = of.map((parameter) => {
    const own = uses.get(parameter)!.map((use) => weightedSum(use, weights, parameter));
    return own.length > 0 ? own.reduce(add) : undefined;
  });
  return { gradients, norms };
}

type Uses = ReadonlyMap<Expression, readonly ParameterUse[]>;

function usesOf(losses: Expression, of: readonly Expression[]): Uses {
  const rows = exampleWise(losses);
  const flows = backward(losses, stretch(scalar(1, losses), losses), of);
  const found = new Map<Expression, ParameterUse[]>(of.map((parameter) => [parameter, []]));
  for (const node of ordered([losses])) {
    const gradient = flows.get(node);
    if (!gradient) continue;
    node.inputs.forEach((input, at) => {
      const own = found.get(input);
      if (own) own.push(checkedUse(node, at, gradient, rows));
    });
  }
  return found;
}

function checkedUse(
  node: Expression,
  at: number,
  gradient: Expression,
  rows: ReadonlySet<Expression>,
): ParameterUse {
  const use = rows.has(node) ? parameterUse(node, at, gradient) : undefined;
  if (use) return use;
  const { name = 'a parameter', shape } = node.inputs[at]!;
  throw new InvalidExpression(
    node.op,
    `${name} ${describeShape(shape)} is read in a way that has no gradient by example; ` +
      'products on the right, rows of a table, sums and gains are allowed',
  );
}

function normsOf(uses: Uses, losses: Expression): Expression {
  const squares = [...uses].flatMap(([parameter, own]) =>
    own.length > 0 ? [squaredNorms(own, parameter)] : [],
  );
  const zero = multiplyElements(stretch(scalar(0, losses), losses), 1);
  return sqrt(squares.length > 0 ? squares.reduce(add) : zero);
}

function squaredNorms(uses: readonly ParameterUse[], parameter: Expression): Expression {
  if (!pairsAreCheaper(uses, parameter)) {
    const whole = uses.map((use) => materialise(use, parameter)).reduce(add);
    const axes = Array.from(whole.shape.keys()).slice(1);
    return sum(multiplyElements(whole, whole), axes);
  }
  const terms = uses.flatMap((a, first) =>
    uses.slice(first).map((b, second) => {
      const inner = innerProduct(a, b, parameter);
      return second === 0 ? inner : multiplyElements(inner, 2);
    }),
  );
  return terms.reduce(add);
}
