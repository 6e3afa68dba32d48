import { canonicalJson, type Json } from '@backlot/core';
import { BundleRefused } from './error.ts';
import {
  aligned,
  type ElementType,
  elementTypeOf,
  elementTypes,
  fromLittleEndian,
  littleEndian,
  type SectionEntry,
  type Tensor,
} from './tensor-bytes.ts';

/** A JSON header and named tensors in one byte string. */
export interface Container {
  readonly header: Readonly<Record<string, Json | undefined>>;
  readonly sections: ReadonlyMap<string, Tensor>;
}

const magic = Buffer.from('BKLTREC1', 'latin1');
const maxHeaderBytes = 4 * 2 ** 20;
const maxSections = 64;
const lengthBytes = 8;

/**
 * Lays a container out: magic, the header's length (32 bits, then 32 zero bits), the header in
 * canonical JSON with a list of the sections, then each section, all padded with zeros to 8 bytes.
 * The same content has the same bytes.
 */
export function encodeContainer({ header, sections }: Container): Uint8Array<ArrayBuffer> {
  const list = [...sections].map(([name, tensor]) => ({
    ...{ name, type: elementTypeOf(tensor), count: tensor.length },
  }));
  const text = Buffer.from(canonicalJson({ ...header, sections: list }), 'utf8');
  const start = aligned(magic.length + lengthBytes + text.byteLength);
  const total = [...sections.values()].reduce((sum, one) => sum + aligned(one.byteLength), start);
  const bytes = new Uint8Array(total);
  bytes.set(magic, 0);
  new DataView(bytes.buffer).setUint32(magic.length, text.byteLength, true);
  bytes.set(text, magic.length + lengthBytes);
  let at = start;
  for (const tensor of sections.values()) {
    bytes.set(littleEndian(tensor), at);
    at += aligned(tensor.byteLength);
  }
  return bytes;
}

/**
 * Reads a container, refusing whatever `encodeContainer` would not have written: another magic, a
 * header that is not canonical, unknown element types, lengths that do not add up to the last byte,
 * padding that is not zero. Nothing is allocated by a length that the bytes do not back.
 */
export function decodeContainer(bytes: Uint8Array): Container {
  const text = headerText(bytes);
  const { sections: list, ...header } = readHeader(text);
  const entries = readSectionList(list);
  let at = aligned(magic.length + lengthBytes + text.byteLength);
  mustBeZero(bytes, magic.length + lengthBytes + text.byteLength, at);
  const sections = new Map<string, Tensor>();
  for (const { name, type, count } of entries) {
    const length = count * elementTypes[type].BYTES_PER_ELEMENT;
    const end = at + aligned(length);
    if (end > bytes.byteLength)
      throw new BundleRefused(`section ${name}`, 'ends after the bytes do');
    mustBeZero(bytes, at + length, end);
    sections.set(name, fromLittleEndian(type, bytes.subarray(at, at + length)));
    at = end;
  }
  if (at !== bytes.byteLength)
    throw new BundleRefused('the end', 'has bytes that no section names');
  return { header, sections };
}

function headerText(bytes: Uint8Array): Uint8Array {
  const fixed = magic.length + lengthBytes;
  if (bytes.byteLength < fixed || !magic.equals(bytes.subarray(0, magic.length))) {
    throw new BundleRefused('the beginning', 'is not that of a recommender bundle');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(magic.length, true);
  mustBeZero(bytes, magic.length + 4, fixed);
  if (length > maxHeaderBytes)
    throw new BundleRefused('the header', `is over ${maxHeaderBytes} bytes`);
  if (aligned(fixed + length) > bytes.byteLength)
    throw new BundleRefused('the header', 'is cut off');
  return bytes.subarray(fixed, fixed + length);
}

function readHeader(bytes: Uint8Array): Record<string, Json | undefined> {
  let header: unknown;
  let canonical: string;
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  try {
    header = JSON.parse(text);
    canonical = canonicalJson(header);
  } catch (error) {
    throw new BundleRefused('the header', `is not JSON (${(error as Error).name})`);
  }
  // Duplicate keys, other number spellings and broken UTF-8 all fail to come back as they were.
  if (canonical !== text || !Buffer.from(text, 'utf8').equals(bytes)) {
    throw new BundleRefused('the header', 'is not in canonical form');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new BundleRefused('the header', 'is not an object');
  }
  return header as Record<string, Json | undefined>;
}

function readSectionList(list: Json | undefined): readonly SectionEntry[] {
  if (!Array.isArray(list) || list.length > maxSections) {
    throw new BundleRefused('the section list', `is not a list of at most ${maxSections}`);
  }
  const entries = list.map(readSectionEntry);
  if (new Set(entries.map(({ name }) => name)).size !== entries.length) {
    throw new BundleRefused('the section list', 'names a section twice');
  }
  return entries;
}

function readSectionEntry(entry: unknown): SectionEntry {
  const { name, type, count, ...rest } = (entry ?? {}) as Record<string, unknown>;
  const known = typeof type === 'string' && Object.hasOwn(elementTypes, type);
  const named = typeof name === 'string' && /^[a-z][A-Za-z]{0,39}$/.test(name);
  const counted = Number.isInteger(count) && (count as number) >= 0 && (count as number) <= 2 ** 31;
  if (!known || !named || !counted || Object.keys(rest).length > 0) {
    throw new BundleRefused('the section list', 'holds an entry of another shape');
  }
  return { name: name as string, type: type as ElementType, count: count as number };
}

function mustBeZero(bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    if (bytes[at] !== 0) throw new BundleRefused('the padding', 'is not zero');
  }
}
