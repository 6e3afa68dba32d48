export type { PriceEffect, Promotion } from './causal-effects.ts';
export { type Genre, genres } from './genre.ts';
export { findLocale, type Locale, localeName, locales } from './locale.ts';
export {
  isMediaKind,
  type MediaKind,
  type MediaKindFacts,
  mediaKindNames,
  mediaKinds,
} from './media-kind.ts';
export { type Price, priceIn } from './price.ts';
export {
  accountId,
  itemId,
  type SimulatedAccount,
  type SimulatedItem,
  type SimulatedStore,
  simulateStore,
} from './simulate-store.ts';
export {
  type SimulatedDelivery,
  type SimulatedTable,
  simulatedDelivery,
} from './simulated-delivery.ts';
export {
  devices,
  type EventBatch,
  type PlayBatch,
  type PurchaseBatch,
} from './simulated-events.ts';
export {
  type Simulation,
  type SimulationOptions,
  SimulationRefused,
} from './simulation-options.ts';
export type { StoreTruth } from './store-truth.ts';
export {
  currencyDigits,
  currencyName,
  findStorefront,
  type ResidencyRegion,
  residencyRegions,
  type Storefront,
  storefrontName,
  storefronts,
} from './storefront.ts';
