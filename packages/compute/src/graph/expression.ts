import { InvalidExpression } from '../error.ts';
import type { OnnxAttribute, OnnxTensor, OnnxType } from '../onnx/onnx-graph.ts';
import { describeShape, type Shape } from './shape.ts';

/**
 * A value that a graph computes: frozen data. What an operation means, its gradient and how it is printed
 * are functions over it.
 */
export interface Expression {
  readonly op: string;
  readonly inputs: readonly Expression[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  readonly type: OnnxType;
  readonly shape: Shape;
  /** Of inputs, parameters and masks. */
  readonly name?: string;
  /** Of constants. */
  readonly tensor?: OnnxTensor;
}

/** What an operation gives, made by the functions of `operations`. */
export function expression(
  op: string,
  inputs: readonly Expression[],
  shape: Shape,
  attributes: Expression['attributes'] = {},
  type: OnnxType = inputs[0]!.type,
): Expression {
  return Object.freeze({ op, inputs, attributes, type, shape });
}

/** A value that is fed at each run. */
export function input(name: string, shape: Shape, type: OnnxType = 'float'): Expression {
  return Object.freeze({ op: 'input', inputs: [], attributes: {}, type, shape, name });
}

/** A tensor that training changes. Its sizes are numbers. */
export function parameter(
  name: string,
  shape: readonly number[],
  type: OnnxType = 'float',
): Expression {
  return Object.freeze({ op: 'parameter', inputs: [], attributes: {}, type, shape, name });
}

/** A tensor that is written in the graph. */
export function constant(tensor: OnnxTensor): Expression {
  const { type, shape } = tensor;
  return Object.freeze({ op: 'constant', inputs: [], attributes: {}, type, shape, tensor });
}

/** A single number of the type of another expression, written in the graph. */
export function scalar(value: number, like: Pick<Expression, 'type'>): Expression {
  const { type } = like;
  if (type === 'double') return constant({ type, shape: [], data: Float64Array.of(value) });
  if (type === 'float') return constant({ type, shape: [], data: Float32Array.of(value) });
  return constant({ type: 'int64', shape: [], data: BigInt64Array.of(BigInt(value)) });
}

/** Throws `InvalidExpression` unless all are numbers with a fraction, of one type. */
export function checkNumbers(op: string, ...given: readonly Expression[]): void {
  const [first] = given;
  for (const one of given) {
    if ((one.type === 'float' || one.type === 'double') && one.type === first!.type) continue;
    const types = given.map(({ type, shape }) => `${type}${describeShape(shape)}`).join(', ');
    throw new InvalidExpression(op, `is given ${types}; floats or doubles of one type are allowed`);
  }
}

/** All expressions that these are made of, each before those that need it. */
export function ordered(outputs: readonly Expression[]): readonly Expression[] {
  const found = new Set<Expression>();
  const stack = outputs.map((one) => ({ one, next: 0 }));
  stack.reverse();
  // A stack of our own: an unrolled recurrence is deeper than the language's.
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const child = found.has(top.one) ? undefined : top.one.inputs[top.next++];
    if (child) {
      if (!found.has(child)) stack.push({ one: child, next: 0 });
      continue;
    }
    found.add(top.one);
    stack.pop();
  }
  return [...found];
}
