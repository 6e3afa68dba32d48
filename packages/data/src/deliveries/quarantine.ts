import type { Io, WritableFile } from '@backlot/core';
import { type RowRule, rowRules } from './rules.ts';

/** One broken rule of one row. It never holds the value: any column may hold an account by mistake. */
export interface QuarantineLine {
  /** Counts from 1, without the header. */
  readonly row: number;
  /** Empty where the row as a whole is bad. */
  readonly column: string;
  readonly rule: RowRule;
  readonly mend: string;
}

/** How many rows broke a rule in a column, and the first of them. */
export interface QuarantineReason {
  readonly rule: string;
  readonly column: string;
  readonly rows: number;
  readonly firstRow: number;
  readonly mend: string;
}

/** Gathers broken rules: counts all, writes the first so many as JSON Lines. */
export class Quarantine {
  readonly #file: WritableFile;
  readonly #maxLines: number;
  readonly #reasons = new Map<
    string,
    { rule: RowRule; column: string; rows: number; firstRow: number }
  >();
  #pending: string[] = [];
  #lines = 0;
  #rows = 0;
  #lastRow = 0;

  private constructor(file: WritableFile, maxLines: number) {
    this.#file = file;
    this.#maxLines = maxLines;
  }

  static async create(io: Io, path: string, maxLines: number): Promise<Quarantine> {
    return new Quarantine(await io.files.create(path), maxLines);
  }

  /** How many rows are bad. */
  get rows(): number {
    return this.#rows;
  }

  get lines(): number {
    return this.#lines;
  }

  add(row: number, column: string, rule: RowRule): void {
    if (row !== this.#lastRow) this.#rows++;
    this.#lastRow = row;
    const id = `${rule} ${column}`;
    const reason = this.#reasons.get(id);
    if (reason) reason.rows++;
    else this.#reasons.set(id, { rule, column, rows: 1, firstRow: row });
    if (this.#lines >= this.#maxLines) return;
    this.#lines++;
    const line: QuarantineLine = { row, column, rule, mend: rowRules[rule] };
    this.#pending.push(JSON.stringify(line));
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const lines = this.#pending;
    this.#pending = [];
    await this.#file.write(Buffer.from(`${lines.join('\n')}\n`));
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#file.close();
  }

  /** Every rule that was broken, the most frequent first. */
  reasons(): readonly QuarantineReason[] {
    return [...this.#reasons.values()]
      .map((reason) => ({ ...reason, mend: rowRules[reason.rule] }))
      .sort((a, b) => b.rows - a.rows || a.firstRow - b.firstRow || (a.rule < b.rule ? -1 : 1));
  }
}
