import type { FeatureValue } from '../aggregates/aggregate.ts';
import { ValueTooLarge } from '../feature-error.ts';

/** What stands before each value: how it is written. */
const tags = {
  missing: 0,
  number: 1,
  text: 2,
  true: 3,
  false: 4,
  texts: 5,
  int64: 6,
  numbers: 7,
} as const;

/** Values one after another: numbers as float64, texts and lists with their length before them. */
export function encodeValues(values: readonly FeatureValue[]): Buffer {
  return Buffer.concat(values.map(encodeValue));
}

/** The values as they were given to `encodeValues`. */
export function decodeValues(bytes: Buffer): readonly FeatureValue[] {
  const values: FeatureValue[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at++]!;
    if (tag === tags.missing) values.push(null);
    else if (tag === tags.true || tag === tags.false) values.push(tag === tags.true);
    else if (tag === tags.number) {
      values.push(bytes.readDoubleLE(at));
      at += 8;
    } else {
      const end = at + 4 + bytes.readUInt32LE(at);
      const text = bytes.toString('utf8', at + 4, end);
      values.push(fromText(tag, text));
      at = end;
    }
  }
  return values;
}

/**
 * Writes encoded values as JSON behind a text, straight from their bytes. What JSON has no number for
 * is written as a text; an int64 as well, since readers of JSON keep 53 bits.
 */
export function appendJson(bytes: Buffer, start: number, end: number, before: string): string {
  let text = before;
  for (let at = start; at < end; ) {
    if (text !== '') text += ',';
    const tag = bytes[at++]!;
    if (tag === tags.number) {
      const value = bytes.readDoubleLE(at);
      text += Number.isFinite(value) ? value : `"${value}"`;
      at += 8;
    } else if (tag === tags.missing) text += 'null';
    else if (tag === tags.true || tag === tags.false) text += tag === tags.true;
    else {
      const to = at + 4 + bytes.readUInt32LE(at);
      const content = bytes.toString('utf8', at + 4, to);
      const list = tag === tags.texts || tag === tags.numbers;
      text += list ? content : JSON.stringify(content);
      at = to;
    }
  }
  return text;
}

function encodeValue(value: FeatureValue): Buffer {
  if (value === null) return Buffer.of(tags.missing);
  if (typeof value === 'boolean') return Buffer.of(value ? tags.true : tags.false);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes[0] = tags.number;
    bytes.writeDoubleLE(value, 1);
    return bytes;
  }
  if (typeof value === 'string') return lengthened(tags.text, value);
  if (typeof value === 'bigint') return lengthened(tags.int64, String(value));
  const numbers = typeof value[0] === 'number';
  return lengthened(numbers ? tags.numbers : tags.texts, JSON.stringify(value.map(inList)));
}

function lengthened(tag: number, text: string): Buffer {
  const content = Buffer.from(text);
  if (content.length > 1 << 20) throw new ValueTooLarge(content.length);
  const head = Buffer.alloc(5);
  head[0] = tag;
  head.writeUInt32LE(content.length, 1);
  return Buffer.concat([head, content]);
}

/** JSON has neither NaN nor infinities. */
function inList(item: string | number): string | number {
  return typeof item === 'number' && !Number.isFinite(item) ? String(item) : item;
}

function fromText(tag: number, text: string): FeatureValue {
  if (tag === tags.text) return text;
  if (tag === tags.int64) return BigInt(text);
  const items: (string | number)[] = JSON.parse(text);
  return tag === tags.numbers ? items.map(Number) : items;
}
