import { type SeededRandom, seededRandom } from '@backlot/core';
import { genres } from './genre.ts';
import { locales } from './locale.ts';
import { type MediaKind, mediaKindNames, mediaKinds } from './media-kind.ts';
import { mixedUniform } from './mixed-bits.ts';
import { createGenreDraw, createPlaceDraw } from './simulated-population.ts';
import type { Simulation } from './simulation-options.ts';

/** The items of a simulated store, as columns by item index. */
export interface Catalogue {
  readonly size: number;
  /** Index into the media kinds' names. */
  readonly kind: Uint8Array;
  /** Index into all locales: the language of the content. */
  readonly locale: Uint8Array;
  /** Index into the simulation's storefronts: where it comes from, and is always sold. */
  readonly origin: Uint8Array;
  /** Three genres an item, and how much of it each is; the three sum to 1. */
  readonly genres: Uint8Array;
  readonly genreShares: Float32Array;
  /** The day it appears, counted from the first; negative for what was there before. */
  readonly releaseDay: Int32Array;
  /** How popular it is within its kind, before novelty: a power law of a random rank. */
  readonly popularity: Float64Array;
  readonly durationMs: Int32Array;
  /** Its price level in a currency whose unit is about a dollar; 0 for what is free. */
  readonly priceLevel: Float64Array;
  /** The share of other storefronts that sell it. */
  readonly reach: Float32Array;
  /** Whether it carries the promotion's badge. */
  readonly badged: Uint8Array;
  readonly provider: Uint16Array;
}

export const genresPerItem = 3;
const badgedShare = 0.2;
const newShare = 0.3;
const popularityExponent = 0.8;
const kindWeights: Readonly<Record<MediaKind, number>> = {
  app: 0.16,
  song: 0.38,
  episode: 0.16,
  film: 0.1,
  series: 0.08,
  book: 0.12,
};
const priceLevels: Readonly<Record<MediaKind, readonly number[]>> = {
  app: [0.99, 1.99, 4.99, 9.99],
  song: [0.69, 0.99, 1.29],
  episode: [0.99],
  film: [3.99, 4.99, 9.99, 14.99],
  series: [1.99, 2.99, 19.99],
  book: [2.99, 7.99, 9.99, 14.99],
};

/** Makes the items. */
export function createCatalogue(simulation: Simulation): Catalogue {
  const random = seededRandom(simulation.seed, 2);
  const size = simulation.items;
  const catalogue: Catalogue = {
    size,
    kind: chooseKinds(size, random),
    locale: new Uint8Array(size),
    origin: new Uint8Array(size),
    genres: new Uint8Array(size * genresPerItem),
    genreShares: new Float32Array(size * genresPerItem),
    releaseDay: new Int32Array(size),
    popularity: new Float64Array(size),
    durationMs: new Int32Array(size),
    priceLevel: new Float64Array(size),
    reach: new Float32Array(size),
    badged: new Uint8Array(size),
    provider: new Uint16Array(size),
  };
  const english = locales.findIndex(({ code }) => code === 'en');
  const place = createPlaceDraw(simulation.storefronts);
  const genre = createGenreDraw();
  for (let item = 0; item < size; item++) {
    const { storefront, locale } = place(random);
    catalogue.origin[item] = storefront;
    catalogue.locale[item] = random.uniform() < 0.3 ? english : locale;
    describeItem(catalogue, item, simulation.days, random);
    fillGenres(catalogue, item, genre, random);
  }
  return catalogue;
}

/** Kinds by their weights; the first items are one of each, so that no kind is ever missing. */
function chooseKinds(size: number, random: SeededRandom): Uint8Array {
  return Uint8Array.from({ length: size }, (_, item) => {
    if (item < mediaKindNames.length) return item;
    let rest = random.uniform();
    const found = mediaKindNames.findIndex((kind) => {
      rest -= kindWeights[kind];
      return rest < 0;
    });
    return found < 0 ? 0 : found;
  });
}

function describeItem(
  catalogue: Catalogue,
  item: number,
  days: number,
  random: SeededRandom,
): void {
  const name = mediaKindNames[catalogue.kind[item]!]!;
  const { medianMinutes, spread, paidShare } = mediaKinds[name];
  const isNew = random.uniform() < newShare;
  catalogue.releaseDay[item] = isNew
    ? random.below(days)
    : -1 - Math.floor(3_650 * random.uniform() ** 2);
  const rank = random.below(catalogue.size);
  catalogue.popularity[item] = (rank + 5) ** -popularityExponent;
  const minutes = medianMinutes * Math.exp(spread * random.normal());
  catalogue.durationMs[item] = Math.max(10_000, Math.round(minutes * 60_000));
  const levels = priceLevels[name];
  catalogue.priceLevel[item] =
    random.uniform() < paidShare ? levels[random.below(levels.length)]! : 0;
  catalogue.reach[item] = random.uniform() < 0.7 ? 1 : 0.2 + 0.7 * random.uniform();
  catalogue.badged[item] = random.uniform() < badgedShare ? 1 : 0;
  catalogue.provider[item] = Math.floor(500 * random.uniform() ** 2.5);
}

function fillGenres(
  catalogue: Catalogue,
  item: number,
  genre: (random: SeededRandom) => number,
  random: SeededRandom,
): void {
  const start = item * genresPerItem;
  const main = 0.6 + 0.35 * random.uniform();
  const second = (1 - main) * (0.5 + 0.5 * random.uniform());
  [main, second, 1 - main - second].forEach((share, rank) => {
    catalogue.genres[start + rank] = genre(random);
    catalogue.genreShares[start + rank] = share;
  });
}

/** How much of an item each genre is; the sum is 1. */
export function itemVectorOf(catalogue: Catalogue, item: number): Float64Array {
  const vector = new Float64Array(genres.length);
  for (let at = item * genresPerItem; at < (item + 1) * genresPerItem; at++) {
    vector[catalogue.genres[at]!]! += catalogue.genreShares[at]!;
  }
  return vector;
}

/** Whether a storefront sells an item: fixed by both, so that nothing has to be stored. */
export function isAvailable(
  { seed }: Simulation,
  catalogue: Catalogue,
  item: number,
  storefront: number,
): boolean {
  const reach = catalogue.reach[item]!;
  if (reach >= 1 || catalogue.origin[item] === storefront) return true;
  return mixedUniform(seed, item, storefront) < reach;
}

const noveltyBoost = 4;
const noveltyDays = 10;

/** The pull of an item on a day before anyone's taste: 0 until it is out, then novelty fades. */
export function pullOf(catalogue: Catalogue, item: number, day: number): number {
  const age = day - catalogue.releaseDay[item]!;
  if (age < 0) return 0;
  return catalogue.popularity[item]! * (1 + noveltyBoost * Math.exp(-age / noveltyDays));
}
