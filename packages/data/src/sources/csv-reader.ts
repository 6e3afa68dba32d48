import type { ContractData } from '../contract.ts';
import type { DeliveryLimits } from '../deliveries/limits.ts';
import { SourceRefused } from '../deliveries/source-refused.ts';
import { afterMark, Carry, longestMark } from './carry.ts';
import { columnOrder } from './column-order.ts';
import {
  type FieldForm,
  fieldForms,
  type RowFields,
  type RowReader,
  type RowSink,
  rowFields,
} from './row-fields.ts';

const lineFeed = 10;
const carriageReturn = 13;
const quote = 34;
const comma = 44;

/** What stopped the reading of a row. */
const ends = { row: 0, incomplete: 1, openQuote: 2 } as const;
type End = (typeof ends)[keyof typeof ends];

/**
 * A streaming reader of CSV (RFC 4180): a header row, commas, rows ended by LF or CRLF, fields in
 * double quotes where they hold commas, quotes or line ends. A field without quotes and without
 * bytes is missing; `""` is the empty text. Holds at most one row and one piece of the source.
 */
export class CsvReader implements RowReader {
  readonly #contract: ContractData;
  readonly #limits: DeliveryLimits;
  readonly #sink: RowSink;
  readonly #fields: RowFields;
  readonly #carry: Carry;
  /** For each field of the file, its column in the contract. */
  #order: Int32Array | undefined;
  #started = false;
  /** Where the row being read has got to: how many fields, and whether quotes stand where they must not. */
  #count = 0;
  #stray = false;
  #skip: { inQuotes: boolean; fieldStart: boolean } | undefined;
  #header: { readonly start: number; readonly end: number; readonly form: FieldForm }[] = [];
  /** After a row was read, where the next one starts. */
  #next = 0;

  /** Pieces of less than `gatherBytes` wait for more. */
  constructor(
    contract: ContractData,
    limits: DeliveryLimits,
    sink: RowSink,
    gatherBytes = 256 * 1024,
  ) {
    this.#carry = new Carry(gatherBytes);
    this.#contract = contract;
    this.#limits = limits;
    this.#sink = sink;
    this.#fields = rowFields(contract.columns.length);
  }

  push(chunk: Uint8Array): void {
    const bytes = this.#carry.take(chunk);
    if (bytes) this.#read(bytes, false);
  }

  /** For each field of the file, its column in the contract; `undefined` before the header. */
  get order(): Int32Array | undefined {
    return this.#order;
  }

  /** Reads all that has come; answers whether it ended with a row, so that others may go on. */
  drain(): boolean {
    this.#read(this.#carry.flush(), false);
    return this.#order !== undefined && !this.#skip && this.#carry.isEmpty;
  }

  end(): void {
    this.#read(this.#carry.flush(), true);
    if (this.#skip?.inQuotes) throw unclosedQuote();
    if (!this.#order) throw new SourceRefused('no-header', 'the file has no header row');
  }

  #read(bytes: Buffer, last: boolean): void {
    if (!this.#started && !last && bytes.length < longestMark) {
      this.#carry.keep(bytes);
      return;
    }
    let at = this.#started ? 0 : this.#begin(bytes);
    if (this.#skip) at = this.#skipRow(bytes, at);
    while (at < bytes.length) {
      const start = at;
      const end = this.#readRow(bytes, start, last);
      if (end !== ends.row) {
        if (last && end === ends.openQuote) throw unclosedQuote();
        at = this.#wait(bytes, start);
        break;
      }
      at = this.#next;
      if (at - start > this.#limits.maxRowBytes) this.#tooLong();
      else this.#finishRow(bytes);
    }
    this.#carry.keep(bytes.subarray(at));
  }

  #begin(bytes: Buffer): number {
    this.#started = true;
    const { start, foreign } = afterMark(bytes);
    if (foreign) throw new SourceRefused('not-utf8', 'the file is UTF-16, not UTF-8');
    return start;
  }

  /** A row whose end has not come: it is kept, or passed over when it is too long already. */
  #wait(bytes: Buffer, start: number): number {
    if (bytes.length - start <= this.#limits.maxRowBytes) return start;
    this.#tooLong();
    this.#skip = { inQuotes: false, fieldStart: true };
    return this.#skipRow(bytes, start);
  }

  #tooLong(): void {
    if (!this.#order) throw new SourceRefused('header-too-long', 'the header row is too long');
    this.#sink.badRow('row-too-long');
  }

  /** Passes over the rest of a row that is too long, keeping track of quotes alone. */
  #skipRow(bytes: Buffer, from: number): number {
    const skip = this.#skip!;
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at]!;
      // A doubled quote closes and opens again, which comes to the same.
      if (skip.inQuotes) skip.inQuotes = byte !== quote;
      else if (byte === lineFeed) {
        this.#skip = undefined;
        return at + 1;
      } else if (byte === quote && skip.fieldStart) skip.inQuotes = true;
      // After a closing quote another quote may follow: it must open the field again.
      skip.fieldStart = byte === comma || byte === quote;
    }
    return bytes.length;
  }

  #readRow(bytes: Buffer, from: number, last: boolean): End {
    this.#count = 0;
    this.#stray = false;
    this.#header.length = 0;
    const to = bytes.length;
    let at = from;
    for (;;) {
      if (at < to && bytes[at] === quote) {
        at = this.#readQuoted(bytes, at, last);
        if (at < 0) return at === -2 ? ends.openQuote : ends.incomplete;
      } else {
        at = this.#readBare(bytes, at);
      }
      if (at >= to) {
        if (!last) return ends.incomplete;
        this.#next = to;
        return ends.row;
      }
      if (bytes[at] === lineFeed) {
        this.#next = at + 1;
        return ends.row;
      }
      at++;
    }
  }

  #readBare(bytes: Buffer, from: number): number {
    const to = bytes.length;
    let at = from;
    for (; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === comma || byte === lineFeed) break;
      if (byte === quote) this.#stray = true;
    }
    const returned = at > from && bytes[at - 1] === carriageReturn && bytes[at] !== comma ? 1 : 0;
    const end = at - returned;
    this.#field(from, end, end === from ? fieldForms.absent : fieldForms.bare);
    return at;
  }

  /** Answers where the field's comma or line end is; -1 when it has not come; -2 within open quotes. */
  #readQuoted(bytes: Buffer, from: number, last: boolean): number {
    const to = bytes.length;
    let doubled = false;
    let at = from + 1;
    for (;;) {
      while (at < to && bytes[at] !== quote) at++;
      if (at >= to) return -2;
      if (at + 1 < to && bytes[at + 1] === quote) {
        doubled = true;
        at += 2;
        continue;
      }
      if (at + 1 >= to && !last) return -1;
      break;
    }
    this.#field(from + 1, at, doubled ? fieldForms.doubled : fieldForms.text);
    return this.#afterQuote(bytes, at + 1, last);
  }

  #afterQuote(bytes: Buffer, from: number, last: boolean): number {
    let at = from;
    if (bytes[at] === carriageReturn && (at + 1 < bytes.length ? bytes[at + 1] === lineFeed : last))
      at++;
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === comma || byte === lineFeed) return at;
      if (byte !== carriageReturn || at + 1 < bytes.length || last) this.#stray = true;
    }
    return last ? at : -1;
  }

  #field(start: number, end: number, form: FieldForm): void {
    const index = this.#count++;
    const order = this.#order;
    if (!order) {
      if (index >= this.#limits.maxFields) {
        throw new SourceRefused('too-many-columns', 'the header has more columns than are allowed');
      }
      this.#header.push({ start, end, form });
    } else if (index < order.length) {
      const column = order[index]!;
      this.#fields.starts[column] = start;
      this.#fields.ends[column] = end;
      this.#fields.forms[column] = form;
    }
  }

  #finishRow(bytes: Buffer): void {
    const order = this.#order;
    if (!order) {
      const names = this.#header.map(({ start, end }) => bytes.toString('utf8', start, end));
      this.#order = columnOrder(names, this.#contract);
      return;
    }
    if (this.#stray) {
      this.#sink.badRow('stray-quote');
      return;
    }
    if (this.#count !== order.length) {
      this.#sink.badRow('wrong-column-count');
      return;
    }
    this.#fields.bytes = bytes;
    this.#sink.row(this.#fields);
  }
}

function unclosedQuote(): SourceRefused {
  return new SourceRefused('unclosed-quote', 'the file ends inside a quoted field');
}
