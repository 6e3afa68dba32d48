import { storefrontTable } from './storefront-table.ts';

/** A country's or territory's store. */
export interface Storefront {
  /** ISO 3166-1 alpha-2. */
  readonly code: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Where the data of its people has to stay. */
  readonly residency: ResidencyRegion;
  /** The IANA zone in which most of its people live. */
  readonly timeZone: string;
  /** The locales its people read, the most common first. */
  readonly locales: readonly string[];
}

/**
 * The regions between which data of people does not move. They group storefronts for placement; they
 * are no legal advice.
 */
export const residencyRegions = [
  'north-america',
  'latin-america',
  'europe',
  'united-kingdom',
  'eurasia',
  'middle-east',
  'africa',
  'india',
  'china',
  'japan',
  'asia-pacific',
] as const;

/** A region that data of people stays in. */
export type ResidencyRegion = (typeof residencyRegions)[number];

/** All storefronts, by code. */
export const storefronts: readonly Storefront[] = residencyRegions
  .flatMap((residency) =>
    storefrontTable[residency]
      .trim()
      .split('\n')
      .map((line) => storefrontOf(line.trim(), residency)),
  )
  .sort((a, b) => (a.code < b.code ? -1 : 1));

function storefrontOf(line: string, residency: ResidencyRegion): Storefront {
  const [code, currency, timeZone, locales] = line.split(' ');
  return Object.freeze({
    code: code!,
    currency: currency!,
    residency,
    timeZone: timeZone!,
    locales: Object.freeze(locales!.split(',')),
  });
}

const byCode = new Map(storefronts.map((storefront) => [storefront.code, storefront]));

/** The storefront of a country code, `undefined` when there is none. */
export function findStorefront(code: string): Storefront | undefined {
  return byCode.get(code);
}

/**
 * The name of a storefront's country in a language.
 *
 * @example
 * storefrontName('JP', 'de'); // 'Japan'
 */
export function storefrontName(code: string, inLocale: string): string {
  return new Intl.DisplayNames([inLocale], { type: 'region' }).of(code) ?? code;
}

/** The name of a currency in a language. */
export function currencyName(currency: string, inLocale: string): string {
  return new Intl.DisplayNames([inLocale], { type: 'currency' }).of(currency) ?? currency;
}

/** How many digits a currency has after its point: 2 for EUR, 0 for JPY. */
export function currencyDigits(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  return maximumFractionDigits ?? 2;
}
