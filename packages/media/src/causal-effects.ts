import { mixedUniform } from './mixed-bits.ts';
import type { Catalogue } from './simulated-catalogue.ts';
import type { Simulation } from './simulation-options.ts';

/**
 * A promotion: in its days, accounts of a random half see a badge on a random subset of items, and
 * play each of those `lift` times as often as they would have. Nothing else changes.
 */
export interface Promotion {
  readonly lift: number;
  /** The first day, and the day after the last. */
  readonly fromDay: number;
  readonly toDay: number;
}

/** Prices move at random by item and week; sales go with the price to the power of `-elasticity`. */
export interface PriceEffect {
  readonly elasticity: number;
  /** The factors on the list price, each as likely. */
  readonly factors: readonly number[];
}

export const priceEffect: PriceEffect = { elasticity: 1.4, factors: [0.7, 0.85, 1, 1.25] };

/** The chance to buy at the list price, once an account considers a paid item. */
const baseBuyChance = 0.5;

/** The promotion of a simulation: from the middle of its days, for a quarter of them. */
export function promotionOf({ days }: Simulation): Promotion {
  const fromDay = Math.floor(days / 2);
  return { lift: 1.5, fromDay, toDay: fromDay + Math.ceil(days / 4) };
}

/** Whether the promotion runs on a day. */
export function isPromoted({ fromDay, toDay }: Promotion, day: number): boolean {
  return day >= fromDay && day < toDay;
}

/** Whether an account is in the half that sees badges. */
export function isTreated({ seed }: Simulation, account: number): boolean {
  return mixedUniform(seed ^ 0x51ed270b, account, 0) < 0.5;
}

/** The factor on an item's list price in the week of a day; 1 for what is free. */
export function priceFactor(
  { seed }: Simulation,
  catalogue: Catalogue,
  item: number,
  day: number,
): number {
  if (catalogue.priceLevel[item] === 0) return 1;
  const { factors } = priceEffect;
  const drawn = mixedUniform(seed ^ 0x2545f491, item, Math.floor(day / 7));
  return factors[Math.floor(drawn * factors.length)]!;
}

/** The chance to buy a considered item at a factor on its list price. */
export function buyChance(factor: number): number {
  return baseBuyChance * factor ** -priceEffect.elasticity;
}
