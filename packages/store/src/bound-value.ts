import { assert, BacklotError } from '@backlot/core';
import type { SqlValue } from './metadata.ts';

/** A text that not every database can keep as it is. */
export class TextNotStorable extends BacklotError {
  constructor(what: string) {
    super({
      code: 'E-STORE-011',
      kind: 'usage',
      reason: `a text holds ${what}, which no metadata can keep`,
      mend: 'remove it from the text, or store the text as an object',
    });
  }
}

/** A value as it is bound to a statement; what a database would change silently is refused. */
export type BoundValue = string | number | bigint | Uint8Array | null;

/** @throws TextNotStorable for a text with NUL or half of a surrogate pair */
export function boundValue(value: SqlValue): BoundValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') assert(Number.isFinite(value), 'a number bound to SQL is finite');
  if (typeof value === 'bigint') {
    assert(BigInt.asIntN(64, value) === value, 'an integer bound to SQL has 64 bits');
  }
  if (typeof value === 'string') {
    // PostgreSQL keeps no NUL; SQLite would write U+FFFD for half a pair.
    if (value.includes('\0')) throw new TextNotStorable('the character NUL');
    if (!value.isWellFormed()) throw new TextNotStorable('half of a surrogate pair');
  }
  return value;
}
