import { canonicalJson } from '@backlot/core';
import { parseParameters } from './constraint.ts';
import { InvalidModel } from './error.ts';
import type { EstimatorKind, TensorShape } from './estimator-kind.ts';
import { estimatorOf } from './estimators.ts';
import { type FittedModel, type Tensor, type TensorType, tensorTypes } from './fitted-model.ts';

/** The first bytes of every encoded model; the last digit is the format's version. */
const magic = new TextEncoder().encode('BKLTMDL1');
/** Where tensors begin is a multiple of this, so that a view needs no copy. */
const alignment = 64;

/** What decoding refuses to go beyond, before it allocates. */
export interface ModelLimits {
  readonly headerBytes: number;
  readonly bytes: number;
}

const defaultLimits: ModelLimits = { headerBytes: 64 * 1024, bytes: 4 * 2 ** 30 };

interface TensorHeader {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
}

interface ModelHeader {
  readonly kind: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly seed: number;
  readonly signature: FittedModel['signature'];
  readonly tensors: readonly TensorHeader[];
}

/**
 * The one byte string of a model: magic, the header's length (uint32), the header as canonical JSON padded
 * with spaces, then each tensor by name, raw and little-endian, padded to 64 bytes. The same model gives
 * the same bytes everywhere.
 */
export function encodeModel(model: FittedModel): Uint8Array {
  const names = Object.keys(model.tensors).sort();
  const header: ModelHeader = {
    kind: model.kind,
    parameters: model.specification.parameters,
    seed: model.seed,
    signature: model.signature,
    tensors: names.map((name) => {
      const { type, shape } = model.tensors[name]!;
      return { name, type, shape };
    }),
  };
  const text = new TextEncoder().encode(canonicalJson(header));
  const start = padded(magic.length + 4 + text.length);
  const sizes = names.map((name) => padded(model.tensors[name]!.data.byteLength));
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, start));
  bytes.fill(0x20, 0, start);
  bytes.set(magic);
  new DataView(bytes.buffer).setUint32(magic.length, start - magic.length - 4, true);
  bytes.set(text, magic.length + 4);
  names.reduce((at, name, index) => {
    const { data } = model.tensors[name]!;
    bytes.set(littleEndian(data), at);
    return at + sizes[index]!;
  }, start);
  return bytes;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function littleEndian(data: Tensor['data']): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (hostIsLittleEndian) return bytes;
  const width = data.BYTES_PER_ELEMENT;
  const turned = Uint8Array.from(bytes);
  for (let at = 0; at < turned.length; at += width) turned.subarray(at, at + width).reverse();
  return turned;
}

/**
 * Reads a model from bytes that nobody vouches for. Everything is checked against what the estimator
 * declares before a tensor is made: magic, header, limits, names, types, shapes, the exact length; then
 * that floats are finite and indices and offsets in range. Throws `InvalidModel`.
 */
export function decodeModel(bytes: Uint8Array, limits: ModelLimits = defaultLimits): FittedModel {
  if (bytes.length > limits.bytes) throw new InvalidModel(`over ${limits.bytes} bytes`);
  const start = headerEnd(bytes, limits);
  const header = readHeader(bytes.subarray(magic.length + 4, start));
  const tensors = readTensors(bytes, start, header);
  const model: FittedModel = {
    kind: header.kind,
    specification: Object.freeze({ kind: header.kind, parameters: header.parameters }),
    seed: header.seed,
    signature: header.signature,
    tensors,
  };
  estimatorOf(model.kind).checkTensors?.(model);
  return model;
}

function headerEnd(bytes: Uint8Array, limits: ModelLimits): number {
  if (bytes.length < magic.length + 4) throw new InvalidModel('too short');
  if (magic.some((byte, at) => bytes[at] !== byte))
    throw new InvalidModel('the first bytes differ');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(magic.length, true);
  if (length > limits.headerBytes)
    throw new InvalidModel(`a header over ${limits.headerBytes} bytes`);
  const end = magic.length + 4 + length;
  if (end > bytes.length || end % alignment !== 0) throw new InvalidModel('the header is cut');
  return end;
}

/** Writing the parsed header again must give the same bytes: one model has one encoding. */
function readHeader(bytes: Uint8Array): ModelHeader {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const parsed: unknown = JSON.parse(text);
    const header = checkHeader(parsed);
    if (canonicalJson(parsed).padEnd(text.length) !== text) {
      throw new InvalidModel('the header is not canonical');
    }
    return header;
  } catch (error) {
    if (error instanceof InvalidModel) throw error;
    throw new InvalidModel('the header does not say a model', error);
  }
}

function checkHeader(value: unknown): ModelHeader {
  const header = record(value, ['kind', 'parameters', 'seed', 'signature', 'tensors']);
  const signature = record(header.signature, ['interactions', 'items', 'users']);
  const kind = estimatorOf(String(header.kind));
  if (!Array.isArray(header.tensors)) throw new InvalidModel('tensors are not a list');
  const checked = {
    kind: kind.kind,
    parameters: parseParameters(kind.kind, kind.constraints, header.parameters),
    seed: count(header.seed, Number.MAX_SAFE_INTEGER),
    signature: {
      users: count(signature.users, 2 ** 31 - 1),
      items: count(signature.items, 2 ** 31 - 1),
      interactions: count(signature.interactions, 2 ** 31 - 1),
    },
  };
  return { ...checked, tensors: checkTensors(kind, checked, header.tensors) };
}

function record(value: unknown, keys: readonly string[]): Readonly<Record<string, unknown>> {
  const found = typeof value === 'object' && value !== null ? Object.keys(value).sort() : [];
  if (found.join() === keys.join()) return value as Readonly<Record<string, unknown>>;
  throw new InvalidModel(`a part of the header has not exactly the members ${keys.join(', ')}`);
}

function count(value: unknown, max: number): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max) {
    return value as number;
  }
  throw new InvalidModel(`a count in the header is not a whole number from 0 to ${max}`);
}

function checkTensors(
  kind: EstimatorKind,
  header: Pick<ModelHeader, 'signature' | 'parameters'>,
  given: readonly unknown[],
): readonly TensorHeader[] {
  const declared = kind.tensors(header.signature, header.parameters);
  const names = Object.keys(declared).sort();
  if (given.length !== names.length) throw new InvalidModel(`it has not ${names.length} tensors`);
  return names.map((name, at) => {
    const tensor = record(given[at], ['name', 'shape', 'type']);
    const { type, shape } = declared[name]!;
    const sizes = Array.isArray(tensor.shape) ? tensor.shape : [];
    const fits = sizes.length === shape.length && tensor.name === name && tensor.type === type;
    if (!fits) throw new InvalidModel(`tensor ${at} is not ${name} of ${type}`);
    return { name, type, shape: checkShape(name, shape, sizes) };
  });
}

function checkShape(
  name: string,
  declared: TensorShape['shape'],
  sizes: readonly unknown[],
): readonly number[] {
  return declared.map((size, axis) => {
    const given = count(sizes[axis], 2 ** 31 - 1);
    if (size === -1 || size === given) return given;
    throw new InvalidModel(`axis ${axis} of tensor ${name} is ${given}, not ${size}`);
  });
}

function readTensors(
  bytes: Uint8Array,
  start: number,
  header: ModelHeader,
): FittedModel['tensors'] {
  const lengths = header.tensors.map(
    ({ type, shape }) =>
      shape.reduce((product, size) => product * size, 1) * tensorTypes[type].BYTES_PER_ELEMENT,
  );
  const total = lengths.reduce((sum, length) => sum + padded(length), start);
  if (total !== bytes.length) throw new InvalidModel(`it has ${bytes.length} bytes, not ${total}`);
  const tensors: Record<string, Tensor> = {};
  let at = start;
  header.tensors.forEach(({ name, type, shape }, index) => {
    const end = at + lengths[index]!;
    const data = readTensor(Uint8Array.from(bytes.subarray(at, end)), type);
    checkPadding(bytes, end, at + padded(lengths[index]!));
    if (data.some((value) => !Number.isFinite(value))) {
      throw new InvalidModel(`tensor ${name} holds a number that is not finite`);
    }
    tensors[name] = { type, shape, data };
    at += padded(lengths[index]!);
  });
  return tensors;
}

function readTensor(raw: Uint8Array<ArrayBuffer>, type: TensorType): Tensor['data'] {
  const held = new tensorTypes[type](raw.buffer);
  return hostIsLittleEndian ? held : new tensorTypes[type](littleEndian(held).slice().buffer);
}

function checkPadding(bytes: Uint8Array, begin: number, end: number): void {
  for (let at = begin; at < end; at++) {
    if (bytes[at] !== 0) throw new InvalidModel('bytes between its tensors are not zero');
  }
}
