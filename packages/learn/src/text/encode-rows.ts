import { decodeOnnx, type OnnxGraph, type OnnxTensor, openGraph } from '@backlot/compute';
import { throwIfCancelled } from '@backlot/core';
import { EmptyInput, InvalidArgument } from '../error.ts';
import type { Matrix } from '../matrix.ts';

export interface EncodeRowsOptions {
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The output to take; the first by default. */
  readonly output?: string | undefined;
  /** What becomes of rows x places x numbers: the mean over the places by default, or the first place. */
  readonly pooling?: 'mean' | 'first' | undefined;
  /** The input, rows x places of 0 and 1, that says which places the mean is over; all by default. */
  readonly mask?: string | undefined;
  /** Rows that are run at once; 32 by default. */
  readonly batch?: number | undefined;
}

/**
 * Rows of numbers from an ONNX encoder that somebody supplies. Its bytes are checked by `decodeOnnx` before
 * ONNX Runtime sees them. Each input has the rows as its first axis; the output is float, rows x numbers or
 * rows x places x numbers. A row whose mask is all 0 is a row of zeros. Throws `InvalidOnnx`, `OnnxFailed`,
 * `InvalidArgument`, `EmptyInput`, `Cancelled`.
 *
 * @example
 * const rows = await encodeRows(bytes, { input_ids, attention_mask }, { mask: 'attention_mask' });
 */
export async function encodeRows(
  bytes: Uint8Array,
  inputs: Readonly<Record<string, OnnxTensor>>,
  options: EncodeRowsOptions = {},
): Promise<Matrix> {
  const { threads, signal, batch = 32 } = options;
  if (!(Number.isInteger(batch) && batch >= 1)) {
    throw new InvalidArgument('batch', `is ${batch}; a whole number from 1 is allowed`);
  }
  const graph = decodeOnnx(bytes);
  const output = outputOf(graph, options.output);
  const rows = checkInputs(graph, inputs);
  const mask = options.mask === undefined ? undefined : maskOf(inputs, options.mask);
  await using session = await openGraph(bytes, { threads });
  const encoded: Float64Array[] = [];
  for (let from = 0; from < rows; from += batch) {
    throwIfCancelled(signal, 'the encoding');
    const to = Math.min(rows, from + batch);
    const feeds = Object.entries(inputs).map(([name, one]) => [name, takeFirst(one, from, to)]);
    const found = (await session.run(Object.fromEntries(feeds)))[output]!;
    const own = mask && takeFirst(mask, from, to);
    encoded.push(poolRows(found, to - from, options.pooling ?? 'mean', own));
  }
  return joinRows(encoded, rows);
}

function outputOf(graph: OnnxGraph, asked: string | undefined): string {
  const names = graph.outputs.map(({ name }) => name);
  const name = asked ?? names[0];
  if (name !== undefined && names.includes(name)) return name;
  throw new InvalidArgument('output', `is ${name}; the encoder has ${names.join(', ')}`);
}

/** How many rows all inputs have. */
function checkInputs(graph: OnnxGraph, inputs: Readonly<Record<string, OnnxTensor>>): number {
  const wanted = graph.inputs.map(({ name }) => name).filter((name) => !(name in graph.constants));
  const given = Object.keys(inputs);
  if (wanted.length !== given.length || wanted.some((name) => !Object.hasOwn(inputs, name))) {
    const text = `are ${given.join(', ')}; the encoder takes ${wanted.join(', ')}`;
    throw new InvalidArgument('inputs', text);
  }
  const [first, ...others] = Object.values(inputs);
  const rows = first?.shape[0] ?? 0;
  if (rows === 0) throw new EmptyInput('the inputs');
  for (const { shape, data } of [first!, ...others]) {
    const size = shape.reduce((product, axis) => product * axis, 1);
    if (shape[0] === rows && size === data.length) continue;
    throw new InvalidArgument('inputs', `have ${shape[0]} and ${rows} rows, or not all numbers`);
  }
  return rows;
}

function maskOf(inputs: Readonly<Record<string, OnnxTensor>>, name: string): OnnxTensor {
  const mask = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  if (mask?.shape.length === 2 && mask.type !== 'string') return mask;
  throw new InvalidArgument('mask', `is ${name}, which is no input of rows x places`);
}

function takeFirst(tensor: OnnxTensor, from: number, to: number): OnnxTensor {
  const size = tensor.data.length / tensor.shape[0]!;
  const data = tensor.data.slice(from * size, to * size) as OnnxTensor['data'];
  return { ...tensor, shape: [to - from, ...tensor.shape.slice(1)], data };
}

function poolRows(
  { type, shape, data }: OnnxTensor,
  rows: number,
  pooling: 'mean' | 'first',
  mask: OnnxTensor | undefined,
): Float64Array {
  const numbers = shape.at(-1) ?? 0;
  const places = shape.length === 3 ? shape[1]! : 1;
  if (type !== 'float' || shape.length < 2 || shape.length > 3 || shape[0] !== rows) {
    const text = `is ${type} [${shape.join(', ')}]; float, rows x numbers, or rows x places x numbers`;
    throw new InvalidArgument('output', `${text}, is allowed`);
  }
  if (mask && pooling === 'mean' && mask.shape[1] !== places) {
    throw new InvalidArgument('mask', `has ${mask.shape[1]} places; the output has ${places}`);
  }
  const pooled = new Float64Array(rows * numbers);
  const counted = pooling === 'first' ? 1 : places;
  for (let row = 0; row < rows; row++) {
    let total = 0;
    for (let place = 0; place < counted; place++) {
      const weight = mask && pooling === 'mean' ? Number(mask.data[row * places + place]) : 1;
      if (weight === 0) continue;
      total += weight;
      const from = (row * places + place) * numbers;
      for (let at = 0; at < numbers; at++) {
        pooled[row * numbers + at]! += weight * (data[from + at] as number);
      }
    }
    for (let at = 0; at < numbers && total > 0; at++) pooled[row * numbers + at]! /= total;
  }
  return pooled;
}

function joinRows(blocks: readonly Float64Array[], rows: number): Matrix {
  const values = new Float64Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const block of blocks) {
    values.set(block, at);
    at += block.length;
  }
  return { rows, columns: values.length / rows, values };
}
