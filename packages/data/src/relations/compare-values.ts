import type { ValueType } from '../column.ts';
import type { Value } from './functions/definition.ts';

/**
 * The order of two values of one type that are there: texts by their bytes in UTF-8, NaN equal to
 * itself and above every number, false before true; decimals, which are texts, by their `type`.
 * Below 0, 0 or above 0.
 */
export function compareValues(a: Value, b: Value, type?: ValueType): number {
  if (type === 'decimal') return compareValues(unscaled(a), unscaled(b));
  if (typeof a === 'string' && typeof b === 'string')
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  return x < y ? -1 : x > y ? 1 : 0;
}

/** A decimal as a whole number of its last digit; decimals of one column have one scale. */
export function unscaled(decimal: Value): bigint {
  return BigInt(String(decimal).replace('.', ''));
}
