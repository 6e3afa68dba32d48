import type { SparseMatrix } from '../matrix.ts';

/** Collects rows in which few of many columns are not 0, one row after the other. */
export class SparseRows {
  readonly #sums: Float64Array;
  readonly #seen: Uint8Array;
  readonly #offsets: Int32Array;
  #touched = new Int32Array(256);
  #count = 0;
  #row = 0;
  #indices = new Int32Array(1024);
  #values = new Float64Array(1024);
  #stored = 0;

  constructor(rows: number, columns: number) {
    this.#sums = new Float64Array(columns);
    this.#seen = new Uint8Array(columns);
    this.#offsets = new Int32Array(rows + 1);
  }

  /** Adds to a column of the row that is being made. */
  add(column: number, value: number): void {
    this.#sums[column]! += value;
    if (this.#seen[column]) return;
    this.#seen[column] = 1;
    if (this.#count === this.#touched.length) this.#touched = grown(this.#touched);
    this.#touched[this.#count++] = column;
  }

  /** Ends the row: each sum weighed, then the row scaled to length 1 where `unit`; zeros are left out. */
  end(weigh: (sum: number, column: number) => number, unit: boolean): void {
    const columns = this.#touched.subarray(0, this.#count).sort();
    while (this.#stored + this.#count > this.#indices.length) {
      this.#indices = grown(this.#indices);
      this.#values = grown(this.#values);
    }
    const from = this.#stored;
    let squares = 0;
    for (const column of columns) {
      const value = weigh(this.#sums[column]!, column);
      this.#sums[column] = 0;
      this.#seen[column] = 0;
      if (value === 0) continue;
      squares += value * value;
      this.#indices[this.#stored] = column;
      this.#values[this.#stored++] = value;
    }
    if (unit && squares > 0) {
      const length = Math.sqrt(squares);
      for (let at = from; at < this.#stored; at++) this.#values[at]! /= length;
    }
    this.#count = 0;
    this.#row += 1;
    this.#offsets[this.#row] = this.#stored;
  }

  /** The rows that were ended. */
  matrix(): SparseMatrix {
    return {
      rows: this.#offsets.length - 1,
      columns: this.#sums.length,
      offsets: this.#offsets,
      indices: this.#indices.slice(0, this.#stored),
      values: this.#values.slice(0, this.#stored),
    };
  }
}

function grown<T extends Int32Array | Float64Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(array.length * 2);
  larger.set(array);
  return larger;
}
