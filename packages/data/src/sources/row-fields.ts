import type { RowRule } from '../deliveries/rules.ts';

/** What a field's bytes are. */
export const fieldForms = {
  /** Nothing is there. */
  absent: 0,
  /** The bytes of an unquoted CSV field. */
  bare: 1,
  /** The bytes of a text, as they are. */
  text: 2,
  /** The bytes of a quoted CSV field in which quotes are doubled. */
  doubled: 3,
  /** The inside of a JSON string with backslash escapes. */
  escaped: 4,
  /** A JSON number. */
  number: 5,
  /** A JSON array, brackets included. */
  array: 6,
  /** JSON's `true`. */
  yes: 7,
  /** JSON's `false`. */
  no: 8,
  /** A JSON object. */
  object: 9,
} as const;

export type FieldForm = (typeof fieldForms)[keyof typeof fieldForms];

/** One row's fields as places in a buffer, in the order of the contract's columns. Reused for every row. */
export interface RowFields {
  bytes: Buffer;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly forms: Uint8Array;
}

/** An empty row of so many columns. */
export function rowFields(columns: number): RowFields {
  return {
    bytes: Buffer.alloc(0),
    starts: new Int32Array(columns),
    ends: new Int32Array(columns),
    forms: new Uint8Array(columns),
  };
}

/** What takes the rows that a reader finds. */
export interface RowSink {
  row(fields: RowFields): void;
  /** A row that could not be taken apart. */
  badRow(rule: RowRule, column?: string): void;
}

/** A reader that is fed bytes and hands on rows. */
export interface RowReader {
  push(chunk: Uint8Array): void;
  end(): void;
}
