import type pg from 'pg';

/** Values of PostgreSQL as the metadata port answers them: what SQLite would answer. */
export const postgresTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number) =>
    parsers[oid] ?? identity) as pg.CustomTypesConfig['getTypeParser'],
};

const identity = (text: string): string => text;

/** By the object id of the type in the server's catalogue. */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => (text === 't' ? 1 : 0),
  17: bytes,
  20: integer,
  21: integer,
  23: integer,
  700: Number,
  701: Number,
  // A sum of integers is a number of any length.
  1700: (text) => (/^-?\d+$/.test(text) ? integer(text) : Number(text)),
};

/** @throws RangeError for one that a number would round, as SQLite does */
function integer(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError('an integer is too large to be a number');
}

/** `\x` and hexadecimal digits. */
function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'));
}
