/** Everything in a bundle starts at a multiple of this, so that tensors are read where they lie. */
const alignment = 8;

/** The element types a section may have. */
export const elementTypes = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

export type ElementType = keyof typeof elementTypes;
export type Tensor =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** Where a section lies: its offset is what came before it, rounded up to the alignment. */
export interface SectionEntry {
  readonly name: string;
  readonly type: ElementType;
  /** The number of elements. */
  readonly count: number;
}

/** The element type of an array. */
export function elementTypeOf(tensor: Tensor): ElementType {
  if (tensor instanceof Uint8Array) return 'u8';
  if (tensor instanceof Uint16Array) return 'u16';
  if (tensor instanceof Uint32Array) return 'u32';
  if (tensor instanceof Int32Array) return 'i32';
  return tensor instanceof Float32Array ? 'f32' : 'f64';
}

/** Rounds a length in bytes up to the alignment. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** The elements' bytes, little-endian on every machine. */
export function littleEndian(tensor: Tensor): Uint8Array {
  const bytes = new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength);
  return machineIsLittle ? bytes : swapped(bytes, tensor.BYTES_PER_ELEMENT);
}

/** Elements from little-endian bytes; a view where the machine and the alignment allow it. */
export function fromLittleEndian(type: ElementType, bytes: Uint8Array): Tensor {
  const make = elementTypes[type];
  const size = make.BYTES_PER_ELEMENT;
  const inPlace = machineIsLittle && bytes.byteOffset % size === 0;
  const own = inPlace ? bytes : machineIsLittle ? Uint8Array.from(bytes) : swapped(bytes, size);
  return new make(own.buffer as ArrayBuffer, own.byteOffset, own.byteLength / size);
}

const machineIsLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const out = Uint8Array.from(bytes);
  for (let at = 0; at < out.length; at += size) out.subarray(at, at + size).reverse();
  return out;
}
