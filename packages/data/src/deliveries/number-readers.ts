import type { ColumnData } from '../column.ts';
import { fieldForms, type RowFields } from '../sources/row-fields.ts';
import type { RowRule } from './rules.ts';
import type { StageValue } from './value-reader.ts';

/** Whether the field's bytes are the digits themselves. */
function isPlain(form: number): boolean {
  return form === fieldForms.bare || form === fieldForms.number || form === fieldForms.text;
}

const minus = 45;

/** Whether bytes are a whole number in its one plain writing; `-0` is none. */
function isInteger(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  if (bytes[at] === minus) at++;
  if (at >= end || (bytes[at] === 48 && end - start > 1)) return false;
  for (; at < end; at++) if (bytes[at]! < 48 || bytes[at]! > 57) return false;
  return true;
}

/** The number of at most 15 digits, which a double holds exactly. */
function smallInteger(bytes: Buffer, start: number, end: number): number {
  const negative = bytes[start] === minus;
  let value = 0;
  for (let at = negative ? start + 1 : start; at < end; at++) value = value * 10 + bytes[at]! - 48;
  return negative ? -value : value;
}

const exactDigits = 15;

/** Whole numbers that JavaScript holds exactly. */
export class IntReader {
  value: StageValue = null;
  readonly #min: number;
  readonly #max: number;

  constructor(column: ColumnData) {
    this.#min = Number(column.min);
    this.#max = Number(column.max);
  }

  read(fields: RowFields, column: number): RowRule | undefined {
    const start = fields.starts[column]!;
    const end = fields.ends[column]!;
    if (!isPlain(fields.forms[column]!)) return 'wrong-type';
    if (!isInteger(fields.bytes, start, end)) return 'not-an-integer';
    if (end - start <= exactDigits) return this.#check(smallInteger(fields.bytes, start, end));
    // Beyond 2^53 the nearest double may be another number: the bounds are checked on the double,
    // which is exact wherever both bounds are, and only then is it kept.
    return end - start > 20
      ? bigRule(fields.bytes[start])
      : this.take(BigInt(fields.bytes.toString('latin1', start, end)));
  }

  take(value: StageValue): RowRule | undefined {
    if (typeof value !== 'bigint') return 'wrong-type';
    if (value > Number.MAX_SAFE_INTEGER) return 'above-max';
    if (value < Number.MIN_SAFE_INTEGER) return 'below-min';
    return this.#check(Number(value));
  }

  #check(value: number): RowRule | undefined {
    if (value < this.#min) return 'below-min';
    if (value > this.#max) return 'above-max';
    this.value = BigInt(value);
    return undefined;
  }
}

function bigRule(first: number | undefined): RowRule {
  return first === minus ? 'below-min' : 'above-max';
}

/** Whole numbers of 64 bits. */
export class Int64Reader {
  value: StageValue = null;
  readonly #min: bigint;
  readonly #max: bigint;

  constructor(column: ColumnData) {
    this.#min = BigInt(column.min ?? '-9223372036854775808');
    this.#max = BigInt(column.max ?? '9223372036854775807');
  }

  read(fields: RowFields, column: number): RowRule | undefined {
    const start = fields.starts[column]!;
    const end = fields.ends[column]!;
    if (!isPlain(fields.forms[column]!)) return 'wrong-type';
    if (!isInteger(fields.bytes, start, end)) return 'not-an-integer';
    if (end - start > 20) return bigRule(fields.bytes[start]);
    return this.take(BigInt(fields.bytes.toString('latin1', start, end)));
  }

  take(value: StageValue): RowRule | undefined {
    if (typeof value !== 'bigint') return 'wrong-type';
    if (value < this.#min) return 'below-min';
    if (value > this.#max) return 'above-max';
    this.value = value;
    return undefined;
  }
}

const numberText = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;
const notFinite = /^[-+]?(?:nan|inf|infinity)$/i;
const longestNumber = 400;

/** Finite doubles. Negative zero is stored as zero, for engines tell them apart in some places only. */
export class FloatReader {
  value: StageValue = null;
  readonly #min: number;
  readonly #max: number;

  constructor(column: ColumnData) {
    this.#min = column.min === undefined ? -Infinity : Number(column.min);
    this.#max = column.max === undefined ? Infinity : Number(column.max);
  }

  read(fields: RowFields, column: number): RowRule | undefined {
    const start = fields.starts[column]!;
    const end = fields.ends[column]!;
    if (!isPlain(fields.forms[column]!)) return 'wrong-type';
    if (end - start <= exactDigits && isInteger(fields.bytes, start, end)) {
      return this.take(smallInteger(fields.bytes, start, end));
    }
    if (end - start > longestNumber) return 'not-a-number';
    const text = fields.bytes.toString('latin1', start, end);
    if (numberText.test(text)) return this.take(Number(text));
    return notFinite.test(text) ? 'not-finite' : 'not-a-number';
  }

  take(value: StageValue): RowRule | undefined {
    if (typeof value !== 'number') return 'wrong-type';
    if (!Number.isFinite(value)) return 'not-finite';
    if (value < this.#min) return 'below-min';
    if (value > this.#max) return 'above-max';
    this.value = value + 0;
    return undefined;
  }
}

const decimalText = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/;

/** Decimals, exactly: the value staged is scaled by ten to the power of `scale`. */
export class DecimalReader {
  value: StageValue = null;
  readonly #scale: number;
  readonly #min: bigint;
  readonly #max: bigint;

  constructor(column: ColumnData) {
    this.#scale = column.scale ?? 0;
    const most = 10n ** 18n - 1n;
    this.#min = column.min === undefined ? -most : (this.#scaled(String(column.min)) ?? -most);
    this.#max = column.max === undefined ? most : (this.#scaled(String(column.max)) ?? most);
  }

  read(fields: RowFields, column: number): RowRule | undefined {
    const start = fields.starts[column]!;
    const end = fields.ends[column]!;
    if (!isPlain(fields.forms[column]!)) return 'wrong-type';
    if (end - start > longestNumber) return 'not-a-number';
    const text = fields.bytes.toString('latin1', start, end);
    if (!decimalText.test(text)) return notFinite.test(text) ? 'not-finite' : 'not-a-number';
    const scaled = this.#scaled(text);
    return scaled === undefined ? 'too-many-decimals' : this.take(scaled);
  }

  take(value: StageValue): RowRule | undefined {
    if (typeof value !== 'bigint') return 'wrong-type';
    if (value < this.#min) return 'below-min';
    if (value > this.#max) return 'above-max';
    this.value = value;
    return undefined;
  }

  #scaled(text: string): bigint | undefined {
    const [, sign = '', whole = '0', places = ''] = decimalText.exec(text) ?? [];
    const fraction = places.replace(/0+$/, '');
    if (fraction.length > this.#scale) return undefined;
    return BigInt(`${sign}${whole}${fraction.padEnd(this.#scale, '0')}`);
  }
}

/** `true` and `false`, nothing else. */
export class BoolReader {
  value: StageValue = null;

  read(fields: RowFields, column: number): RowRule | undefined {
    const form = fields.forms[column]!;
    if (form === fieldForms.yes || form === fieldForms.no)
      return this.take(form === fieldForms.yes);
    if (!isPlain(form) || form === fieldForms.number) return 'wrong-type';
    const text = fields.bytes.toString(
      'latin1',
      fields.starts[column]!,
      Math.min(fields.ends[column]!, fields.starts[column]! + 6),
    );
    if (text === 'true' || text === 'false') return this.take(text === 'true');
    return 'not-a-boolean';
  }

  take(value: StageValue): RowRule | undefined {
    if (typeof value !== 'boolean') return 'wrong-type';
    this.value = value;
    return undefined;
  }
}
