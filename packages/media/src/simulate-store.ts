import { genres } from './genre.ts';
import { locales } from './locale.ts';
import { type MediaKind, mediaKindNames } from './media-kind.ts';
import { priceIn } from './price.ts';
import {
  type Catalogue,
  createCatalogue,
  genresPerItem,
  isAvailable,
} from './simulated-catalogue.ts';
import { type EventBatch, simulatedEvents } from './simulated-events.ts';
import { createPopulation, type Population } from './simulated-population.ts';
import { simulatedTitle } from './simulated-title.ts';
import { checkSimulation, type Simulation, type SimulationOptions } from './simulation-options.ts';
import { createTruth, type StoreTruth } from './store-truth.ts';

/** A store whose people, items and events are made up, and whose truth is known. */
export interface SimulatedStore {
  readonly simulation: Simulation;
  /** The accounts in the order of their indexes. */
  accounts(): Iterable<SimulatedAccount>;
  /** The items in the order of their indexes. */
  items(): Iterable<SimulatedItem>;
  /**
   * Plays and purchases by day of the storefront, in batches; within a day in no order. Each call
   * starts anew and yields the same.
   */
  events(): Iterable<EventBatch>;
  /** What no estimator may look at, and each can be checked against. */
  readonly truth: StoreTruth;
}

/** An account of a simulated store. */
export interface SimulatedAccount {
  readonly account: string;
  readonly storefront: string;
  readonly locale: string;
  /** By how much it does, next to others: the upper 2% are heavy, the lower 60% light. */
  readonly activity: 'light' | 'regular' | 'heavy';
}

/** An item of a simulated store. */
export interface SimulatedItem {
  readonly item: string;
  readonly kind: MediaKind;
  readonly title: string;
  readonly locale: string;
  readonly genres: readonly string[];
  /** `YYYY-MM-DD`. */
  readonly releasedOn: string;
  readonly provider: string;
  readonly durationMs: number;
  /** Where it comes from; price and currency are those of this storefront. */
  readonly origin: string;
  readonly price: number;
  readonly currency: string;
  /** The codes of all storefronts that sell it. */
  readonly storefronts: readonly string[];
}

/**
 * Simulates a store. Everything follows from the options: no clock, no file, no other randomness.
 *
 * @example
 * const store = simulateStore({ seed: 1, accounts: 1_000, items: 500, days: 30, events: 50_000 });
 * for (const { plays } of store.events()) total += plays.size;
 */
export function simulateStore(options: SimulationOptions): SimulatedStore {
  const simulation = checkSimulation(options);
  const population = createPopulation(simulation);
  const catalogue = createCatalogue(simulation);
  return {
    simulation,
    accounts: () => describeAccounts(simulation, population),
    items: () => describeItems(simulation, catalogue),
    events: () => simulatedEvents(simulation, population, catalogue),
    truth: createTruth(simulation, population, catalogue),
  };
}

/** The id of the account at an index. */
export function accountId(index: number): string {
  return `a${String(index).padStart(8, '0')}`;
}

/** The id of the item at an index. */
export function itemId(index: number): string {
  return `i${String(index).padStart(7, '0')}`;
}

function* describeAccounts(
  { storefronts }: Simulation,
  population: Population,
): Iterable<SimulatedAccount> {
  const sorted = population.activity.toSorted();
  const regular = sorted[Math.floor(0.6 * sorted.length)]!;
  const heavy = sorted[Math.floor(0.98 * sorted.length)]!;
  for (let index = 0; index < population.size; index++) {
    const activity = population.activity[index]!;
    yield {
      account: accountId(index),
      storefront: storefronts[population.storefront[index]!]!.code,
      locale: locales[population.locale[index]!]!.code,
      activity: activity >= heavy ? 'heavy' : activity >= regular ? 'regular' : 'light',
    };
  }
}

function* describeItems(simulation: Simulation, catalogue: Catalogue): Iterable<SimulatedItem> {
  for (let index = 0; index < catalogue.size; index++)
    yield describeItem(simulation, catalogue, index);
}

function describeItem(simulation: Simulation, catalogue: Catalogue, index: number): SimulatedItem {
  const { seed, startsAt, storefronts } = simulation;
  const locale = locales[catalogue.locale[index]!]!;
  const origin = storefronts[catalogue.origin[index]!]!;
  const { amount, currency } = priceIn(catalogue.priceLevel[index]!, origin.currency);
  const first = index * genresPerItem;
  const released = startsAt + catalogue.releaseDay[index]! * 86_400_000;
  return {
    item: itemId(index),
    kind: mediaKindNames[catalogue.kind[index]!]!,
    title: simulatedTitle(seed, index, locale),
    locale: locale.code,
    genres: [
      ...new Set(
        Array.from(
          catalogue.genres.subarray(first, first + genresPerItem),
          (genre) => genres[genre]!,
        ),
      ),
    ],
    releasedOn: new Date(released).toISOString().slice(0, 10),
    provider: `provider-${String(catalogue.provider[index]).padStart(3, '0')}`,
    durationMs: catalogue.durationMs[index]!,
    origin: origin.code,
    price: amount,
    currency,
    storefronts: storefronts
      .filter((_, storefront) => isAvailable(simulation, catalogue, index, storefront))
      .map(({ code }) => code),
  };
}
