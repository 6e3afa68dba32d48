import type { ColumnData, EpochUnit } from '../column.ts';
import { FieldText } from '../sources/field-text.ts';
import { fieldForms, type RowFields } from '../sources/row-fields.ts';
import { parseDate, parseTimestamp } from '../time.ts';
import type { RowRule } from './rules.ts';
import type { StageValue } from './value-reader.ts';

function isText(form: number): boolean {
  return form === fieldForms.bare || form === fieldForms.text;
}

const longestTime = 40;

/** Days, staged as days since 1970. */
export class DateReader {
  value: StageValue = null;
  readonly #min: number;
  readonly #max: number;

  constructor(column: ColumnData) {
    this.#min = parseDate(String(column.min)) ?? -Infinity;
    this.#max = parseDate(String(column.max)) ?? Infinity;
  }

  read(fields: RowFields, column: number): RowRule | undefined {
    const start = fields.starts[column]!;
    const end = fields.ends[column]!;
    if (!isText(fields.forms[column]!)) return 'wrong-type';
    if (end - start !== 10) return 'not-a-date';
    return this.take(parseDate(fields.bytes.toString('latin1', start, end)) ?? NaN);
  }

  take(value: StageValue): RowRule | undefined {
    if (typeof value !== 'number') return 'wrong-type';
    if (Number.isNaN(value)) return 'not-a-date';
    if (value < this.#min) return 'below-min';
    if (value > this.#max) return 'above-max';
    this.value = value;
    return undefined;
  }
}

const epochMicros: Readonly<Record<EpochUnit, number>> = { s: 1_000_000, ms: 1_000, us: 1 };

/** Moments, staged as microseconds since 1970, UTC. */
export class TimestampReader {
  value: StageValue = null;
  readonly #field = new FieldText();
  readonly #min: number;
  readonly #max: number;
  readonly #unitMicros: number | undefined;

  constructor(column: ColumnData) {
    this.#min = parseTimestamp(String(column.min)) ?? -Infinity;
    this.#max = parseTimestamp(String(column.max)) ?? Infinity;
    this.#unitMicros = column.epoch && epochMicros[column.epoch];
  }

  read(fields: RowFields, column: number): RowRule | undefined {
    const form = fields.forms[column]!;
    if (!isText(form) && form !== fieldForms.number) return 'wrong-type';
    if (fields.ends[column]! - fields.starts[column]! > longestTime) return 'not-a-timestamp';
    const broken = this.#field.read(fields, column);
    if (broken) return broken;
    const { text } = this.#field;
    const micros = form === fieldForms.number ? undefined : parseTimestamp(text);
    if (micros !== undefined) return this.#check(micros);
    if (this.#unitMicros === undefined || !/^-?\d{1,16}$/.test(text)) return 'not-a-timestamp';
    return this.#check(Number(text) * this.#unitMicros);
  }

  take(value: StageValue): RowRule | undefined {
    return typeof value === 'bigint' ? this.#check(Number(value)) : 'wrong-type';
  }

  #check(micros: number): RowRule | undefined {
    if (micros < this.#min) return 'below-min';
    if (micros > this.#max) return 'above-max';
    this.value = BigInt(micros);
    return undefined;
  }
}
