import { currencyDigits } from './storefront.ts';

/** An amount of a currency, rounded to the currency's own digits. */
export interface Price {
  readonly amount: number;
  readonly currency: string;
}

/**
 * How many units of a currency the simulator asks for what costs one elsewhere: round magnitudes for
 * currencies of small unit, no exchange rates. What is absent counts one to one.
 */
const unitsByCurrency: Readonly<Record<string, number>> = {
  AFN: 70,
  AMD: 400,
  AOA: 900,
  ARS: 1_000,
  BDT: 120,
  CDF: 2_800,
  CLP: 900,
  COP: 4_000,
  CRC: 500,
  CZK: 25,
  DZD: 130,
  GNF: 8_600,
  HUF: 350,
  IDR: 16_000,
  INR: 80,
  IQD: 1_300,
  ISK: 140,
  JPY: 150,
  KHR: 4_000,
  KRW: 1_300,
  KZT: 500,
  LAK: 20_000,
  LKR: 300,
  MGA: 4_500,
  MMK: 2_100,
  MNT: 3_400,
  MWK: 1_700,
  NGN: 1_500,
  NPR: 130,
  PKR: 280,
  PYG: 7_500,
  RSD: 110,
  RUB: 90,
  RWF: 1_300,
  TZS: 2_600,
  UGX: 3_700,
  UZS: 12_500,
  VND: 25_000,
  XAF: 600,
  XOF: 600,
  YER: 250,
};

const digitsByCurrency = new Map<string, number>();

/** What a price level is in a currency. */
export function priceIn(level: number, currency: string): Price {
  let digits = digitsByCurrency.get(currency);
  if (digits === undefined) {
    digits = currencyDigits(currency);
    digitsByCurrency.set(currency, digits);
  }
  const scale = 10 ** digits;
  const amount = Math.round(level * (unitsByCurrency[currency] ?? 1) * scale) / scale;
  return { amount, currency };
}
