/**
 * Gives the rows of a table that a step reads numbers from 0, each row one. What it keeps is two numbers a
 * row of the table, so that a step costs as much as it reads, whatever the size of the table.
 */
export class DistinctRows {
  readonly #seen: Int32Array;
  readonly #places: Int32Array;
  #step = 0;

  constructor(tableRows: number) {
    this.#seen = new Int32Array(tableRows);
    this.#places = new Int32Array(tableRows);
  }

  /** The distinct rows in the order in which they are first read; in the lists their numbers take their place. */
  number(lists: readonly BigInt64Array[]): Int32Array {
    this.#step++;
    const rows = new Int32Array(lists.reduce((sum, { length }) => sum + length, 0));
    let count = 0;
    for (const { buffer, byteOffset, length } of lists) {
      // Rows fit in the low half, which is far quicker to read and write than a big integer.
      const halves = new Int32Array(buffer, byteOffset, 2 * length);
      for (let at = 0; at < halves.length; at += 2) {
        const row = halves[at]!;
        if (this.#seen[row] !== this.#step) {
          this.#seen[row] = this.#step;
          this.#places[row] = count;
          rows[count++] = row;
        }
        halves[at] = this.#places[row]!;
      }
    }
    return rows.subarray(0, count);
  }
}
