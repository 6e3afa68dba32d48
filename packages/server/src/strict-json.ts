import type { Json } from '@backlot/core';
import { ServerError } from './error.ts';

/** Deepest nesting of arrays and objects that a request may hold. */
export const maxJsonDepth = 64;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * JSON as only one reading exists: UTF-8 without a mark, at most 64 levels deep, no key twice, no
 * `__proto__`, no lone surrogate, no number that a double cannot hold (an integer over 2^53 would be
 * another one after parsing). One scan finds what `JSON.parse` would let pass; the grammar itself
 * is left to `JSON.parse`.
 */
export function parseStrictJson(bytes: Uint8Array): Json {
  const text = decode(bytes);
  scan(text);
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw badJson('the body is not JSON');
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw badJson('the body is not UTF-8');
  }
}

function badJson(reason: string): ServerError {
  return new ServerError('badJson', reason, { place: 'body' });
}

const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Reads left to right; on text that is no JSON it may stop anywhere, since the parser refuses it. */
function scan(text: string): void {
  // The keys of each open object, and null for each open array.
  const open: (Set<string> | null)[] = [];
  let keyExpected = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === quote) {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (keyExpected && keys) checkKey(text, at, end, keys);
      else checkString(text, at, end);
      keyExpected = false;
      at = end;
    } else if (unit === openBrace || unit === openBracket) {
      if (open.length === maxJsonDepth) throw badJson(`the body nests over ${maxJsonDepth} levels`);
      keyExpected = unit === openBrace;
      open.push(keyExpected ? new Set() : null);
    } else if (unit === closeBrace || unit === closeBracket) {
      open.pop();
      keyExpected = false;
    } else if (unit === comma) {
      keyExpected = open.at(-1) !== null;
    } else if (unit === minus || isDigit(unit)) {
      at = endOfNumber(text, at) - 1;
    }
  }
}

/** The index of the closing quote. */
function endOfString(text: string, start: number): number {
  for (let from = start + 1; ; ) {
    const end = text.indexOf('"', from);
    if (end < 0) throw badJson('the body is not JSON');
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end;
    from = end + 1;
  }
}

function checkKey(text: string, start: number, end: number, keys: Set<string>): void {
  const key = checkString(text, start, end);
  if (key === '__proto__') throw badJson('the key __proto__ is not allowed');
  if (keys.has(key)) throw badJson('a key stands twice in one object');
  keys.add(key);
}

function checkString(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end);
  if (!inner.includes('\\')) return inner;
  let value: unknown;
  try {
    value = JSON.parse(`"${inner}"`);
  } catch {
    throw badJson('the body is not JSON');
  }
  if (!(value as string).isWellFormed()) throw badJson('a text holds half of a surrogate pair');
  return value as string;
}

/** The index after the number; one that a double cannot hold is refused. */
function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  let whole = true;
  for (; end < text.length; end++) {
    const unit = text.charCodeAt(end);
    if (isDigit(unit)) continue;
    if (!isNumberMark(unit)) break;
    whole = false;
  }
  if (whole && end - start < 16) return end;
  const value = Number(text.slice(start, end));
  if (!Number.isFinite(value)) throw badJson('a number is beyond the range of a double');
  if (whole && !Number.isSafeInteger(value)) throw badJson('an integer is beyond 2^53');
  return end;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** One of `.`, `e`, `E`, `+`, `-`. */
function isNumberMark(unit: number): boolean {
  return unit === 0x2e || unit === 0x65 || unit === 0x45 || unit === 0x2b || unit === 0x2d;
}
