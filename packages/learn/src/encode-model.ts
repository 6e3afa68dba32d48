import { canonicalJson } from '@backlot/core';
import { type ParameterValue, parseParameters } from './constraint.ts';
import { InvalidModel } from './error.ts';
import { kindOf } from './estimators.ts';
import type { TensorShape } from './fit-options.ts';
import {
  type Fact,
  type FittedModel,
  type InteractionsSignature,
  isRecommender,
  type RecommenderModel,
  type Signature,
  type TabularSignature,
  type Tensor,
  type TensorType,
  tensorTypes,
} from './fitted-model.ts';

/** The first bytes of every encoded model; the last digit is the format's version. */
const magic = new TextEncoder().encode('BKLTMDL2');
/** Where tensors begin is a multiple of this, so that a view needs no copy. */
const alignment = 64;

/** What decoding refuses to go beyond, before it allocates. */
export interface ModelLimits {
  readonly headerBytes: number;
  readonly bytes: number;
}

const defaultLimits: ModelLimits = { headerBytes: 256 * 2 ** 20, bytes: 4 * 2 ** 30 };
/** How deep the parts of models may lie in each other. */
const deepest = 8;

interface TensorHeader {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
}

interface ModelHeader {
  readonly kind: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly seed: number;
  readonly signature: Signature;
  readonly facts: Readonly<Record<string, Fact>>;
  readonly parts: Readonly<Record<string, ModelHeader>>;
  readonly tensors: readonly TensorHeader[];
}

/**
 * The one byte string of a model: magic, the header's length (uint32), the header as canonical JSON padded
 * with spaces, then each tensor by name, raw and little-endian, padded to 64 bytes: the model's own first,
 * then those of its parts by name. The same model gives the same bytes everywhere.
 */
export function encodeModel(model: FittedModel): Uint8Array {
  const text = new TextEncoder().encode(canonicalJson(headerOf(model)));
  const start = padded(magic.length + 4 + text.length);
  const tensors = tensorsOf(model);
  const sizes = tensors.map(({ data }) => padded(data.byteLength));
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, start));
  bytes.fill(0x20, 0, start);
  bytes.set(magic);
  new DataView(bytes.buffer).setUint32(magic.length, start - magic.length - 4, true);
  bytes.set(text, magic.length + 4);
  tensors.reduce((at, { data }, index) => {
    bytes.set(littleEndian(data), at);
    return at + sizes[index]!;
  }, start);
  return bytes;
}

function headerOf(model: FittedModel): ModelHeader {
  const { kind, specification, seed, signature, facts = {}, parts = {} } = model;
  return {
    kind,
    parameters: specification.parameters,
    seed,
    signature,
    facts,
    parts: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, headerOf(part)])),
    tensors: Object.keys(model.tensors)
      .sort()
      .map((name) => {
        const { type, shape } = model.tensors[name]!;
        return { name, type, shape };
      }),
  };
}

function tensorsOf({ tensors, parts = {} }: FittedModel): readonly Tensor[] {
  return [...sortedValues(tensors), ...sortedValues(parts).flatMap((part) => tensorsOf(part))];
}

function sortedValues<T>(record: Readonly<Record<string, T>>): readonly T[] {
  return Object.keys(record)
    .sort()
    .map((name) => record[name]!);
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
  checkLength(bytes, start, header);
  return readModel({ bytes, at: start }, header);
}

/** Reads a model of who meets what, as `decodeModel` does; refuses one of rows. */
export function decodeRecommender(bytes: Uint8Array, limits?: ModelLimits): RecommenderModel {
  const model = decodeModel(bytes, limits);
  if (isRecommender(model)) return model;
  throw new InvalidModel(`${model.kind} is no recommender`);
}

/** The bytes and how far they are read. */
interface Reading {
  readonly bytes: Uint8Array;
  at: number;
}

function readModel(reading: Reading, header: ModelHeader): FittedModel {
  const tensors = readTensors(reading, header.tensors);
  const parts: Record<string, FittedModel> = {};
  for (const name of Object.keys(header.parts).sort()) {
    parts[name] = readModel(reading, header.parts[name]!);
  }
  const { kind, seed, signature, facts } = header;
  const model: FittedModel = {
    kind,
    specification: Object.freeze({ kind, parameters: header.parameters }),
    seed,
    signature,
    ...(Object.keys(facts).length > 0 && { facts }),
    ...(Object.keys(parts).length > 0 && { parts }),
    tensors,
  };
  // Kinds check models of their own signature only, which the header's check has made sure of.
  kindOf(kind).checkModel?.(model as never);
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
    const header = checkHeader(parsed, 0);
    if (canonicalJson(parsed).padEnd(text.length) !== text) {
      throw new InvalidModel('the header is not canonical');
    }
    return header;
  } catch (error) {
    if (error instanceof InvalidModel) throw error;
    throw new InvalidModel('the header does not say a model', error);
  }
}

const members = ['facts', 'kind', 'parameters', 'parts', 'seed', 'signature', 'tensors'];

function checkHeader(value: unknown, depth: number): ModelHeader {
  if (depth > deepest) throw new InvalidModel(`its parts lie more than ${deepest} deep`);
  const header = record(value, members);
  const kind = kindOf(String(header.kind));
  if (!Array.isArray(header.tensors)) throw new InvalidModel('tensors are not a list');
  const recommends = 'recommend' in kind;
  const parts = Object.entries(plain(header.parts, 'parts'));
  const checked = {
    kind: kind.kind,
    parameters: parseParameters(kind.kind, kind.constraints, header.parameters),
    seed: count(header.seed, Number.MAX_SAFE_INTEGER),
    signature: recommends ? checkInteractions(header.signature) : checkRows(header.signature),
    facts: plain(header.facts, 'facts') as Readonly<Record<string, Fact>>,
    parts: Object.fromEntries(parts.map(([name, part]) => [name, checkHeader(part, depth + 1)])),
  };
  return { ...checked, tensors: checkTensors(kind, checked, header.tensors) };
}

function plain(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new InvalidModel(`its ${name} are not an object`);
}

function checkInteractions(value: unknown): InteractionsSignature {
  const signature = record(value, ['interactions', 'items', 'users']);
  return {
    users: count(signature.users, most),
    items: count(signature.items, most),
    interactions: count(signature.interactions, most),
  };
}

function checkRows(value: unknown): TabularSignature {
  const names = ['classNames', 'classes', 'columns', 'form', 'names', 'outputs', 'rows'];
  const signature = record(value, names);
  const form = (['matrix', 'texts', 'frame'] as const).find((one) => one === signature.form);
  if (!form) throw new InvalidModel('the form in the header is not matrix, texts or frame');
  const columns = count(signature.columns, most);
  const classes = count(signature.classes, most);
  return {
    form,
    rows: count(signature.rows, most),
    columns,
    names: checkNames(signature.names, columns),
    outputs: count(signature.outputs, most),
    classes,
    classNames: checkNames(signature.classNames, classes),
  };
}

function checkNames(value: unknown, length: number): readonly string[] | null {
  if (value === null) return null;
  const fits = Array.isArray(value) && value.length === length;
  if (fits && value.every((name) => typeof name === 'string')) return value;
  throw new InvalidModel(`names in the header are not ${length} texts`);
}

const most = 2 ** 31 - 1;

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
  kind: ReturnType<typeof kindOf>,
  header: Pick<ModelHeader, 'signature' | 'parameters' | 'facts'>,
  given: readonly unknown[],
): readonly TensorHeader[] {
  // The signature is of the kind's own type: checkHeader has just made it.
  const declared = declaredTensors(kind, header);
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

function declaredTensors(
  kind: ReturnType<typeof kindOf>,
  { signature, parameters, facts }: Pick<ModelHeader, 'signature' | 'parameters' | 'facts'>,
): Readonly<Record<string, TensorShape>> {
  try {
    return kind.tensors(signature as never, parameters as never, facts);
  } catch (error) {
    throw new InvalidModel('its facts do not say its tensors', error);
  }
}

function checkShape(
  name: string,
  declared: TensorShape['shape'],
  sizes: readonly unknown[],
): readonly number[] {
  return declared.map((size, axis) => {
    const given = count(sizes[axis], most);
    if (size === -1 || size === given) return given;
    throw new InvalidModel(`axis ${axis} of tensor ${name} is ${given}, not ${size}`);
  });
}

/** Before anything is allocated: the bytes are exactly as many as the header says. */
function checkLength(bytes: Uint8Array, start: number, header: ModelHeader): void {
  const total = start + bytesOf(header);
  if (total !== bytes.length) throw new InvalidModel(`it has ${bytes.length} bytes, not ${total}`);
}

function bytesOf({ tensors, parts }: ModelHeader): number {
  const own = tensors.reduce((sum, tensor) => sum + padded(lengthOf(tensor)), 0);
  return Object.values(parts).reduce((sum, part) => sum + bytesOf(part), own);
}

function lengthOf({ type, shape }: TensorHeader): number {
  return shape.reduce((product, size) => product * size, 1) * tensorTypes[type].BYTES_PER_ELEMENT;
}

function readTensors(
  reading: Reading,
  headers: readonly TensorHeader[],
): Readonly<Record<string, Tensor>> {
  const tensors: Record<string, Tensor> = {};
  for (const header of headers) {
    const { name, type, shape } = header;
    const { bytes, at } = reading;
    const end = at + lengthOf(header);
    const next = at + padded(lengthOf(header));
    const data = readTensor(Uint8Array.from(bytes.subarray(at, end)), type);
    checkPadding(bytes, end, next);
    if (type.startsWith('float') && data.some((value) => !Number.isFinite(value))) {
      throw new InvalidModel(`tensor ${name} holds a number that is not finite`);
    }
    tensors[name] = { type, shape, data };
    reading.at = next;
  }
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
