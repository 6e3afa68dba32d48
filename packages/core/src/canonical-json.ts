import { BacklotError } from './error.ts';

/** A value that JSON can say without loss. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** A value that JSON cannot say, met on the way to canonical form. */
export class NotCanonical extends BacklotError {
  constructor(place: string, what: string) {
    super({
      code: 'E-CORE-003',
      kind: 'usage',
      reason: `${what} at ${place} has no canonical JSON form`,
      place,
    });
  }
}

const maxDepth = 64;

/**
 * The one text of a JSON value: keys sorted by UTF-16 unit, numbers as ECMAScript prints them, no
 * white space (RFC 8785). Members that are `undefined` are left out; NaN, infinities, lone
 * surrogates, functions, bigints and anything with a prototype of its own are refused.
 *
 * @example
 * canonicalJson({ b: 1, a: [true, null] }); // '{"a":[true,null],"b":1}'
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$', 0);
}

function write(value: unknown, place: string, depth: number): string {
  if (depth > maxDepth) throw new NotCanonical(place, `a depth over ${maxDepth}`);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return writeNumber(value, place);
  if (typeof value === 'string') return writeString(value, place);
  if (Array.isArray(value)) {
    return `[${value.map((item, index) => write(item, `${place}[${index}]`, depth + 1)).join(',')}]`;
  }
  if (typeof value === 'object' && isPlain(value)) return writeObject(value, place, depth);
  throw new NotCanonical(place, `a ${typeof value}`);
}

function writeNumber(value: number, place: string): string {
  if (!Number.isFinite(value)) throw new NotCanonical(place, String(value));
  return JSON.stringify(value);
}

function writeString(value: string, place: string): string {
  if (!value.isWellFormed()) throw new NotCanonical(place, 'a lone surrogate');
  return JSON.stringify(value);
}

function writeObject(value: object, place: string, depth: number): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([key, member]) =>
        `${writeString(key, place)}:${write(member, `${place}.${key}`, depth + 1)}`,
    );
  return `{${members.join(',')}}`;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
