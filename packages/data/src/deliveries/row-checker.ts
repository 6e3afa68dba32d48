import { type ContractData, columnType } from '../contract.ts';
import type { RowFields, RowSink } from '../sources/row-fields.ts';
import { fieldForms } from '../sources/row-fields.ts';
import type { DeliveryLimits } from './limits.ts';
import type { Quarantine } from './quarantine.ts';
import type { RowRule } from './rules.ts';
import { SourceRefused } from './source-refused.ts';
import type { Stage } from './stage.ts';
import type { Subjects } from './subjects.ts';
import { TextReader } from './text-readers.ts';
import { type StageValue, type ValueReader, valueReader } from './value-reader.ts';

/** Checks rows against a contract: good ones go to the stage, bad ones to quarantine. */
export class RowChecker implements RowSink {
  readonly #contract: ContractData;
  readonly #limits: DeliveryLimits;
  readonly #stage: Stage;
  #quarantine: Pick<Quarantine, 'add'>;
  readonly #subjects: Subjects | undefined;
  readonly #readers: readonly ValueReader[];
  readonly #optional: readonly boolean[];
  readonly #slots: readonly StageValue[][];
  readonly #subject: number;
  #rows = 0;

  constructor(
    contract: ContractData,
    limits: DeliveryLimits,
    parts: {
      readonly stage: Stage;
      readonly quarantine: Quarantine;
      readonly subjects: Subjects | undefined;
    },
  ) {
    this.#contract = contract;
    this.#limits = limits;
    this.#stage = parts.stage;
    this.#quarantine = parts.quarantine;
    this.#subjects = parts.subjects;
    this.#slots = parts.stage.columns;
    this.#subject = contract.columns.findIndex((column) => column.name === contract.subject);
    this.#optional = contract.columns.map((column) => column.optional);
    this.#readers = contract.columns.map((column) =>
      columnType(column) === 'text' && !column.values
        ? new TextReader(column)
        : valueReader(column),
    );
  }

  /** Rows seen so far, good and bad. */
  get rows(): number {
    return this.#rows;
  }

  row(fields: RowFields): void {
    this.#count();
    const { forms } = fields;
    const slot = this.#stage.slot;
    let good = true;
    for (let column = 0; column < this.#readers.length; column++) {
      const reader = this.#readers[column]!;
      const absent = forms[column] === fieldForms.absent;
      const rule = absent ? this.#absence(column) : reader.read(fields, column);
      if (rule === undefined) this.#slots[column]![slot] = absent ? null : reader.value;
      else good = this.#bad(column, rule);
    }
    if (good) this.#commit(slot);
  }

  badRow(rule: RowRule, column = ''): void {
    this.#count();
    this.#quarantine.add(this.#rows, column, rule);
  }

  /** Counts rows that something else has found good. */
  pass(rows: number): void {
    this.#rows += rows;
  }

  /** Whether so many rows more are allowed. */
  allows(rows: number): boolean {
    return this.#rows + rows <= this.#limits.maxRows;
  }

  /** Does work on single rows before `#rows`, counted as the first of them `row`; faults go to `faults`. */
  aside(row: number, faults: Pick<Quarantine, 'add'>, work: () => void): void {
    const [rows, quarantine] = [this.#rows, this.#quarantine];
    this.#rows = row - 1;
    this.#quarantine = faults;
    try {
      work();
    } finally {
      this.#rows = rows;
      this.#quarantine = quarantine;
    }
  }

  /** Takes rows that are values already, column by column. */
  takeColumns(columns: readonly (readonly StageValue[])[], rows: number): void {
    for (let row = 0; row < rows; row++) {
      this.#count();
      const slot = this.#stage.slot;
      let good = true;
      for (let column = 0; column < this.#readers.length; column++) {
        const reader = this.#readers[column]!;
        const value = columns[column]![row] ?? null;
        const rule = value === null ? this.#absence(column) : reader.take(value);
        if (rule === undefined) this.#slots[column]![slot] = value === null ? null : reader.value;
        else good = this.#bad(column, rule);
      }
      if (good) this.#commit(slot);
    }
  }

  #count(): void {
    this.#rows++;
    if (this.#rows > this.#limits.maxRows) {
      throw new SourceRefused('too-many-rows', 'the source has more rows than are allowed');
    }
  }

  #absence(column: number): RowRule | undefined {
    return this.#optional[column] ? undefined : 'missing';
  }

  #bad(column: number, rule: RowRule): false {
    this.#quarantine.add(this.#rows, this.#contract.columns[column]!.name, rule);
    return false;
  }

  #commit(slot: number): void {
    let bucket = 0;
    if (this.#subjects) {
      // Only the subject of a good row gets a pseudonym: the clear account is dropped here.
      const slots = this.#slots[this.#subject]!;
      const number = this.#subjects.number(slots[slot] as string);
      if (number < 0) {
        this.#bad(this.#subject, 'erased-subject');
        return;
      }
      slots[slot] = number;
      bucket = this.#subjects.bucket(number);
    }
    this.#stage.commit(this.#rows, bucket);
  }
}
