import { columnType, type NamedColumn } from '../contract.ts';
import { quoteText } from '../duckdb/session.ts';
import { parseDate, parseTimestamp } from '../time.ts';

/**
 * A column's check in SQL, over a whole part at once. It is sound, not complete: where `good` is
 * true the reader of single values takes the very same value; all else that reader looks at itself.
 */
interface CheckedColumn {
  /** The staged value, of `r`: a field's text or what a Parquet file holds. */
  readonly value: string;
  /** Whether it is surely good, of `r` and of `x`, the staged value. */
  readonly good: string;
}

const never = { value: 'NULL', good: 'false' };

/** The check of a column that is read as text, of `r`, the field. */
export function textCheck(column: NamedColumn, r: string, x: string): CheckedColumn {
  const range = rangeTest(column, x);
  const matches = (pattern: string): string => `regexp_full_match(${r}, ${quoteText(pattern)})`;
  switch (columnType(column)) {
    case 'text':
      return { value: r, good: textTest(column, r) };
    case 'int':
    case 'int64':
      return {
        value: `TRY_CAST(${r} AS BIGINT)`,
        good: `${matches('-?[1-9][0-9]{0,18}|0')} AND ${range}`,
      };
    case 'float':
      return {
        value: `TRY_CAST(${r} AS DOUBLE) + 0.0`,
        good: `length(${r}) <= 40 AND ${matches('-?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?')} AND ${range}`,
      };
    case 'decimal':
      return decimalCheck(column, r, range);
    case 'bool':
      return { value: `${r} = 'true'`, good: `${r} IN ('true', 'false')` };
    case 'date':
      return {
        value: `CAST(date_diff('day', DATE '1970-01-01', TRY_CAST(${r} AS DATE)) AS INTEGER)`,
        good: `${matches('[0-9]{4}-[0-9]{2}-[0-9]{2}')} AND ${range}`,
      };
    case 'timestamp':
      return {
        value: `epoch_us(TRY_CAST(${r} AS TIMESTAMP))`,
        good: `${matches(moment)} AND ${range}`,
      };
    default:
      return never;
  }
}

const moment =
  '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?Z';

function decimalCheck(column: NamedColumn, r: string, range: string): CheckedColumn {
  const scale = column.scale ?? 0;
  const places = scale > 0 ? `(?:\\.[0-9]{1,${scale}}0*)?` : '(?:\\.0+)?';
  const type = `DECIMAL(18,${scale})`;
  return {
    // A product has the width of what it is made of: in 18 digits ordinary values would overflow.
    value: `CAST(CAST(TRY_CAST(${r} AS ${type}) AS DECIMAL(38,${scale})) * ${10 ** scale} AS BIGINT)`,
    good: `length(${r}) <= 40 AND regexp_full_match(${r}, '-?(?:0|[1-9][0-9]*)${places}') AND ${range}`,
  };
}

/** The check of a column that a Parquet file holds, `r` being the staged value already. */
export function valueCheck(column: NamedColumn, r: string, x: string): CheckedColumn {
  const type = columnType(column);
  if (type === 'text') return { value: r, good: textTest(column, r) };
  if (type === 'bool') return { value: r, good: `${r} IS NOT NULL` };
  if (type === 'texts' || type === 'numbers') return { value: r, good: 'false' };
  return { value: type === 'float' ? `${r} + 0.0` : r, good: rangeTest(column, x) };
}

/** Identifiers of visible ASCII are surely good; others are looked at one by one. */
function textTest(column: NamedColumn, r: string): string {
  if (column.values) return `${r} IN (${column.values.map(quoteText).join(', ')})`;
  const short = `length(${r}) <= ${column.maxLength ?? Number.MAX_SAFE_INTEGER}`;
  return column.kind === 'key' || column.kind === 'subject'
    ? `${short} AND regexp_full_match(${r}, '[ -~]+')`
    : `${short} AND NOT contains(${r}, chr(0))`;
}

const safe = Number.MAX_SAFE_INTEGER;

function rangeTest(column: NamedColumn, x: string): string {
  const { min, max } = column;
  switch (columnType(column)) {
    case 'int':
      return between(
        x,
        `${Math.max(Number(min ?? -safe), -safe)}`,
        `${Math.min(Number(max ?? safe), safe)}`,
      );
    case 'int64':
      return between(
        x,
        hugeint(min ?? '-9223372036854775808'),
        hugeint(max ?? '9223372036854775807'),
      );
    case 'float':
      return `isfinite(${x})${bound(min, '>=')}${bound(max, '<=')}`;
    case 'decimal':
      return between(x, scaled(column, min, '-'), scaled(column, max, ''));
    case 'date':
      return between(
        x,
        String(parseDate(String(min)) ?? -1e9),
        String(parseDate(String(max)) ?? 1e9),
      );
    default:
      return between(
        x,
        String(parseTimestamp(String(min)) ?? -9e15),
        String(parseTimestamp(String(max)) ?? 9e15),
      );
  }
  function bound(limit: number | string | undefined, sign: string): string {
    return limit === undefined ? '' : ` AND ${x} ${sign} CAST('${limit}' AS DOUBLE)`;
  }
}

function between(x: string, low: string, high: string): string {
  return `${x} BETWEEN ${low} AND ${high}`;
}

function hugeint(value: number | string): string {
  return `CAST('${value}' AS HUGEINT)`;
}

/** A decimal bound as a whole number of the least unit; the widest where none is given. */
function scaled(column: NamedColumn, limit: number | string | undefined, sign: string): string {
  const scale = column.scale ?? 0;
  if (limit === undefined) return `CAST('${sign}999999999999999999' AS BIGINT)`;
  const [whole = '0', places = ''] = String(limit).split('.');
  // A bound finer than the scale is not told exactly here: nothing is surely good then.
  if (places.replace(/0+$/, '').length > scale) return 'NULL';
  return hugeint(`${whole}${places.slice(0, scale).padEnd(scale, '0')}`);
}
