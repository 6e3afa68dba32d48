import { BundleRefused } from './error.ts';
import type { Tensor } from './tensor-bytes.ts';
import { checkOffsets, packTexts, unpackTexts } from './text-table.ts';

/** What is known of an item, to show and to filter by. */
export interface ItemFacts {
  readonly title: string;
  /** Titles by locale, such as `ja` or `pt-BR`, where they differ from `title`. */
  readonly titles?: Readonly<Record<string, string>>;
  readonly mediaKind?: string;
  readonly genres?: readonly string[];
  /** Where it may be shown; nowhere when empty, ignored when the bundle knows no storefronts. */
  readonly storefronts?: readonly string[];
}

/** The small lists that the header holds and the tensors point into. */
export interface CatalogueHeader {
  readonly storefronts: readonly string[];
  readonly locales: readonly string[];
  readonly mediaKinds: readonly string[];
  readonly genres: readonly string[];
}

/** Facts of items, packed: titles by locale, kinds, genres, and one bit per item and storefront. */
export class Catalogue {
  readonly header: CatalogueHeader;
  readonly #items: number;
  readonly #titles: readonly string[];
  readonly #kinds: Uint8Array;
  readonly #genreOffsets: Uint32Array;
  readonly #genres: Uint16Array;
  readonly #available: Uint8Array;
  readonly #masks = new Map<number, Uint8Array>();

  constructor(header: CatalogueHeader, items: number, parts: CatalogueParts) {
    this.header = header;
    this.#items = items;
    this.#titles = unpackTexts(
      'titles',
      { offsets: parts.titleOffsets, bytes: parts.titleBytes },
      items * (1 + header.locales.length),
    );
    this.#kinds = parts.kinds;
    this.#genreOffsets = parts.genreOffsets;
    this.#genres = parts.genres;
    this.#available = parts.available;
    this.#check();
  }

  /** The title in a locale, in its language, or as delivered. */
  title(item: number, locale?: string): string {
    const { locales } = this.header;
    for (const wanted of locale === undefined ? [] : [locale, locale.split('-')[0]!]) {
      const at = locales.indexOf(wanted);
      const title = at < 0 ? '' : this.#titles[(1 + at) * this.#items + item]!;
      if (title !== '') return title;
    }
    return this.#titles[item]!;
  }

  mediaKind(item: number): string | undefined {
    return this.header.mediaKinds[this.#kinds[item]!];
  }

  genres(item: number): readonly string[] {
    const row = this.#genres.subarray(this.#genreOffsets[item]!, this.#genreOffsets[item + 1]!);
    return Array.from(row, (genre) => this.header.genres[genre]!);
  }

  /** The number of a storefront, `undefined` when the bundle does not know it. */
  storefront(code: string): number | undefined {
    const at = this.header.storefronts.indexOf(code);
    return at < 0 ? undefined : at;
  }

  /** By item, 1 where it may be shown in a storefront; made once for each that is asked for. */
  available(storefront: number): Uint8Array {
    const known = this.#masks.get(storefront);
    if (known) return known;
    const mask = Uint8Array.from({ length: this.#items }, (_, item) => {
      const bit = item * this.header.storefronts.length + storefront;
      return (this.#available[Math.floor(bit / 8)]! >> (bit % 8)) & 1;
    });
    this.#masks.set(storefront, mask);
    return mask;
  }

  #check(): void {
    const { mediaKinds, genres, storefronts } = this.header;
    if (this.#kinds.length !== this.#items) throw new BundleRefused('kinds', 'has another length');
    if (this.#kinds.some((kind) => kind !== noKind && kind >= mediaKinds.length)) {
      throw new BundleRefused('kinds', 'names an unknown media kind');
    }
    checkOffsets('genres', this.#genreOffsets, this.#items, this.#genres.length);
    if (this.#genres.some((genre) => genre >= genres.length)) {
      throw new BundleRefused('genres', 'names an unknown genre');
    }
    const bits = this.#items * storefronts.length;
    if (this.#available.length !== Math.ceil(bits / 8)) {
      throw new BundleRefused('available', 'has another length');
    }
    if (bits % 8 !== 0 && this.#available.at(-1)! >> (bits % 8) !== 0) {
      throw new BundleRefused('available', 'sets bits past its end');
    }
  }
}

/** No media kind is known. */
const noKind = 255;

interface CatalogueParts {
  readonly titleOffsets: Uint32Array;
  readonly titleBytes: Uint8Array;
  readonly kinds: Uint8Array;
  readonly genreOffsets: Uint32Array;
  readonly genres: Uint16Array;
  readonly available: Uint8Array;
}

/** Packs facts, in the order of the items, for the given storefronts. */
export function packCatalogue(
  facts: readonly ItemFacts[],
  storefronts: readonly string[],
): { readonly header: CatalogueHeader; readonly parts: Readonly<Record<string, Tensor>> } {
  const locales = uniqueSorted(facts.flatMap(({ titles }) => Object.keys(titles ?? {})));
  const mediaKinds = uniqueSorted(facts.flatMap(({ mediaKind }) => mediaKind ?? []));
  const genres = uniqueSorted(facts.flatMap((item) => item.genres ?? []));
  if (mediaKinds.length > noKind) throw new BundleRefused('kinds', `are over ${noKind}`);
  if (genres.length > 65_535) throw new BundleRefused('genres', 'are over 65,535');
  const titles = packTexts([
    ...facts.map(({ title }) => title),
    ...locales.flatMap((locale) => facts.map((item) => item.titles?.[locale] ?? '')),
  ]);
  return {
    header: { storefronts, locales, mediaKinds, genres },
    parts: {
      ...{ titleOffsets: titles.offsets, titleBytes: titles.bytes },
      kinds: Uint8Array.from(facts, ({ mediaKind }) =>
        mediaKind === undefined ? noKind : mediaKinds.indexOf(mediaKind),
      ),
      ...packGenres(facts, genres),
      available: packAvailability(facts, storefronts),
    },
  };
}

function packGenres(
  facts: readonly ItemFacts[],
  names: readonly string[],
): { readonly genreOffsets: Uint32Array; readonly genres: Uint16Array } {
  const numbers = new Map(names.map((name, index) => [name, index]));
  const rows = facts.map((item) =>
    uniqueSorted(item.genres ?? []).map((name) => numbers.get(name)!),
  );
  const genreOffsets = new Uint32Array(facts.length + 1);
  for (const [index, row] of rows.entries()) {
    genreOffsets[index + 1] = genreOffsets[index]! + row.length;
  }
  return { genreOffsets, genres: Uint16Array.from(rows.flat()) };
}

function packAvailability(facts: readonly ItemFacts[], storefronts: readonly string[]): Uint8Array {
  const available = new Uint8Array(Math.ceil((facts.length * storefronts.length) / 8));
  const numbers = new Map(storefronts.map((code, index) => [code, index]));
  for (const [item, { storefronts: codes = [] }] of facts.entries()) {
    for (const code of codes) {
      const number = numbers.get(code);
      if (number === undefined) continue;
      const bit = item * storefronts.length + number;
      available[Math.floor(bit / 8)]! |= 1 << (bit % 8);
    }
  }
  return available;
}

function uniqueSorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
