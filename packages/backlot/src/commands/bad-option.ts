import { BacklotError } from '@backlot/core';

/** An argument or an option that holds what it cannot hold. */
export class BadOption extends BacklotError {
  constructor(reason: string, mend?: string) {
    super({ code: 'E-BACKLOT-020', kind: 'usage', reason, ...(mend !== undefined && { mend }) });
  }
}

/**
 * A whole number from 1 up, as an argument or an option gives it.
 *
 * @throws BadOption when it is something else
 */
export function countOf(text: string, what: string, most: number = 1_000_000): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw new BadOption(`${what} is a whole number from 1 to ${most}, not ${text.slice(0, 40)}`);
}
