import {
  buyChance,
  isPromoted,
  isTreated,
  type PriceEffect,
  type Promotion,
  priceEffect,
  priceFactor,
  promotionOf,
} from './causal-effects.ts';
import { genres } from './genre.ts';
import { mediaKindNames } from './media-kind.ts';
import {
  type Catalogue,
  genresPerItem,
  isAvailable,
  itemVectorOf,
  pullOf,
} from './simulated-catalogue.ts';
import { affinityOf, considerShare, driftOn, languageFit } from './simulated-events.ts';
import { kindShare, type Population, tasteOf } from './simulated-population.ts';
import type { Simulation } from './simulation-options.ts';

/** What is true of a simulated store. Accounts, items and days are given by their indexes. */
export interface StoreTruth {
  /** The share of each genre in an account's taste on a day; sums to 1. */
  taste(account: number, day: number): Float64Array;
  /** How much of each genre an item is; sums to 1. */
  itemVector(item: number): Float64Array;
  /** How well an item meets an account's taste on the first day, 0 to 1: what `msPlayed` follows. */
  affinity(account: number, item: number): number;
  /** How much an account does, relative to others. */
  activity(account: number): number;
  /**
   * The expected number of plays of an item by an account on a day, up to a factor that is the same
   * for all accounts and items of that day.
   */
  playRate(account: number, item: number, day: number): number;
  /** As `playRate`, for purchases, up to the same factor. */
  purchaseRate(account: number, item: number, day: number): number;
  readonly promotion: Promotion & {
    isBadged(item: number): boolean;
    isTreated(account: number): boolean;
  };
  readonly price: PriceEffect & {
    /** The factor on the list price in the week of a day. */
    factor(item: number, day: number): number;
  };
}

/** States the truth of a simulation: the same products that its draws come from. */
export function createTruth(
  simulation: Simulation,
  population: Population,
  catalogue: Catalogue,
): StoreTruth {
  const promotion = promotionOf(simulation);
  const drawRate = createDrawRate(simulation, population, catalogue, promotion);
  const factor = (item: number, day: number): number =>
    priceFactor(simulation, catalogue, item, day);
  return {
    taste: (account, day) => tasteOf(population, account, driftOn(simulation, day)),
    itemVector: (item) => itemVectorOf(catalogue, item),
    affinity: (account, item) => affinityOf(population, catalogue, account, item),
    activity: (account) => population.activity[account]!,
    playRate: (account, item, day) => (1 - considerShare) * drawRate(account, item, day),
    purchaseRate: (account, item, day) =>
      catalogue.priceLevel[item] === 0
        ? 0
        : considerShare * buyChance(factor(item, day)) * drawRate(account, item, day),
    promotion: {
      ...promotion,
      isBadged: (item) => catalogue.badged[item] === 1,
      isTreated: (account) => isTreated(simulation, account),
    },
    price: { ...priceEffect, factor },
  };
}

function createDrawRate(
  simulation: Simulation,
  population: Population,
  catalogue: Catalogue,
  promotion: Promotion,
): (account: number, item: number, day: number) => number {
  const totals = new Map<number, Float64Array>();
  const totalsOn = (day: number): Float64Array => {
    const known = totals.get(day) ?? shelfTotals(catalogue, promotion, day);
    totals.set(day, known);
    return known;
  };
  return (account, item, day) => {
    if (!isAvailable(simulation, catalogue, item, population.storefront[account]!)) return 0;
    const kind = catalogue.kind[item]!;
    const taste = tasteOf(population, account, driftOn(simulation, day));
    const vector = itemVectorOf(catalogue, item);
    const shelf = totalsOn(day);
    let met = 0;
    for (let genre = 0; genre < genres.length; genre++) {
      const total = shelf[kind * genres.length + genre]!;
      if (vector[genre]! > 0 && total > 0) met += (taste[genre]! * vector[genre]!) / total;
    }
    const badge = isTreated(simulation, account) ? badgeLift(catalogue, promotion, item, day) : 1;
    return (
      population.activity[account]! *
      kindShare(population, account, kind) *
      met *
      pullOf(catalogue, item, day) *
      badge *
      languageFit(population, catalogue, account, item)
    );
  };
}

function badgeLift(catalogue: Catalogue, promotion: Promotion, item: number, day: number): number {
  return catalogue.badged[item] === 1 && isPromoted(promotion, day) ? promotion.lift : 1;
}

/** The whole pull on each shelf of a kind and a genre. */
function shelfTotals(catalogue: Catalogue, promotion: Promotion, day: number): Float64Array {
  const totals = new Float64Array(mediaKindNames.length * genres.length);
  for (let item = 0; item < catalogue.size; item++) {
    const pull = pullOf(catalogue, item, day) * badgeLift(catalogue, promotion, item, day);
    for (let place = item * genresPerItem; place < (item + 1) * genresPerItem; place++) {
      const shelf = catalogue.kind[item]! * genres.length + catalogue.genres[place]!;
      totals[shelf]! += pull * catalogue.genreShares[place]!;
    }
  }
  return totals;
}
