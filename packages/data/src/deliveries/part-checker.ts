import { assert } from '@backlot/core';
import { DuckDBDataChunk, INTEGER, USMALLINT, VARCHAR } from '@duckdb/node-api';
import type { ContractData } from '../contract.ts';
import type { DuckDbSession } from '../duckdb/session.ts';
import { fieldForms, type RowFields, rowFields } from '../sources/row-fields.ts';
import { textCheck, valueCheck } from './checked-column.ts';
import type { Quarantine } from './quarantine.ts';
import type { RowChecker } from './row-checker.ts';
import type { RowRule } from './rules.ts';
import type { Stage } from './stage.ts';
import type { Subjects } from './subjects.ts';
import type { StageValue } from './value-reader.ts';

/** A part of a source, for the engine to read. */
interface SourcePart {
  /** A table with the contract's columns as `r0`, `r1`, ..., and each row's `place` in the part, from 0. */
  readonly from: string;
  /** Whether the columns are the texts of a file, or values brought to the staged form. */
  readonly as: 'texts' | 'values';
}

interface Parts {
  readonly session: DuckDbSession;
  readonly contract: ContractData;
  readonly stage: Stage;
  readonly quarantine: Quarantine;
  readonly subjects: Subjects | undefined;
  readonly checker: RowChecker;
}

/** Above this share of rows that need a closer look, rows are better read one by one. */
const maxOddShare = 0.05;

const chunkRows = 2048;

/** The step in which the source itself is read: where it fails, the source may be at fault. */
export const readingPart = 'read the part';

interface Fault {
  readonly row: number;
  readonly column: string;
  readonly rule: RowRule;
}

/**
 * Checks a part of a source at once: the engine finds the rows that are surely good; the few others
 * go through the same checker that reads sources row by row, so that both ways end alike.
 */
export class PartChecker {
  readonly #parts: Parts;
  readonly #subject: number;
  readonly #fields: RowFields;
  /** Whether any subject that was met is erased. */
  #erased = false;

  constructor(parts: Parts) {
    const { columns, subject } = parts.contract;
    this.#parts = parts;
    this.#subject = columns.findIndex(({ name }) => name === subject);
    this.#fields = rowFields(columns.length);
  }

  /** Makes what it needs beside the stage's tables. */
  async open(): Promise<void> {
    await this.#parts.session.run(
      'make the staging tables',
      'CREATE TABLE met (raw VARCHAR, number INTEGER, bucket USMALLINT)',
    );
  }

  /** Takes the part; `false`, and nothing has happened, where too many rows need a closer look. */
  async take(part: SourcePart): Promise<boolean> {
    const { session, checker, stage } = this.#parts;
    await session.run(readingPart, this.#checkSql(part));
    const [rows = 0, odd = 0] = await this.#counts();
    if (odd > Math.max(100, rows * maxOddShare) || !checker.allows(rows)) return false;
    const met = await this.#newSubjects();
    // One by one, the row is told at which there are too many.
    if (this.#parts.subjects?.allows(met.length + odd) === false) return false;
    const base = checker.rows;
    checker.pass(rows);
    const faults: Fault[] = [];
    const collect: Pick<Quarantine, 'add'> = {
      add: (row, column, rule) => faults.push({ row, column, rule }),
    };
    if (odd > 0) await this.#lookAt(part, base, collect);
    if (this.#subject >= 0) await this.#meet(met, base, collect);
    await stage.endPart(this.#goodSql(base));
    // Stable: the faults of one row stay in the order of its columns.
    faults.sort((a, b) => a.row - b.row);
    for (const { row, column, rule } of faults) this.#parts.quarantine.add(row, column, rule);
    return true;
  }

  #checkSql({ from, as }: SourcePart): string {
    const { columns } = this.#parts.contract;
    const checks = columns.map((column, index) =>
      (as === 'texts' ? textCheck : valueCheck)(column, `r${index}`, `c${index}`),
    );
    const values = checks.map(({ value }, index) => `${value} AS c${index}`);
    const goods = checks.map(
      ({ good }, index) =>
        `coalesce(${good}, ${columns[index]!.optional ? `r${index} IS NULL` : 'false'})`,
    );
    const raws = as === 'texts' ? `[${columns.map((_, index) => `r${index}`).join(', ')}]` : 'true';
    const inside = `SELECT *, ${values.join(', ')} FROM ${from}`;
    const staged = columns.map((_, index) => `c${index}`).join(', ');
    return `CREATE OR REPLACE TABLE part AS
      SELECT place, ${staged}, CASE WHEN ${goods.join(' AND ')} THEN NULL ELSE ${raws} END AS odd
      FROM (${inside})`;
  }

  async #counts(): Promise<readonly number[]> {
    const found = await this.#parts.session.run(
      'check rows',
      'SELECT count(*), count(odd) FROM part',
    );
    return ((await found.getRows())[0] ?? []).map(Number);
  }

  async #lookAt({ as }: SourcePart, base: number, faults: Pick<Quarantine, 'add'>): Promise<void> {
    const { session, checker, contract } = this.#parts;
    const values = contract.columns.map((_, index) => `c${index}`).join(', ');
    const asked = as === 'texts' ? 'odd' : values;
    const found = await session.run(
      'check rows',
      `SELECT place, ${asked} FROM part WHERE odd IS NOT NULL ORDER BY place`,
    );
    for (const [place, ...row] of await found.getRows()) {
      checker.aside(base + Number(place) + 1, faults, () => {
        if (as === 'values') {
          checker.takeColumns(
            row.map((value) => [value as StageValue]),
            1,
          );
        } else {
          const { items } = row[0] as unknown as { items: readonly (string | null)[] };
          checker.row(this.#fieldsOf(items));
        }
      });
    }
  }

  /** Texts as the fields of a row. A text that holds quotes stood in quotes, doubled. */
  #fieldsOf(texts: readonly (string | null)[]): RowFields {
    const fields = this.#fields;
    const written = texts.map((text) => text?.replaceAll('"', '""') ?? '');
    fields.bytes = Buffer.from(written.join(''));
    let at = 0;
    for (const [index, text] of texts.entries()) {
      fields.starts[index] = at;
      at += Buffer.byteLength(written[index]!);
      fields.ends[index] = at;
      const quoted = text?.includes('"') ? fieldForms.doubled : fieldForms.text;
      fields.forms[index] = text === null ? fieldForms.absent : quoted;
    }
    return fields;
  }

  /** The subjects of good rows that no part before had, in the order they come. */
  async #newSubjects(): Promise<readonly string[]> {
    if (this.#subject < 0) return [];
    const raw = `c${this.#subject}`;
    const found = await this.#parts.session.run(
      'meet subjects',
      `SELECT ${raw} FROM part WHERE odd IS NULL AND ${raw} NOT IN (SELECT raw FROM met)
       GROUP BY ${raw} ORDER BY min(place)`,
    );
    const [raws = []] = await found.getColumns();
    return raws as string[];
  }

  /** Gives subjects their numbers; those of erased people are none. */
  async #meet(
    met: readonly string[],
    base: number,
    faults: Pick<Quarantine, 'add'>,
  ): Promise<void> {
    const { session, contract, subjects } = this.#parts;
    const raw = `c${this.#subject}`;
    const appender = await session.connection.createAppender('met');
    let erased = 0;
    for (let at = 0; at < met.length; at += chunkRows) {
      const raws = met.slice(at, at + chunkRows);
      const numbers = raws.map((account) => subjects!.number(account));
      erased += numbers.filter((number) => number < 0).length;
      const buckets = numbers.map((number) => (number < 0 ? 0 : subjects!.bucket(number)));
      const chunk = DuckDBDataChunk.create([VARCHAR, INTEGER, USMALLINT], raws.length);
      chunk.setColumns([[...raws], numbers, buckets]);
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    assert(contract.subject !== undefined, 'subjects are met where the table has them');
    this.#erased ||= erased > 0;
    if (!this.#erased) return;
    const rows = await session.run(
      'meet subjects',
      `SELECT p.place FROM part p JOIN met m ON m.raw = p.${raw}
       WHERE p.odd IS NULL AND m.number < 0 ORDER BY 1`,
    );
    for (const [place] of await rows.getRows()) {
      faults.add(base + Number(place) + 1, contract.subject, 'erased-subject');
    }
  }

  #goodSql(base: number): string {
    const { columns } = this.#parts.contract;
    const values = columns.map((_, index) =>
      index === this.#subject ? 'm.number' : `p.c${index}`,
    );
    const bucket = this.#subject < 0 ? '0' : 'm.bucket';
    const join = this.#subject < 0 ? '' : `JOIN met m ON m.raw = p.c${this.#subject}`;
    const erased = this.#subject < 0 ? '' : 'AND m.number >= 0';
    return `SELECT p.place + ${base + 1}, ${bucket}, ${values.join(', ')} FROM part p ${join}
      WHERE p.odd IS NULL ${erased}`;
  }
}
