import { InvalidOnnx } from '../error.ts';
import { littleEndian } from './little-endian.ts';
import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxType,
  OnnxValue,
} from './onnx-graph.ts';
import { typeBytes, typeOfCode } from './onnx-types.ts';
import { readFields, readIntegers, type WireField } from './wire.ts';

/** What reading refuses to go beyond, before anything is made of it. */
export interface OnnxLimits {
  readonly bytes: number;
  readonly nodes: number;
  readonly constants: number;
  /** Elements of one tensor. */
  readonly elements: number;
  /** Graphs within graphs. */
  readonly depth: number;
}

const defaultLimits: OnnxLimits = {
  ...{ bytes: 2 ** 31 - 1, nodes: 100_000, constants: 100_000, elements: 2 ** 29, depth: 4 },
};

const domains: readonly string[] = ['ai.onnx.ml', 'com.microsoft'];

/**
 * Reads an ONNX file that nobody vouches for: one graph of the standard domains, dense tensors inside the
 * file, the element types of `OnnxType`. Everything else (functions, sparse or external tensors, training
 * information) is refused by `InvalidOnnx`, as is whatever goes beyond the limits.
 */
export function decodeOnnx(bytes: Uint8Array, limits: OnnxLimits = defaultLimits): OnnxGraph {
  if (bytes.length > limits.bytes) refuse(`it is over ${limits.bytes} bytes`);
  const counts = { nodes: limits.nodes, constants: limits.constants };
  let graph: OnnxGraph | undefined;
  for (const field of readFields(bytes, refuse)) {
    if (field.field === 7) {
      if (graph) refuse('it holds two graphs');
      graph = readGraph(bytesOf(field), { ...limits, counts }, 0);
    } else if (field.field === 20 || field.field === 25) {
      refuse('it holds training information or functions');
    }
  }
  return graph ?? refuse('it holds no graph');
}

interface Reading extends OnnxLimits {
  /** How many more there may be. */
  readonly counts: { nodes: number; constants: number };
}

function refuse(reason: string): never {
  throw new InvalidOnnx(reason);
}

const texts = new TextDecoder('utf-8', { fatal: true });

function bytesOf({ field, wire, bytes }: WireField): Uint8Array {
  return wire === 2 ? bytes : refuse(`field ${field} is not a run of bytes`);
}

function textOf(field: WireField): string {
  try {
    return texts.decode(bytesOf(field));
  } catch {
    return refuse(`field ${field.field} is not UTF-8`);
  }
}

function integerOf({ field, wire, integer }: WireField): bigint {
  return wire === 0 ? BigInt.asIntN(64, integer) : refuse(`field ${field} is not an integer`);
}

function readGraph(bytes: Uint8Array, reading: Reading, depth: number): OnnxGraph {
  if (depth > reading.depth) refuse(`its graphs lie more than ${reading.depth} deep`);
  const graph = {
    name: '',
    inputs: [] as OnnxValue[],
    outputs: [] as OnnxValue[],
    nodes: [] as OnnxNode[],
    constants: {} as Record<string, OnnxTensor>,
  };
  for (const field of readFields(bytes, refuse)) {
    switch (field.field) {
      case 1:
        if (--reading.counts.nodes < 0) refuse('it has too many nodes');
        graph.nodes.push(readNode(bytesOf(field), reading, depth));
        break;
      case 2:
        graph.name = textOf(field);
        break;
      case 5: {
        if (--reading.counts.constants < 0) refuse('it has too many constants');
        const { name, tensor } = readTensor(bytesOf(field), reading);
        if (Object.hasOwn(graph.constants, name)) refuse(`two constants are called ${name}`);
        Object.defineProperty(graph.constants, name, { value: tensor, enumerable: true });
        break;
      }
      case 11:
        graph.inputs.push(readValue(bytesOf(field)));
        break;
      case 12:
        graph.outputs.push(readValue(bytesOf(field)));
        break;
      case 15:
        refuse('it holds sparse constants');
    }
  }
  return graph;
}

function readNode(bytes: Uint8Array, reading: Reading, depth: number): OnnxNode {
  const [inputs, outputs]: [string[], string[]] = [[], []];
  const attributes: [string, OnnxAttribute][] = [];
  let [op, domain] = ['', ''];
  for (const field of readFields(bytes, refuse)) {
    if (field.field === 1) inputs.push(textOf(field));
    else if (field.field === 2) outputs.push(textOf(field));
    else if (field.field === 4) op = textOf(field);
    else if (field.field === 5) attributes.push(readAttribute(bytesOf(field), reading, depth));
    else if (field.field === 7) domain = textOf(field);
  }
  if (domain === 'ai.onnx') domain = '';
  if (domain && !domains.includes(domain)) refuse(`a node is of the unknown domain ${domain}`);
  return {
    ...{ op, inputs, outputs },
    ...(domain && { domain: domain as NonNullable<OnnxNode['domain']> }),
    ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
  };
}

/** All that an attribute's fields may hold, before its type says which of them counts. */
interface AttributeFields {
  type: number;
  float: number;
  int: bigint;
  text: string;
  tensor: OnnxTensor | undefined;
  graph: OnnxGraph | undefined;
  readonly floats: number[];
  readonly ints: bigint[];
  readonly texts: string[];
}

function readAttribute(
  bytes: Uint8Array,
  reading: Reading,
  depth: number,
): [string, OnnxAttribute] {
  const found: AttributeFields = {
    ...{ type: 0, float: 0, int: 0n, text: '', tensor: undefined, graph: undefined },
    ...{ floats: [], ints: [], texts: [] },
  };
  let name = '';
  for (const field of readFields(bytes, refuse)) {
    if (field.field === 1) name = textOf(field);
    else if (field.field === 5) found.tensor = readTensor(bytesOf(field), reading).tensor;
    else if (field.field === 6) found.graph = readGraph(bytesOf(field), reading, depth + 1);
    else readAttributeField(field, found);
  }
  return [name, attributeOf(found)];
}

function readAttributeField(field: WireField, found: AttributeFields): void {
  switch (field.field) {
    case 2:
      found.float = floatsOf(field)[0] ?? 0;
      break;
    case 3:
      found.int = integerOf(field);
      break;
    case 4:
      found.text = textOf(field);
      break;
    case 7:
      found.floats.push(...floatsOf(field));
      break;
    case 8:
      found.ints.push(...integersOf(field));
      break;
    case 9:
      found.texts.push(textOf(field));
      break;
    case 20:
      found.type = Number(integerOf(field));
  }
}

function attributeOf(found: AttributeFields): OnnxAttribute {
  const { type, tensor, graph } = found;
  if (type === 1) return { float: found.float };
  if (type === 2) return { int: found.int };
  if (type === 3) return { text: found.text };
  if (type === 4 && tensor) return { tensor };
  if (type === 5 && graph) return { graph };
  if (type === 6) return { floats: found.floats };
  if (type === 7) return { ints: found.ints };
  if (type === 8) return { texts: found.texts };
  return refuse(`an attribute is of the unknown type ${type}`);
}

/** One float, or many packed in a run of bytes. */
function floatsOf({ field, wire, bytes }: WireField): number[] {
  if (wire !== 5 && wire !== 2) refuse(`field ${field} holds no floats`);
  if (bytes.length % 4 !== 0) refuse(`field ${field} ends within a float`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(4 * at, true));
}

function integersOf(field: WireField): bigint[] {
  return field.wire === 0 ? [integerOf(field)] : readIntegers(bytesOf(field), refuse);
}

/** What a tensor's fields hold. */
interface TensorFields {
  readonly dims: bigint[];
  readonly texts: string[];
  readonly floats: number[];
  readonly ints: bigint[];
  readonly doubles: number[];
  raw: Uint8Array | undefined;
}

function readTensor(
  bytes: Uint8Array,
  reading: Reading,
): { readonly name: string; readonly tensor: OnnxTensor } {
  const found: TensorFields = {
    ...{ dims: [], texts: [], floats: [], ints: [], doubles: [], raw: undefined },
  };
  let [name, code] = ['', 0];
  for (const field of readFields(bytes, refuse)) {
    if (field.field === 2) code = Number(integerOf(field));
    else if (field.field === 8) name = textOf(field);
    else readTensorField(field, found);
  }
  const type = typeOfCode(code) ?? refuse(`a tensor is of the unknown type ${code}`);
  const shape = found.dims.map((size) => {
    return size >= 0n && size < 2n ** 31n ? Number(size) : refuse(`a size is ${size}`);
  });
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements > reading.elements) refuse(`a tensor has over ${reading.elements} elements`);
  return { name, tensor: { type, shape, data: dataOf(type, elements, found) } };
}

function readTensorField(field: WireField, found: TensorFields): void {
  switch (field.field) {
    case 1:
      found.dims.push(...integersOf(field));
      break;
    case 4:
      found.floats.push(...floatsOf(field));
      break;
    case 5:
    case 7:
      found.ints.push(...integersOf(field));
      break;
    case 6:
      found.texts.push(textOf(field));
      break;
    case 9:
      found.raw = bytesOf(field);
      break;
    case 10:
      found.doubles.push(...doublesOf(field));
      break;
    case 13:
    case 14:
      refuse('a tensor lies outside the file');
  }
}

function doublesOf({ field, bytes }: WireField): number[] {
  if (bytes.length % 8 !== 0) refuse(`field ${field} ends within a double`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 8 }, (_, at) => view.getFloat64(8 * at, true));
}

function dataOf(type: OnnxType, elements: number, found: TensorFields): OnnxTensor['data'] {
  const { raw, texts: words } = found;
  if (type === 'string') return checkCount(words, elements);
  if (!raw) return fieldData(type, elements, found);
  if (raw.length !== elements * typeBytes[type])
    refuse('a tensor has another length than its shape');
  return viewData(type, littleEndian(Uint8Array.from(raw), typeBytes[type]));
}

function checkCount<T extends { readonly length: number }>(values: T, elements: number): T {
  return values.length === elements
    ? values
    : refuse(`a tensor has ${values.length} values for ${elements} places`);
}

function fieldData(type: OnnxType, elements: number, found: TensorFields): OnnxTensor['data'] {
  switch (type) {
    case 'float':
      return Float32Array.from(checkCount(found.floats, elements));
    case 'double':
      return Float64Array.from(checkCount(found.doubles, elements));
    case 'int64':
      return BigInt64Array.from(checkCount(found.ints, elements));
    case 'int32':
      return Int32Array.from(checkCount(found.ints, elements), Number);
    default:
      return Uint8Array.from(checkCount(found.ints, elements), Number);
  }
}

function viewData(type: OnnxType, bytes: Uint8Array<ArrayBuffer>): OnnxTensor['data'] {
  switch (type) {
    case 'float':
      return new Float32Array(bytes.buffer);
    case 'double':
      return new Float64Array(bytes.buffer);
    case 'int64':
      return new BigInt64Array(bytes.buffer);
    case 'int32':
      return new Int32Array(bytes.buffer);
    default:
      return bytes;
  }
}

function readValue(bytes: Uint8Array): OnnxValue {
  let [name, type]: [string, OnnxType | undefined] = ['', undefined];
  let shape: (number | string)[] = [];
  for (const field of readFields(bytes, refuse)) {
    if (field.field === 1) name = textOf(field);
    if (field.field !== 2) continue;
    for (const kind of readFields(bytesOf(field), refuse)) {
      if (kind.field !== 1) refuse(`${name} is not a dense tensor`);
      for (const part of readFields(bytesOf(kind), refuse)) {
        if (part.field === 1) type = typeOfCode(Number(integerOf(part)));
        else if (part.field === 2) shape = readShape(bytesOf(part));
      }
    }
  }
  return { name, type: type ?? refuse(`${name} is of an unknown type`), shape };
}

function readShape(bytes: Uint8Array): (number | string)[] {
  const shape: (number | string)[] = [];
  for (const dimension of readFields(bytes, refuse)) {
    let size: number | string = '';
    for (const field of readFields(bytesOf(dimension), refuse)) {
      if (field.field === 1) size = Number(integerOf(field));
      else if (field.field === 2) size = textOf(field);
    }
    shape.push(size);
  }
  return shape;
}
