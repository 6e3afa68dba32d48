import type { ContractData } from '../contract.ts';
import type { DeliveryLimits } from '../deliveries/limits.ts';
import { SourceRefused } from '../deliveries/source-refused.ts';
import { afterMark, Carry, longestMark } from './carry.ts';
import { decodeJsonText } from './field-text.ts';
import { JsonScan } from './json-scan.ts';
import {
  fieldForms,
  type RowFields,
  type RowReader,
  type RowSink,
  rowFields,
} from './row-fields.ts';

const lineFeed = 10;

/**
 * A streaming reader of JSON Lines: one object a line, its members the contract's columns in any
 * order. Holds at most one line and one piece of the source. Lines of white space are passed over.
 */
export class JsonLinesReader implements RowReader {
  readonly #contract: ContractData;
  readonly #limits: DeliveryLimits;
  readonly #sink: RowSink;
  readonly #fields: RowFields;
  readonly #carry: Carry;
  readonly #scan = new JsonScan();
  readonly #places: ReadonlyMap<string, number>;
  /** Each column's name in bytes: members mostly come in one order, and then no text is made. */
  readonly #names: readonly Buffer[];
  readonly #seen: Uint8Array;
  #expected = 0;
  #started = false;
  #skipping = false;

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
    this.#places = new Map(contract.columns.map((column, index) => [column.name, index]));
    this.#names = contract.columns.map((column) => Buffer.from(column.name, 'latin1'));
    this.#seen = new Uint8Array(contract.columns.length);
  }

  push(chunk: Uint8Array): void {
    const bytes = this.#carry.take(chunk);
    if (bytes) this.#read(bytes, false);
  }

  end(): void {
    this.#read(this.#carry.flush(), true);
  }

  #read(bytes: Buffer, last: boolean): void {
    if (!this.#started && !last && bytes.length < longestMark) {
      this.#carry.keep(bytes);
      return;
    }
    let at = this.#started ? 0 : this.#begin(bytes);
    while (at < bytes.length) {
      const found = bytes.indexOf(lineFeed, at);
      if (found < 0 && !last) break;
      const end = found < 0 ? bytes.length : found;
      if (!this.#skipping) this.#line(bytes, at, end);
      this.#skipping = false;
      at = end + 1;
    }
    let rest = bytes.subarray(at);
    if (this.#skipping) rest = bytes.subarray(bytes.length);
    else if (rest.length > this.#limits.maxRowBytes) {
      this.#sink.badRow('row-too-long');
      this.#skipping = true;
      rest = bytes.subarray(bytes.length);
    }
    this.#carry.keep(rest);
  }

  #begin(bytes: Buffer): number {
    this.#started = true;
    const { start, foreign } = afterMark(bytes);
    if (foreign) throw new SourceRefused('not-utf8', 'the file is UTF-16, not UTF-8');
    return start;
  }

  #line(bytes: Buffer, from: number, to: number): void {
    if (to - from > this.#limits.maxRowBytes) {
      this.#sink.badRow('row-too-long');
      return;
    }
    const scan = this.#scan;
    scan.reset(bytes, from, to);
    if (scan.peek() < 0) return;
    this.#fields.bytes = bytes;
    this.#fields.forms.fill(fieldForms.absent);
    this.#seen.fill(0);
    if (!scan.expect(123)) {
      this.#sink.badRow('not-json');
      return;
    }
    if (scan.peek() === 125) scan.at++;
    else if (!this.#members()) return;
    if (scan.peek() >= 0) {
      this.#sink.badRow('not-json');
      return;
    }
    this.#sink.row(this.#fields);
  }

  /** Reads members up to the closing brace; a bad row is told to the sink and answers false. */
  #members(): boolean {
    const scan = this.#scan;
    for (let members = 1; ; members++) {
      if (members > this.#limits.maxFields) return this.#bad('unknown-column');
      if (!scan.string()) return this.#bad(scan.fault ?? 'not-json');
      const place = this.#place();
      if (place < 0) return this.#bad('unknown-column');
      if (this.#seen[place])
        return this.#bad('duplicate-column', this.#contract.columns[place]!.name);
      this.#seen[place] = 1;
      if (!scan.expect(58) || !scan.value()) return this.#bad(scan.fault ?? 'not-json');
      this.#fields.starts[place] = scan.start;
      this.#fields.ends[place] = scan.end;
      this.#fields.forms[place] = scan.form;
      if (scan.peek() === 125) {
        scan.at++;
        return true;
      }
      if (!scan.expect(44)) return this.#bad(scan.fault ?? 'not-json');
    }
  }

  #bad(rule: Parameters<RowSink['badRow']>[0], column?: string): false {
    this.#sink.badRow(rule, column);
    return false;
  }

  /** The column that the string just scanned names, or -1. */
  #place(): number {
    const { bytes, start, end, form } = this.#scan;
    const expected = this.#names[this.#expected]!;
    let place: number;
    if (form === fieldForms.text && isSame(bytes, start, end, expected)) place = this.#expected;
    else {
      const name =
        form === fieldForms.text
          ? bytes.toString('latin1', start, end)
          : decodeJsonText(bytes, start, end);
      place = (name === undefined ? undefined : this.#places.get(name)) ?? -1;
    }
    if (place >= 0) this.#expected = place + 1 < this.#names.length ? place + 1 : 0;
    return place;
  }
}

function isSame(bytes: Buffer, start: number, end: number, name: Buffer): boolean {
  if (end - start !== name.length) return false;
  for (let at = 0; at < name.length; at++) if (bytes[start + at] !== name[at]) return false;
  return true;
}
