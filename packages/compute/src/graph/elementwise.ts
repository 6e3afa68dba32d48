import { InvalidExpression } from '../error.ts';
import { checkNumbers, type Expression, expression, scalar } from './expression.ts';
import { broadcastShape } from './shape.ts';

type Operand = Expression | number;

function binary(op: string, a: Operand, b: Operand): Expression {
  const like = typeof a === 'number' ? b : a;
  if (typeof like === 'number') throw new InvalidExpression(op, 'is given two plain numbers');
  const [left, right] = [a, b].map((one) => (typeof one === 'number' ? scalar(one, like) : one));
  checkNumbers(op, left!, right!);
  return expression(op, [left!, right!], broadcastShape(op, left!.shape, right!.shape));
}

/** a + b; a length of 1 stretches, as in all operations of two. */
export function add(a: Operand, b: Operand): Expression {
  return binary('add', a, b);
}

/** a - b. */
export function subtract(a: Operand, b: Operand): Expression {
  return binary('subtract', a, b);
}

/** a b, element by element. */
export function multiplyElements(a: Operand, b: Operand): Expression {
  return binary('multiply', a, b);
}

/** a / b. */
export function divide(a: Operand, b: Operand): Expression {
  return binary('divide', a, b);
}

function unary(op: string, x: Expression): Expression {
  checkNumbers(op, x);
  return expression(op, [x], x.shape);
}

export function negate(x: Expression): Expression {
  return unary('negate', x);
}

export function exp(x: Expression): Expression {
  return unary('exp', x);
}

/** The natural logarithm. */
export function log(x: Expression): Expression {
  return unary('log', x);
}

export function sqrt(x: Expression): Expression {
  return unary('sqrt', x);
}

/** |x|, with the gradient 0 at 0. */
export function absolute(x: Expression): Expression {
  return unary('absolute', x);
}

export function tanh(x: Expression): Expression {
  return unary('tanh', x);
}

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: Expression): Expression {
  return unary('sigmoid', x);
}

/** max(x, 0), with the gradient 0 at 0. */
export function relu(x: Expression): Expression {
  return unary('relu', x);
}

/** log(1 + exp(x)), without overflow. */
export function softplus(x: Expression): Expression {
  return unary('softplus', x);
}

/** The error function. */
export function erf(x: Expression): Expression {
  return unary('erf', x);
}

/** The sign: -1, 0 or 1; its gradient is 0. */
export function sign(x: Expression): Expression {
  return unary('sign', x);
}

export function square(x: Expression): Expression {
  return multiplyElements(x, x);
}

/** x Phi(x) with the exact normal distribution function (Hendrycks and Gimpel 2016). */
export function gelu(x: Expression): Expression {
  const half = multiplyElements(x, 0.5);
  return multiplyElements(half, add(erf(multiplyElements(x, Math.SQRT1_2)), 1));
}

/** x sigmoid(x) (Ramachandran et al. 2017). */
export function silu(x: Expression): Expression {
  return multiplyElements(x, sigmoid(x));
}

/** The same value, through which no gradient flows. */
export function stopGradient(x: Expression): Expression {
  return expression('stopGradient', [x], x.shape);
}

/** Whether a > b, element by element. */
export function greater(a: Expression, b: Expression | number): Expression {
  const right = typeof b === 'number' ? scalar(b, a) : b;
  return expression(
    'greater',
    [a, right],
    broadcastShape('greater', a.shape, right.shape),
    {},
    'bool',
  );
}

/** a where the condition holds, b elsewhere. */
export function where(condition: Expression, a: Operand, b: Operand): Expression {
  const like = typeof a === 'number' ? b : a;
  if (condition.type !== 'bool' || typeof like === 'number') {
    throw new InvalidExpression('where', 'needs a condition and at least one expression');
  }
  const [left, right] = [a, b].map((one) => (typeof one === 'number' ? scalar(one, like) : one));
  checkNumbers('where', left!, right!);
  const shape = broadcastShape('where', left!.shape, right!.shape);
  return expression(
    'where',
    [condition, left!, right!],
    broadcastShape('where', condition.shape, shape),
    {},
    left!.type,
  );
}

/** x no less than `least` and no more than `most`; no gradient flows where it was cut. */
export function clamp(x: Expression, least: number, most: number): Expression {
  checkNumbers('clamp', x);
  if (!(least <= most)) throw new InvalidExpression('clamp', `${least} to ${most} is no range`);
  return expression('clamp', [x], x.shape, { least: { float: least }, most: { float: most } });
}
