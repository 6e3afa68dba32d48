import type { NamedColumn } from '../contract.ts';
import { columnType } from '../contract.ts';
import type { RowFields } from '../sources/row-fields.ts';
import {
  BoolReader,
  DecimalReader,
  FloatReader,
  Int64Reader,
  IntReader,
} from './number-readers.ts';
import type { RowRule } from './rules.ts';
import { ListReader, OneOfReader, TextReader } from './text-readers.ts';
import { DateReader, TimestampReader } from './time-readers.ts';

/** A value as it is staged: lists as JSON text, decimals scaled, dates in days, times in micros. */
export type StageValue = string | number | bigint | boolean | null;

/** Checks one column's values, one at a time; what it read last stands in `value`. */
export interface ValueReader {
  value: StageValue;
  /** Reads a field that is there; answers the rule it breaks, if one. */
  read(fields: RowFields, column: number): RowRule | undefined;
  /** Takes a value that a Parquet file holds, already brought to the staged form. */
  take(value: StageValue): RowRule | undefined;
}

/** The reader of a column that is not the subject. */
export function valueReader(column: NamedColumn): ValueReader {
  switch (columnType(column)) {
    case 'text':
      return column.values ? new OneOfReader(column.values) : new TextReader(column);
    case 'int':
      return new IntReader(column);
    case 'int64':
      return new Int64Reader(column);
    case 'float':
      return new FloatReader(column);
    case 'decimal':
      return new DecimalReader(column);
    case 'bool':
      return new BoolReader();
    case 'date':
      return new DateReader(column);
    case 'timestamp':
      return new TimestampReader(column);
    case 'texts':
    case 'numbers':
      return new ListReader(column);
  }
}
