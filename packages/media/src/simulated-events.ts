import { assert, type SeededRandom, seededRandom } from '@backlot/core';
import { drawAlias } from './alias-table.ts';
import {
  buyChance,
  isPromoted,
  isTreated,
  type Promotion,
  priceFactor,
  promotionOf,
} from './causal-effects.ts';
import { genres } from './genre.ts';
import { type MediaKind, mediaKindNames, mediaKinds } from './media-kind.ts';
import { eventsByDay, hourTable, zoneOffsets } from './rhythm.ts';
import { Shelves } from './shelves.ts';
import { type Catalogue, genresPerItem, isAvailable } from './simulated-catalogue.ts';
import {
  drawGenre,
  drawKind,
  driftShare,
  favouriteCount,
  type Population,
} from './simulated-population.ts';
import type { Simulation } from './simulation-options.ts';

/** Some events of one day. The arrays belong to whoever gets them. */
export interface EventBatch {
  /** Counts from 0; the day of the storefront in its own zone. */
  readonly day: number;
  readonly plays: PlayBatch;
  readonly purchases: PurchaseBatch;
}

/** Plays as columns of equal length. */
export interface PlayBatch {
  readonly size: number;
  /** Account and item indexes; `accountId` and `itemId` name them. */
  readonly account: Int32Array;
  readonly item: Int32Array;
  /** Milliseconds since 1970, UTC. */
  readonly playedAt: Float64Array;
  readonly msPlayed: Int32Array;
  /** Index into the simulation's storefronts. */
  readonly storefront: Uint8Array;
  /** Index into `devices`. */
  readonly device: Uint8Array;
}

/** Purchases as columns of equal length. */
export interface PurchaseBatch {
  readonly size: number;
  readonly account: Int32Array;
  readonly item: Int32Array;
  /** Milliseconds since 1970, UTC. */
  readonly purchasedAt: Float64Array;
  /** The price in levels (about dollars): `priceIn` turns it into the storefront's currency. */
  readonly level: Float64Array;
  readonly storefront: Uint8Array;
}

export const devices = ['phone', 'tablet', 'computer', 'tv', 'speaker', 'watch'] as const;

/** Cumulative shares of the devices for each kind. */
const deviceShares: Readonly<Record<MediaKind, readonly number[]>> = {
  app: [0.72, 0.92, 0.97, 0.99, 0.99, 1],
  song: [0.58, 0.63, 0.77, 0.8, 0.94, 1],
  episode: [0.7, 0.74, 0.84, 0.85, 0.95, 1],
  film: [0.12, 0.28, 0.42, 1, 1, 1],
  series: [0.18, 0.36, 0.5, 1, 1, 1],
  book: [0.4, 0.88, 0.94, 0.94, 1, 1],
};

/** The share of draws in which an account thinks of buying rather than of playing. */
export const considerShare = 0.15;
const batchSize = 65_536;
/** Beyond this many draws for each event wanted, the options leave nothing to happen: a bug. */
const maxDrawsPerEvent = 10_000;

/** Draws all events, day by day. */
export function* simulatedEvents(
  simulation: Simulation,
  population: Population,
  catalogue: Catalogue,
): Iterable<EventBatch> {
  const source = new EventSource(simulation, population, catalogue);
  const { days, startsAt } = simulation;
  const counts = eventsByDay(simulation.events, days, startsAt);
  for (let day = 0; day < days; day++) {
    if (counts[day] === 0) continue;
    source.startDay(day);
    for (let left = counts[day]!; left > 0; left -= batchSize) {
      yield source.draw(Math.min(left, batchSize));
    }
  }
}

/** How much of a taste the rising genre has taken by a day. */
export function driftOn(simulation: Simulation, day: number): number {
  return (driftShare * (day + 0.5)) / simulation.days;
}

/** How readily an account takes an item in the language it is in. */
export function languageFit(
  population: Population,
  catalogue: Catalogue,
  account: number,
  item: number,
): number {
  if (population.locale[account] === catalogue.locale[item]) return 1;
  return mediaKinds[mediaKindNames[catalogue.kind[item]!]!].crossesLanguages;
}

/**
 * Draws an account by activity, a kind and a genre by its taste, an item of both by its pull, and
 * then lets the draw stand with a chance. What fails is dropped rather than drawn again for the same
 * account, so that every expected rate is a plain product, which `StoreTruth` states.
 */
class EventSource {
  readonly #simulation: Simulation;
  readonly #population: Population;
  readonly #catalogue: Catalogue;
  readonly #random: SeededRandom;
  readonly #shelves: Shelves;
  readonly #promotion: Promotion;
  readonly #offsetsAt: (noonUtc: number) => Int32Array;
  readonly #hours = mediaKindNames.map(hourTable);
  readonly #deviceShares = mediaKindNames.map((kind) => deviceShares[kind]);
  #day = 0;
  #offsets: Int32Array = new Int32Array(0);

  constructor(simulation: Simulation, population: Population, catalogue: Catalogue) {
    this.#simulation = simulation;
    this.#population = population;
    this.#catalogue = catalogue;
    this.#random = seededRandom(simulation.seed, 3);
    this.#shelves = new Shelves(catalogue);
    this.#promotion = promotionOf(simulation);
    this.#offsetsAt = zoneOffsets(simulation.storefronts.map(({ timeZone }) => timeZone));
  }

  startDay(day: number): void {
    this.#day = day;
    this.#offsets = this.#offsetsAt(this.#simulation.startsAt + (day + 0.5) * 86_400_000);
    const lift = isPromoted(this.#promotion, day) ? this.#promotion.lift : 1;
    this.#shelves.fill(day, lift);
  }

  draw(count: number): EventBatch {
    const plays = emptyPlays(count);
    const purchases = emptyPurchases(count);
    const drift = driftOn(this.#simulation, this.#day);
    let played = 0;
    let bought = 0;
    for (let draws = 0; played + bought < count; draws++) {
      assert(draws < count * maxDrawsPerEvent + 1e6, 'some draw of the simulation stands');
      const random = this.#random;
      const account = drawAlias(this.#population.byActivity, random.uniform());
      const kind = drawKind(this.#population, account, random.uniform());
      const genre = drawGenre(this.#population, account, drift, random.uniform());
      const item = this.#shelves.draw(kind, genre, random.uniform());
      if (item < 0) continue;
      const considers = random.uniform() < considerShare;
      if (random.uniform() >= this.#standChance(account, item)) continue;
      if (considers) {
        if (this.#buy(purchases, bought, account, item)) bought++;
      } else {
        this.#play(plays, played++, account, item);
      }
    }
    return { day: this.#day, plays: cut(plays, played), purchases: cut(purchases, bought) };
  }

  #standChance(account: number, item: number): number {
    const population = this.#population;
    const catalogue = this.#catalogue;
    const storefront = population.storefront[account]!;
    if (!isAvailable(this.#simulation, catalogue, item, storefront)) return 0;
    const fit = languageFit(population, catalogue, account, item);
    // The shelves hold the lift for all; whoever sees no badge gives it back.
    const liftless =
      catalogue.badged[item] === 1 &&
      isPromoted(this.#promotion, this.#day) &&
      !isTreated(this.#simulation, account);
    return liftless ? fit / this.#promotion.lift : fit;
  }

  #play(plays: Mutable<PlayBatch>, at: number, account: number, item: number): void {
    const random = this.#random;
    const kind = this.#catalogue.kind[item]!;
    plays.account[at] = account;
    plays.item[at] = item;
    plays.playedAt[at] = this.#momentOf(account, kind);
    const liking = affinityOf(this.#population, this.#catalogue, account, item);
    const share = random.uniform() ** (1 / (0.6 + 5 * liking));
    plays.msPlayed[at] = Math.max(1_000, share * this.#catalogue.durationMs[item]!);
    plays.storefront[at] = this.#population.storefront[account]!;
    const shares = this.#deviceShares[kind]!;
    const drawn = random.uniform();
    let device = 0;
    while (drawn >= shares[device]!) device++;
    plays.device[at] = device;
  }

  #buy(purchases: Mutable<PurchaseBatch>, at: number, account: number, item: number): boolean {
    const level = this.#catalogue.priceLevel[item]!;
    if (level === 0) return false;
    const factor = priceFactor(this.#simulation, this.#catalogue, item, this.#day);
    if (this.#random.uniform() >= buyChance(factor)) return false;
    purchases.account[at] = account;
    purchases.item[at] = item;
    purchases.purchasedAt[at] = this.#momentOf(account, this.#catalogue.kind[item]!);
    purchases.level[at] = level * factor;
    purchases.storefront[at] = this.#population.storefront[account]!;
    return true;
  }

  /** A moment of the day in the account's zone, by the rhythm of the kind. */
  #momentOf(account: number, kind: number): number {
    const table = this.#hours[kind]!;
    const hour = table[(this.#random.uniform() * table.length) | 0]!;
    const local = this.#simulation.startsAt + this.#day * 86_400_000 + hour * 3_600_000;
    const within = Math.floor(this.#random.uniform() * 3_600_000);
    return local + within - this.#offsets[this.#population.storefront[account]!]!;
  }
}

/** How well an item meets an account's taste before any drift: the product of their vectors. */
export function affinityOf(
  population: Population,
  catalogue: Catalogue,
  account: number,
  item: number,
): number {
  let sum = 0;
  let before = 0;
  for (let rank = 0; rank < favouriteCount; rank++) {
    const at = account * favouriteCount + rank;
    const share = population.favouriteShares[at]! - before;
    before = population.favouriteShares[at]!;
    for (let place = item * genresPerItem; place < (item + 1) * genresPerItem; place++) {
      if (catalogue.genres[place] === population.favourites[at]) {
        sum += share * catalogue.genreShares[place]!;
      }
    }
  }
  return sum + (1 - before) / genres.length;
}

type Mutable<Batch> = Omit<Batch, 'size'>;

function emptyPlays(size: number): Mutable<PlayBatch> {
  return {
    account: new Int32Array(size),
    item: new Int32Array(size),
    playedAt: new Float64Array(size),
    msPlayed: new Int32Array(size),
    storefront: new Uint8Array(size),
    device: new Uint8Array(size),
  };
}

function emptyPurchases(size: number): Mutable<PurchaseBatch> {
  return {
    account: new Int32Array(size),
    item: new Int32Array(size),
    purchasedAt: new Float64Array(size),
    level: new Float64Array(size),
    storefront: new Uint8Array(size),
  };
}

type Column = { subarray(start: number, end: number): unknown };

function cut<Batch extends Record<keyof Batch, Column>>(
  columns: Batch,
  size: number,
): Batch & { size: number } {
  const shorter = Object.entries<Column>(columns).map(([name, column]) => [
    name,
    column.subarray(0, size),
  ]);
  return { ...(Object.fromEntries(shorter) as Batch), size };
}
