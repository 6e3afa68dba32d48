import type { ColumnData } from '../column.ts';
import { FieldText } from '../sources/field-text.ts';
import { JsonScan } from '../sources/json-scan.ts';
import { fieldForms, type RowFields } from '../sources/row-fields.ts';
import type { RowRule } from './rules.ts';
import type { StageValue } from './value-reader.ts';

function isText(form: number): boolean {
  return (
    form === fieldForms.bare ||
    form === fieldForms.text ||
    form === fieldForms.doubled ||
    form === fieldForms.escaped
  );
}

/** Control, format (zero-width, direction) and line-separating characters. */
const hidden = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

/** Texts and identifiers. */
export class TextReader {
  value: StageValue = null;
  readonly #field = new FieldText();
  readonly #maxLength: number;
  readonly #identifier: boolean;

  constructor(column: ColumnData) {
    this.#maxLength = column.maxLength ?? Number.MAX_SAFE_INTEGER;
    this.#identifier = column.kind === 'key' || column.kind === 'subject';
  }

  read(fields: RowFields, column: number): RowRule | undefined {
    const form = fields.forms[column]!;
    // An identifier that JSON writes as a number is its digits; a fraction or exponent is none.
    const digits = this.#identifier && form === fieldForms.number;
    if (!digits && !isText(form)) return 'wrong-type';
    const broken = this.#field.read(fields, column);
    if (broken) return broken;
    if (digits && !/^-?\d+$/.test(this.#field.text)) return 'wrong-type';
    return this.#check();
  }

  take(value: StageValue): RowRule | undefined {
    if (typeof value !== 'string') return 'wrong-type';
    return this.#field.take(value) ?? this.#check();
  }

  #check(): RowRule | undefined {
    const { text, ascii, control } = this.#field;
    if (control && text.includes('\0')) return 'nul-character';
    if (text.length > this.#maxLength && (ascii || [...text].length > this.#maxLength)) {
      return 'too-long';
    }
    if (this.#identifier) {
      if (text === '') return 'missing';
      if (control || (!ascii && hidden.test(text))) return 'hidden-character';
      if (!ascii && text.normalize('NFC') !== text) return 'not-normalised';
    }
    this.value = text;
    return undefined;
  }
}

/** One of the texts that the contract lists. */
export class OneOfReader {
  value: StageValue = null;
  readonly #field = new FieldText();
  readonly #values: ReadonlySet<string>;

  constructor(values: readonly string[]) {
    this.#values = new Set(values);
  }

  read(fields: RowFields, column: number): RowRule | undefined {
    if (!isText(fields.forms[column]!)) return 'wrong-type';
    return this.#field.read(fields, column) ?? this.take(this.#field.text);
  }

  take(value: StageValue): RowRule | undefined {
    if (typeof value !== 'string') return 'wrong-type';
    if (!this.#values.has(value)) return 'not-in-list';
    this.value = value;
    return undefined;
  }
}

/** Lists of texts or of finite numbers: a JSON array, in CSV as a field's text. Staged as JSON. */
export class ListReader {
  value: StageValue = null;
  readonly #field = new FieldText();
  readonly #scan = new JsonScan();
  readonly #column: ColumnData;

  constructor(column: ColumnData) {
    this.#column = column;
  }

  read(fields: RowFields, column: number): RowRule | undefined {
    const form = fields.forms[column]!;
    if (form !== fieldForms.array && !isText(form)) return 'wrong-type';
    return this.#field.read(fields, column) ?? this.take(this.#field.text);
  }

  take(value: StageValue): RowRule | undefined {
    if (typeof value !== 'string') return 'wrong-type';
    const bytes = Buffer.from(value);
    this.#scan.reset(bytes, 0, bytes.length);
    // The scan bounds the depth before anything is built.
    if (!this.#scan.value()) return this.#scan.fault;
    if (this.#scan.form !== fieldForms.array) return 'wrong-type';
    if (this.#scan.peek() >= 0) return 'not-json';
    return this.#items(value);
  }

  #items(json: string): RowRule | undefined {
    let items: unknown;
    try {
      items = JSON.parse(json);
    } catch (error) {
      if (error instanceof SyntaxError) return 'not-json';
      throw error;
    }
    if (!Array.isArray(items)) return 'wrong-type';
    if (items.length > (this.#column.maxItems ?? items.length)) return 'too-many-items';
    for (const item of items) {
      const broken = this.#column.kind === 'texts' ? this.#textRule(item) : numberRule(item);
      if (broken) return broken;
    }
    // Adding zero makes a negative zero one of no sign.
    this.value = JSON.stringify(items.map((item) => (typeof item === 'number' ? item + 0 : item)));
    return undefined;
  }

  #textRule(item: unknown): RowRule | undefined {
    if (typeof item !== 'string') return 'wrong-type';
    if (!item.isWellFormed()) return 'lone-surrogate';
    if (item.includes('\0')) return 'nul-character';
    const most = this.#column.maxLength ?? item.length;
    return item.length > most && [...item].length > most ? 'too-long' : undefined;
  }
}

function numberRule(item: unknown): RowRule | undefined {
  if (typeof item !== 'number') return 'wrong-type';
  return Number.isFinite(item) ? undefined : 'not-finite';
}
