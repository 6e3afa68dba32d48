import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { loadOnnxRuntime } from '#onnx-runtime';
import { OnnxFailed } from '../error.ts';
import { encodeOnnx } from './encode-onnx.ts';
import type { OnnxGraph, OnnxTensor, OnnxType } from './onnx-graph.ts';
import type { OnnxRuntime } from './onnx-runtime.ts';

export interface OnnxOptions {
  /** Threads within an operation; 1 when absent, so that a small graph does not wait for a pool. */
  readonly threads?: number | undefined;
  readonly optimise?: 'none' | 'basic' | 'extended' | 'all';
}

/** A graph that ONNX Runtime holds ready. */
export class OnnxSession implements AsyncDisposable {
  readonly #runtime: OnnxRuntime;
  readonly #session: InferenceSession;

  constructor(runtime: OnnxRuntime, session: InferenceSession) {
    this.#runtime = runtime;
    this.#session = session;
  }

  get inputs(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputs(): readonly string[] {
    return this.#session.outputNames;
  }

  /**
   * The outputs for these inputs. Those of `into` are written into the given tensors, which are given back
   * in their place. Throws `OnnxFailed`.
   */
  async run(
    feeds: Readonly<Record<string, OnnxTensor>>,
    into: Readonly<Record<string, OnnxTensor>> = {},
  ): Promise<Readonly<Record<string, OnnxTensor>>> {
    const given = Object.entries(feeds).map(([name, tensor]) => [name, this.#tensor(tensor)]);
    const wanted = this.#session.outputNames.map((name) => {
      return [name, into[name] ? this.#tensor(into[name]) : null];
    });
    try {
      const found = await this.#session.run(Object.fromEntries(given), Object.fromEntries(wanted));
      // What was written in place lies in the caller's memory: the tensors that come back hold other.
      return Object.fromEntries(
        Object.entries(found).map(([name, tensor]) => [name, into[name] ?? plainTensor(tensor)]),
      );
    } catch (error) {
      throw new OnnxFailed('ONNX Runtime could not run the graph', error);
    }
  }

  #tensor({ type, shape, data }: OnnxTensor): Tensor {
    const { Tensor } = this.#runtime;
    return new Tensor(runtimeTypes[type] as 'float32', data as Float32Array, shape);
  }

  /** Gives its memory back. */
  async close(): Promise<void> {
    await this.#session.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** ONNX Runtime's names for the types. */
const runtimeTypes: Readonly<Record<OnnxType, string>> = {
  float: 'float32',
  double: 'float64',
  ...{ int32: 'int32', int64: 'int64', bool: 'bool', string: 'string', uint8: 'uint8' },
};

function plainTensor({ type, dims, data }: Tensor): OnnxTensor {
  const own = (Object.keys(runtimeTypes) as OnnxType[]).find((one) => runtimeTypes[one] === type);
  if (!own) throw new OnnxFailed(`an output is of the type ${type}, which is not one of ours`);
  return { type: own, shape: dims, data: data as OnnxTensor['data'] };
}

const levels = { none: 'disabled', basic: 'basic', extended: 'extended', all: 'all' } as const;

/**
 * Loads a graph, or the bytes of an ONNX file. Bytes of someone else go through `decodeOnnx` first: ONNX
 * Runtime is not asked what it makes of a crafted file. Throws `OnnxFailed`.
 *
 * @example
 * await using session = await openGraph(toGraph(model), { threads: 2 });
 * const { prediction } = await session.run({ features: { type: 'float', shape: [1, 2], data } });
 */
export async function openGraph(
  graph: OnnxGraph | Uint8Array,
  { threads = 1, optimise = 'all' }: OnnxOptions = {},
): Promise<OnnxSession> {
  const runtime = await loadOnnxRuntime();
  const bytes = graph instanceof Uint8Array ? graph : encodeOnnx(graph);
  try {
    const session = await runtime.InferenceSession.create(bytes, {
      executionProviders: [runtime.provider],
      graphOptimizationLevel: levels[optimise],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 3,
    });
    return new OnnxSession(runtime, session);
  } catch (error) {
    throw new OnnxFailed('ONNX Runtime does not take the graph', error);
  }
}
