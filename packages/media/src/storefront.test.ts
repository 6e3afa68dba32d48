import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findLocale } from './locale.ts';
import {
  currencyDigits,
  currencyName,
  findStorefront,
  residencyRegions,
  storefrontName,
  storefronts,
} from './storefront.ts';

test('each storefront is a country, currency, zone and locales that are known', () => {
  const currencies = new Set(Intl.supportedValuesOf('currency'));
  const zones = new Set(Intl.supportedValuesOf('timeZone'));
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
  for (const { code, currency, timeZone, locales } of storefronts) {
    assert.ok(names.of(code), `${code} is a country`);
    assert.ok(currencies.has(currency), `${currency} of ${code} is a currency`);
    assert.ok(zones.has(timeZone), `${timeZone} of ${code} is a zone`);
    assert.ok(locales.length > 0, `${code} has a locale`);
    for (const locale of locales) assert.ok(findLocale(locale), `${locale} of ${code} is a locale`);
  }
});

test('there are over 150 storefronts, each once, in every region', () => {
  const codes = storefronts.map(({ code }) => code);
  assert.ok(codes.length >= 150, `${codes.length} storefronts`);
  assert.equal(new Set(codes).size, codes.length);
  assert.deepEqual(codes, codes.toSorted());
  assert.deepEqual(
    new Set(storefronts.map(({ residency }) => residency)),
    new Set(residencyRegions),
  );
});

test('a storefront is found by its code, and named in any language', () => {
  assert.equal(findStorefront('JP')?.currency, 'JPY');
  assert.equal(findStorefront('jp'), undefined);
  assert.equal(findStorefront('__proto__'), undefined);
  assert.equal(storefrontName('DE', 'fr'), 'Allemagne');
  assert.equal(currencyName('JPY', 'en'), 'Japanese Yen');
  assert.equal(currencyDigits('JPY'), 0);
  assert.equal(currencyDigits('EUR'), 2);
  assert.equal(currencyDigits('KWD'), 3);
});
