import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from '@backlot/compute';
import { assert } from '@backlot/core';

type Attributes = NonNullable<OnnxNode['attributes']>;

/** Writes a graph over rows of features node by node, other graphs among them. */
export class GraphBuilder {
  readonly #columns: number;
  readonly #nodes: OnnxNode[] = [];
  readonly #constants: Record<string, OnnxTensor> = {};
  #next = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** Adds a node and gives the name of its result. */
  node(op: string, inputs: readonly string[], attributes?: Attributes): string {
    const name = this.#fresh();
    this.#nodes.push({ op, inputs, outputs: [name], ...(attributes && { attributes }) });
    return name;
  }

  /** Several results of one node. */
  nodes(op: string, inputs: readonly string[], count: number, attributes?: Attributes): string[] {
    const outputs = Array.from({ length: count }, () => this.#fresh());
    this.#nodes.push({ op, inputs, outputs, ...(attributes && { attributes }) });
    return outputs;
  }

  doubles(shape: readonly number[], values: ArrayLike<number>): string {
    return this.#constant({ type: 'double', shape, data: Float64Array.from(values) });
  }

  floats(shape: readonly number[], values: ArrayLike<number>): string {
    return this.#constant({ type: 'float', shape, data: Float32Array.from(values) });
  }

  integers(shape: readonly number[], values: readonly number[]): string {
    return this.#constant({ type: 'int64', shape, data: BigInt64Array.from(values, BigInt) });
  }

  cast(from: string, type: 'float' | 'double' | 'int64'): string {
    return this.node('Cast', [from], { to: { int: { float: 1, int64: 7, double: 11 }[type] } });
  }

  /** Another graph over rows that are read from `from`; the names of its outputs here, by their own. */
  inline(graph: OnnxGraph, from: string): Readonly<Record<string, string>> {
    const names = new Map<string, string>([['', '']]);
    assert(graph.inputs.length === 1, 'a graph over rows has one input');
    names.set(graph.inputs[0]!.name, from);
    const nameOf = (own: string): string => {
      if (!names.has(own)) names.set(own, this.#fresh());
      return names.get(own)!;
    };
    for (const [own, tensor] of Object.entries(graph.constants)) {
      this.#constants[nameOf(own)] = tensor;
    }
    for (const node of graph.nodes) {
      const [inputs, outputs] = [node.inputs.map(nameOf), node.outputs.map(nameOf)];
      this.#nodes.push({ ...node, inputs, outputs });
    }
    return Object.fromEntries(graph.outputs.map(({ name }) => [name, nameOf(name)]));
  }

  /** The graph with these results as its outputs, each under the name that is asked of it. */
  finish(name: string, outputs: readonly (OnnxValue & { readonly from: string })[]): OnnxGraph {
    const named = outputs.map(({ from, name: output }) => ({
      ...{ op: 'Identity', inputs: [from], outputs: [output] },
    }));
    return {
      name,
      inputs: [{ name: 'features', type: 'float', shape: ['rows', this.#columns] }],
      outputs: outputs.map(({ from: _, ...value }) => value),
      nodes: [...this.#nodes, ...named],
      constants: this.#constants,
    };
  }

  #constant(tensor: OnnxTensor): string {
    const name = this.#fresh();
    this.#constants[name] = tensor;
    return name;
  }

  #fresh(): string {
    return `n${this.#next++}`;
  }
}

/** Likeliest classes and the probabilities they come from (float, rows x classes) as a graph's outputs. */
export function classOutputs(
  builder: GraphBuilder,
  probabilities: string,
  classes: number,
): readonly (OnnxValue & { readonly from: string })[] {
  const from = builder.node('ArgMax', [probabilities], { axis: { int: 1 }, keepdims: { int: 0 } });
  return [
    { name: 'prediction', type: 'int64', shape: ['rows'], from },
    { name: 'probabilities', type: 'float', shape: ['rows', classes], from: probabilities },
  ];
}
