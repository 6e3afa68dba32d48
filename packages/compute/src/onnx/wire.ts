/** The bytes of a protocol buffer message, field by field. */
export class WireWriter {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  #push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  #varint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    const bytes: number[] = [];
    while (rest >= 0x80n) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.#push(Uint8Array.from(bytes));
  }

  #tag(field: number, wire: number): void {
    this.#varint(BigInt(field * 8 + wire));
  }

  integer(field: number, value: number | bigint): void {
    this.#tag(field, 0);
    this.#varint(BigInt(value));
  }

  float(field: number, value: number): void {
    this.#tag(field, 5);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#push(bytes);
  }

  /** Many floats in one field. */
  floats(field: number, values: ArrayLike<number>): void {
    const bytes = new Uint8Array(4 * values.length);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < values.length; at++) view.setFloat32(4 * at, values[at]!, true);
    this.bytes(field, bytes);
  }

  /** Many integers in one field. */
  integers(field: number, values: readonly (number | bigint)[]): void {
    const packed = new WireWriter();
    for (const value of values) packed.#varint(BigInt(value));
    this.message(field, packed);
  }

  text(field: number, value: string): void {
    this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, 2);
    this.#varint(BigInt(value.length));
    this.#push(value);
  }

  /** Another message inside this one. */
  message(field: number, value: WireWriter): void {
    this.#tag(field, 2);
    this.#varint(BigInt(value.#length));
    for (const chunk of value.#chunks) this.#push(chunk);
  }

  finish(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}

/** One field as it was read: an integer, the raw bytes of a fixed number, or a run of bytes. */
export interface WireField {
  readonly field: number;
  readonly wire: 0 | 1 | 2 | 5;
  readonly integer: bigint;
  readonly bytes: Uint8Array;
}

const none = new Uint8Array(0);

/** The fields of a message, in order; calls `refuse` for bytes that are none, which must throw. */
export function* readFields(
  bytes: Uint8Array,
  refuse: (reason: string) => never,
): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) return refuse('it is cut off');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return refuse('a number is longer than 64 bits');
  };
  const take = (length: bigint): Uint8Array => {
    if (length > BigInt(bytes.length - at)) return refuse('it is cut off');
    at += Number(length);
    return bytes.subarray(at - Number(length), at);
  };
  while (at < bytes.length) {
    const tag = varint();
    const wire = Number(tag & 7n);
    const field = Number(tag >> 3n);
    if (wire === 0) yield { field, wire, integer: varint(), bytes: none };
    else if (wire === 1) yield { field, wire, integer: 0n, bytes: take(8n) };
    else if (wire === 5) yield { field, wire, integer: 0n, bytes: take(4n) };
    else if (wire === 2) yield { field, wire, integer: 0n, bytes: take(varint()) };
    else refuse(`field ${field} has the unknown wire type ${wire}`);
  }
}

/** The integers of a packed field. */
export function readIntegers(bytes: Uint8Array, refuse: (reason: string) => never): bigint[] {
  const found: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    if (shift > 63n) refuse('a number is longer than 64 bits');
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) continue;
    found.push(BigInt.asIntN(64, value));
    value = 0n;
    shift = 0n;
  }
  if (shift > 0n) refuse('a number is cut off');
  return found;
}
