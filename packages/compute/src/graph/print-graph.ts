import { assert } from '@backlot/core';
import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from '../onnx/onnx-graph.ts';
import { floatOf } from './attribute.ts';
import { denseSums } from './dense-sums.ts';
import { type Expression, ordered } from './expression.ts';
import { gemmAttributes, type Printing, printRules } from './print-rules.ts';

export interface PrintOptions {
  readonly name: string;
  /** What is fetched, by name. */
  readonly outputs: Readonly<Record<string, Expression>>;
  /** Parameters that are written in the file; the others are inputs. */
  readonly values?: ReadonlyMap<string, OnnxTensor>;
  /** Whether masks are inputs; else they are 1, as in inference. */
  readonly masks?: boolean;
}

/**
 * The expressions as one ONNX graph. Inputs come in the order in which they are first needed; equal
 * constants are written once, and expressions that are the same object are computed once.
 */
export function printGraph(options: PrintOptions): OnnxGraph {
  const writer = new GraphWriter(options);
  const roots = Object.values(options.outputs);
  const nodes = ordered(roots);
  const sums = denseSums(nodes, roots);
  for (const node of nodes) {
    // A product that is one with its sum is written where that is.
    if (!sums.has(node)) writer.print(node, sums.get(node.inputs[0]!) === node);
  }
  const outputs = Object.entries(options.outputs).map(([name, node]) => writer.output(name, node));
  return { name: options.name, outputs, ...writer.parts() };
}

class GraphWriter implements Printing {
  readonly #options: PrintOptions;
  readonly #names = new Map<Expression, string>();
  readonly #inputs: OnnxValue[] = [];
  readonly #nodes: OnnxNode[] = [];
  readonly #constants: Record<string, OnnxTensor> = {};
  readonly #known = new Map<string, string>();
  #next = 0;

  constructor(options: PrintOptions) {
    this.#options = options;
  }

  parts(): Pick<OnnxGraph, 'inputs' | 'nodes' | 'constants'> {
    return { inputs: this.#inputs, nodes: this.#nodes, constants: this.#constants };
  }

  print(node: Expression, isDense: boolean): void {
    this.#names.set(node, isDense ? this.#dense(node) : this.#print(node));
  }

  #dense(node: Expression): string {
    const [product, row] = node.inputs as [Expression, Expression];
    const [x, weights, shift] = [...product.inputs, row].map((input) => this.#nameOf(input!));
    const attributes = gemmAttributes(product);
    if (product.shape.length === 2) return this.node('Gemm', [x!, weights!, shift!], attributes);
    const flat = this.node('Reshape', [
      x!,
      this.integers([-1, product.inputs[0]!.shape.at(-1) as number]),
    ]);
    const found = this.node('Gemm', [flat, weights!, shift!], attributes);
    const shape = product.shape.map((size) => (typeof size === 'number' ? size : -1));
    return this.node('Reshape', [found, this.integers(shape)]);
  }

  #print(node: Expression): string {
    switch (node.op) {
      case 'input':
        return this.#input(node);
      case 'parameter':
        return this.#parameter(node);
      case 'constant':
        return this.constant(node.tensor!);
      case 'mask':
        return this.#options.masks ? this.#input(node) : this.constant(one);
      case 'standardise':
        return this.#standardise(node);
      case 'inverseDeviation':
        return `${this.#nameOf(node.inputs[0]!)}_inverse`;
    }
    const rule = printRules[node.op];
    assert(rule, `${node.op} can be printed`);
    return rule(
      node,
      node.inputs.map((input) => this.#nameOf(input)),
      this,
    );
  }

  #nameOf(node: Expression): string {
    const name = this.#names.get(node);
    assert(name !== undefined, `${node.op} was printed before it is needed`);
    return name;
  }

  #input({ name, type, shape }: Expression): string {
    this.#inputs.push({ name: name!, type, shape });
    return name!;
  }

  #parameter(node: Expression): string {
    const value = this.#options.values?.get(node.name!);
    if (!value) return this.#input(node);
    this.#constants[node.name!] = value;
    return node.name!;
  }

  /** One operation gives both the numbers and what the gradient needs of them. */
  #standardise(node: Expression): string {
    const [x] = node.inputs as [Expression];
    if (node.type === 'double') return this.#standardiseDoubles(node);
    const width = x.shape.at(-1) as number;
    const data = new Float32Array(width).fill(1);
    const ones = this.constant({ type: 'float', shape: [width], data });
    const name = this.#fresh();
    this.#nodes.push({
      op: 'LayerNormalization',
      inputs: [this.#nameOf(x), ones],
      outputs: [name, `${name}_mean`, `${name}_inverse`],
      attributes: { axis: { int: -1 }, epsilon: { float: floatOf(node, 'epsilon') } },
    });
    return name;
  }

  /** The operator keeps its statistics in floats; in doubles they are written out. */
  #standardiseDoubles(node: Expression): string {
    const x = this.#nameOf(node.inputs[0]!);
    const last = this.integers([-1]);
    const double = (value: number): string =>
      this.constant({ type: 'double', shape: [], data: Float64Array.of(value) });
    const centred = this.node('Sub', [x, this.node('ReduceMean', [x, last])]);
    const variance = this.node('ReduceMean', [this.node('Mul', [centred, centred]), last]);
    const raised = this.node('Add', [variance, double(floatOf(node, 'epsilon'))]);
    const name = this.#fresh();
    const root = this.node('Sqrt', [raised]);
    this.#nodes.push({ op: 'Div', inputs: [double(1), root], outputs: [`${name}_inverse`] });
    this.#nodes.push({ op: 'Mul', inputs: [centred, `${name}_inverse`], outputs: [name] });
    return name;
  }

  output(name: string, node: Expression): OnnxValue {
    const inner = this.#nameOf(node);
    this.#nodes.push({ op: 'Identity', inputs: [inner], outputs: [name] });
    return { name, type: node.type, shape: node.shape };
  }

  node(
    op: string,
    inputs: readonly string[],
    attributes?: OnnxNode['attributes'],
    more: Partial<OnnxNode> = {},
  ): string {
    const name = this.#fresh();
    this.#nodes.push({ op, inputs, outputs: [name], ...(attributes && { attributes }), ...more });
    return name;
  }

  #fresh(): string {
    return `v${this.#next++}`;
  }

  constant(tensor: OnnxTensor): string {
    const small = tensor.data.length <= 64;
    const key = small
      ? `${tensor.type} ${tensor.shape} ${Array.from(tensor.data as ArrayLike<unknown>)}`
      : '';
    const known = small ? this.#known.get(key) : undefined;
    if (known) return known;
    const name = `c${this.#next++}`;
    this.#constants[name] = tensor;
    if (small) this.#known.set(key, name);
    return name;
  }

  integers(values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.constant({ type: 'int64', shape: [values.length], data });
  }
}

const one: OnnxTensor = { type: 'float', shape: [], data: Float32Array.of(1) };
