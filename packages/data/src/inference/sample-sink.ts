import { fieldForms, type RowFields, type RowSink } from '../sources/row-fields.ts';
import type { ColumnGuess } from './column-guess.ts';

/** Shows the first rows of a file to its columns' guesses. */
export class SampleSink implements RowSink {
  rows = 0;
  bad = 0;
  /** Whether there were more rows than are looked at. */
  full = false;
  readonly #guesses: readonly ColumnGuess[];
  readonly #maxRows: number;

  constructor(guesses: readonly ColumnGuess[], maxRows: number) {
    this.#guesses = guesses;
    this.#maxRows = maxRows;
  }

  row(fields: RowFields): void {
    if (!this.#room()) return;
    this.rows++;
    for (const [index, guess] of this.#guesses.entries()) {
      if (fields.forms[index] === fieldForms.absent) guess.miss();
      else guess.read(fields, index);
    }
  }

  badRow(): void {
    if (this.#room()) this.bad++;
  }

  #room(): boolean {
    if (this.rows + this.bad < this.#maxRows) return true;
    this.full = true;
    return false;
  }
}
