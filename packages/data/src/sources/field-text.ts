import { isUtf8 } from 'node:buffer';
import type { RowRule } from '../deliveries/rules.ts';
import { fieldForms, type RowFields } from './row-fields.ts';

/** A field's text; else the rule that its bytes break. */
export class FieldText {
  /** The text read last. */
  text = '';
  /** Whether it held nothing beyond ASCII. */
  ascii = true;
  /** Whether it held control characters, NUL included. */
  control = false;

  /** Reads a field that should be text; answers the rule it breaks, if one. */
  read(fields: RowFields, column: number): RowRule | undefined {
    const { bytes } = fields;
    const start = fields.starts[column]!;
    const end = fields.ends[column]!;
    const form = fields.forms[column]!;
    this.#look(bytes, start, end);
    if (form === fieldForms.escaped) return this.#escaped(bytes, start, end);
    if (this.ascii) this.text = bytes.toString('latin1', start, end);
    else if (isUtf8(bytes.subarray(start, end))) this.text = bytes.toString('utf8', start, end);
    else return 'not-utf8';
    if (form === fieldForms.doubled) this.text = this.text.replaceAll('""', '"');
    return undefined;
  }

  /** Takes a text that is already one. */
  take(text: string): RowRule | undefined {
    if (!text.isWellFormed()) return 'lone-surrogate';
    this.text = text;
    this.ascii = false;
    this.control = /\p{Cc}/u.test(text);
    return undefined;
  }

  #look(bytes: Buffer, start: number, end: number): void {
    let seen = 0;
    let control = false;
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      seen |= byte;
      if (byte < 32 || byte === 127) control = true;
    }
    this.ascii = seen < 128;
    this.control = control;
  }

  #escaped(bytes: Buffer, start: number, end: number): RowRule | undefined {
    if (!this.ascii && !isUtf8(bytes.subarray(start, end))) return 'not-utf8';
    const decoded = decodeJsonText(bytes, start, end);
    return decoded === undefined ? 'not-json' : this.take(decoded);
  }
}

/** The text of a JSON string's inside, or `undefined` when its escapes are wrong. */
export function decodeJsonText(bytes: Buffer, start: number, end: number): string | undefined {
  try {
    // A string literal alone: nothing to nest, no keys, at most the row's limit in bytes.
    return JSON.parse(`"${bytes.toString('utf8', start, end)}"`) as string;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
