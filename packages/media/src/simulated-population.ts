import { type SeededRandom, seededRandom } from '@backlot/core';
import { type AliasTable, createAliasTable } from './alias-table.ts';
import { genres } from './genre.ts';
import { findLocale, locales } from './locale.ts';
import { mediaKindNames } from './media-kind.ts';
import type { Simulation } from './simulation-options.ts';
import type { Storefront } from './storefront.ts';

/** The accounts of a simulated store, as columns by account index. */
export interface Population {
  readonly size: number;
  /** Index into the simulation's storefronts. */
  readonly storefront: Uint8Array;
  /** Index into all locales. */
  readonly locale: Uint8Array;
  /** How much an account does, relative to others: Pareto, so heavy-tailed. */
  readonly activity: Float64Array;
  /** Four favourite genres an account. */
  readonly favourites: Uint8Array;
  /** Their cumulative shares of the taste; the rest, `backgroundShare`, is spread over all genres. */
  readonly favouriteShares: Float32Array;
  /** The genre that grows on an account while its other tastes shrink. */
  readonly rising: Uint8Array;
  /** Cumulative shares of the media kinds. */
  readonly kindShares: Float32Array;
  /** Draws an account by its activity. */
  readonly byActivity: AliasTable;
}

export const favouriteCount = 4;
const backgroundShare = 0.06;
/** How much of a taste the rising genre has taken on the last day. */
export const driftShare = 0.25;
const paretoShape = 1.3;
const activityCap = 400;

/** Makes the accounts. */
export function createPopulation(simulation: Simulation): Population {
  const random = seededRandom(simulation.seed, 1);
  const size = simulation.accounts;
  const kinds = mediaKindNames.length;
  const activity = new Float64Array(size);
  const population = {
    size,
    storefront: new Uint8Array(size),
    locale: new Uint8Array(size),
    activity,
    favourites: new Uint8Array(size * favouriteCount),
    favouriteShares: new Float32Array(size * favouriteCount),
    rising: new Uint8Array(size),
    kindShares: new Float32Array(size * kinds),
  };
  const place = createPlaceDraw(simulation.storefronts);
  const genre = createGenreDraw();
  for (let account = 0; account < size; account++) {
    const { storefront, locale } = place(random);
    population.storefront[account] = storefront;
    population.locale[account] = locale;
    activity[account] = Math.min(activityCap, (1 - random.uniform()) ** (-1 / paretoShape));
    fillShares(
      population.favouriteShares,
      account,
      favouriteCount,
      0.5,
      1 - backgroundShare,
      random,
    );
    fillShares(population.kindShares, account, kinds, 0.4, 1, random);
    for (let rank = 0; rank < favouriteCount; rank++) {
      population.favourites[account * favouriteCount + rank] = genre(random);
    }
    population.rising[account] = genre(random);
  }
  return { ...population, byActivity: createAliasTable(Float64Array.from(activity)) };
}

/** A taste: the share of each genre on a day, where `drift` grows from 0 to `driftShare`. */
export function tasteOf(population: Population, account: number, drift: number): Float64Array {
  const taste = new Float64Array(genres.length).fill(
    ((1 - drift) * backgroundShare) / genres.length,
  );
  let before = 0;
  for (let rank = 0; rank < favouriteCount; rank++) {
    const at = account * favouriteCount + rank;
    const until = population.favouriteShares[at]!;
    taste[population.favourites[at]!]! += (1 - drift) * (until - before);
    before = until;
  }
  taste[population.rising[account]!]! += drift;
  return taste;
}

/** Draws a genre by an account's taste; `uniform` is in [0, 1). */
export function drawGenre(
  population: Population,
  account: number,
  drift: number,
  uniform: number,
): number {
  if (uniform < drift) return population.rising[account]!;
  const rest = (uniform - drift) / (1 - drift);
  const start = account * favouriteCount;
  for (let at = start; at < start + favouriteCount; at++) {
    if (rest < population.favouriteShares[at]!) return population.favourites[at]!;
  }
  const last = population.favouriteShares[start + favouriteCount - 1]!;
  return Math.min(genres.length - 1, Math.floor(((rest - last) / (1 - last)) * genres.length));
}

/** Draws a media kind by an account's habits; `uniform` is in [0, 1). */
export function drawKind(population: Population, account: number, uniform: number): number {
  const kinds = mediaKindNames.length;
  for (let kind = 0; kind < kinds - 1; kind++) {
    if (uniform < population.kindShares[account * kinds + kind]!) return kind;
  }
  return kinds - 1;
}

/** The share of a media kind in what an account does. */
export function kindShare(population: Population, account: number, kind: number): number {
  const kinds = mediaKindNames.length;
  const at = account * kinds + kind;
  const until = kind === kinds - 1 ? 1 : population.kindShares[at]!;
  return until - (kind === 0 ? 0 : population.kindShares[at - 1]!);
}

/** The storefronts that hold most people, largest first; all others are small. */
const largest = 'US CN JP GB DE IN BR FR KR CA IT AU MX ES RU TR SA ID NL SE TH PL TW AE'.split(
  ' ',
);

interface Place {
  readonly storefront: number;
  readonly locale: number;
}

/** Draws a storefront and one of its locales, both by a falling power of their rank. */
export function createPlaceDraw(
  storefronts: readonly Storefront[],
): (random: SeededRandom) => Place {
  const weights = storefronts.map(({ code }) => {
    const rank = largest.indexOf(code);
    return rank < 0 ? 0.01 : 1 / (rank + 2);
  });
  const cumulative = cumulate(weights);
  const readers = storefronts.map(({ locales: codes }) => ({
    cumulative: cumulate(codes.map((_, rank) => 1 / (rank + 1) ** 1.5)),
    indexes: codes.map((code) => locales.indexOf(findLocale(code)!)),
  }));
  return (random) => {
    const storefront = draw(cumulative, random.uniform());
    const reader = readers[storefront]!;
    return { storefront, locale: reader.indexes[draw(reader.cumulative, random.uniform())]! };
  };
}

/** Draws a genre by a falling power of its rank. */
export function createGenreDraw(): (random: SeededRandom) => number {
  const cumulative = cumulate(genres.map((_, rank) => 1 / (rank + 4) ** 0.7));
  return (random) => draw(cumulative, random.uniform());
}

function cumulate(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return Float64Array.from(weights, (weight) => {
    sum += weight / total;
    return sum;
  });
}

function draw(cumulative: Float64Array, uniform: number): number {
  const found = cumulative.findIndex((until) => uniform < until);
  return found < 0 ? cumulative.length - 1 : found;
}

/**
 * Cumulative shares of a row, from powers of uniform numbers: a small `evenness` leaves one large
 * share and many small ones.
 */
function fillShares(
  shares: Float32Array,
  row: number,
  count: number,
  evenness: number,
  total: number,
  random: SeededRandom,
): void {
  let sum = 0;
  for (let at = row * count; at < (row + 1) * count; at++) {
    shares[at] = random.uniform() ** (1 / evenness) + 1e-3;
    sum += shares[at]!;
  }
  let cumulative = 0;
  for (let at = row * count; at < (row + 1) * count; at++) {
    cumulative += (shares[at]! / sum) * total;
    shares[at] = cumulative;
  }
}
