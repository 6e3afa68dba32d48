import { type AliasTable, drawAlias, fillAliasTable } from './alias-table.ts';
import { genres } from './genre.ts';
import { mediaKindNames } from './media-kind.ts';
import { type Catalogue, genresPerItem, pullOf } from './simulated-catalogue.ts';

/** One alias table for each kind and genre, over the items that have some of both. */
export class Shelves {
  readonly #catalogue: Catalogue;
  readonly #tables: AliasTable[] = [];
  /** The item at each place of the shared arrays, and how much of the shelf's genre it is. */
  readonly #items: Int32Array;
  readonly #shares: Float32Array;
  readonly #filled: Uint8Array;
  readonly #weights: Float64Array;
  readonly #stack: Int32Array;
  readonly #pulls: Float64Array;

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
    const places = catalogue.size * genresPerItem;
    const shelves = mediaKindNames.length * genres.length;
    const sizes = new Int32Array(shelves);
    for (let place = 0; place < places; place++) sizes[this.#shelfOf(place)]! += 1;
    const stay = new Float32Array(places);
    const alias = new Int32Array(places);
    let start = 0;
    for (const size of sizes) {
      this.#tables.push({ start, size, stay, alias });
      start += size;
    }
    this.#items = new Int32Array(places);
    this.#shares = new Float32Array(places);
    const next = Int32Array.from(this.#tables, (table) => table.start);
    for (let place = 0; place < places; place++) {
      const shelf = this.#shelfOf(place);
      const at = next[shelf]!;
      next[shelf] = at + 1;
      this.#items[at] = Math.floor(place / genresPerItem);
      this.#shares[at] = catalogue.genreShares[place]!;
    }
    const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
    this.#filled = new Uint8Array(shelves);
    this.#weights = new Float64Array(largest);
    this.#stack = new Int32Array(largest);
    this.#pulls = new Float64Array(catalogue.size);
  }

  /** Sets the pull of every item for a day; badged items get the lift. */
  fill(day: number, lift: number): void {
    const catalogue = this.#catalogue;
    for (let item = 0; item < catalogue.size; item++) {
      this.#pulls[item] = pullOf(catalogue, item, day) * (catalogue.badged[item] === 1 ? lift : 1);
    }
    this.#tables.forEach((table, shelf) => {
      for (let place = 0; place < table.size; place++) {
        const at = table.start + place;
        this.#weights[place] = this.#pulls[this.#items[at]!]! * this.#shares[at]!;
      }
      this.#filled[shelf] = fillAliasTable(table, this.#weights, this.#stack) > 0 ? 1 : 0;
    });
  }

  /** An item of a kind and genre, or -1 when there is none yet. */
  draw(kind: number, genre: number, uniform: number): number {
    const shelf = kind * genres.length + genre;
    if (this.#filled[shelf] === 0) return -1;
    const table = this.#tables[shelf]!;
    return this.#items[table.start + drawAlias(table, uniform)]!;
  }

  #shelfOf(place: number): number {
    const kind = this.#catalogue.kind[Math.floor(place / genresPerItem)]!;
    return kind * genres.length + this.#catalogue.genres[place]!;
  }
}
