import type { RowRule } from '../deliveries/rules.ts';
import { type FieldForm, fieldForms } from './row-fields.ts';

/** Why bytes are not JSON that we take. */
type JsonFault = Extract<RowRule, 'not-json' | 'too-deep'>;

const maxDepth = 64;
const quote = 34;
const backslash = 92;

/**
 * Walks over JSON in bytes without building values: numbers keep their digits, keys never become
 * properties, and depth is bounded. After `value`, `form`, `start` and `end` tell what was found.
 */
export class JsonScan {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  to = 0;
  form: FieldForm = fieldForms.absent;
  /** The value's bytes; inside the quotes for a string, brackets included for lists and objects. */
  start = 0;
  end = 0;
  fault: JsonFault | undefined;

  reset(bytes: Buffer, from: number, to: number): void {
    this.bytes = bytes;
    this.at = from;
    this.to = to;
    this.fault = undefined;
  }

  /** The next byte that is not white space, or -1; not consumed. */
  peek(): number {
    const { bytes, to } = this;
    let at = this.at;
    while (at < to) {
      const byte = bytes[at]!;
      if (byte !== 32 && byte !== 9 && byte !== 13 && byte !== 10) {
        this.at = at;
        return byte;
      }
      at++;
    }
    this.at = at;
    return -1;
  }

  /** Consumes a byte that must come next. */
  expect(byte: number): boolean {
    if (this.peek() !== byte) return this.#broken('not-json');
    this.at++;
    return true;
  }

  /** Consumes a string; `start` and `end` are inside its quotes. */
  string(): boolean {
    if (!this.expect(quote)) return false;
    const { bytes, to } = this;
    let at = this.at;
    this.form = fieldForms.text;
    this.start = at;
    for (; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === quote) break;
      if (byte === backslash) {
        this.form = fieldForms.escaped;
        at++;
      } else if (byte < 32) return this.#broken('not-json');
    }
    if (at >= to) return this.#broken('not-json');
    this.end = at;
    this.at = at + 1;
    return true;
  }

  /** Consumes any value. */
  value(): boolean {
    const byte = this.peek();
    if (byte === quote) return this.string();
    if (byte === 91 || byte === 123) return this.#nested(byte);
    if (byte === 45 || (byte >= 48 && byte <= 57)) return this.#number();
    if (byte === 116) return this.#word('true', fieldForms.yes);
    if (byte === 102) return this.#word('false', fieldForms.no);
    if (byte === 110) return this.#word('null', fieldForms.absent);
    return this.#broken('not-json');
  }

  #word(word: string, form: FieldForm): boolean {
    const end = this.at + word.length;
    if (end > this.to || this.bytes.toString('latin1', this.at, end) !== word)
      return this.#broken('not-json');
    this.form = form;
    this.start = this.at;
    this.end = end;
    this.at = end;
    return true;
  }

  #number(): boolean {
    const { bytes, to } = this;
    const start = this.at;
    let at = start;
    while (at < to && isNumberByte(bytes[at]!)) at++;
    this.form = fieldForms.number;
    this.start = start;
    this.end = at;
    this.at = at;
    return isJsonNumber(bytes, start, at) || this.#broken('not-json');
  }

  /** Consumes a list or an object; its members are checked, not kept. */
  #nested(open: number): boolean {
    const start = this.at;
    const closers: number[] = [];
    do {
      if (!this.#step(closers)) return false;
      if (closers.length > maxDepth) return this.#broken('too-deep');
    } while (closers.length > 0);
    this.form = open === 91 ? fieldForms.array : fieldForms.object;
    this.start = start;
    this.end = this.at;
    return true;
  }

  /** One opening bracket or scalar, and all that closes after it. */
  #step(closers: number[]): boolean {
    const byte = this.peek();
    if (byte === 91 || byte === 123) {
      closers.push(byte + 2);
      this.at++;
      if (this.peek() !== byte + 2) return byte === 91 || this.#key();
    } else if (!this.value()) return false;
    return this.#close(closers);
  }

  #close(closers: number[]): boolean {
    while (closers.length > 0) {
      const byte = this.peek();
      if (byte === closers.at(-1)) {
        closers.pop();
        this.at++;
      } else {
        if (!this.expect(44)) return false;
        return closers.at(-1) === 93 || this.#key();
      }
    }
    return true;
  }

  #key(): boolean {
    return this.string() && this.expect(58);
  }

  #broken(fault: JsonFault): false {
    this.fault ??= fault;
    return false;
  }
}

function isNumberByte(byte: number): boolean {
  return (
    (byte >= 48 && byte <= 57) || byte === 45 || byte === 43 || byte === 46 || (byte | 32) === 101
  );
}

/** RFC 8259, section 6. */
function isJsonNumber(bytes: Buffer, from: number, to: number): boolean {
  let at = from;
  if (bytes[at] === 45) at++;
  const whole = digitsEnd(bytes, at, to);
  if (whole === at || (bytes[at] === 48 && whole > at + 1)) return false;
  at = whole;
  if (at < to && bytes[at] === 46) {
    const places = digitsEnd(bytes, at + 1, to);
    if (places === at + 1) return false;
    at = places;
  }
  if (at < to && (bytes[at]! | 32) === 101) {
    at++;
    if (bytes[at] === 45 || bytes[at] === 43) at++;
    const exponent = digitsEnd(bytes, at, to);
    if (exponent === at) return false;
    at = exponent;
  }
  return at === to;
}

function digitsEnd(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! >= 48 && bytes[at]! <= 57) at++;
  return at;
}
