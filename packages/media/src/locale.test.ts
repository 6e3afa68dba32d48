import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findLocale, localeName, locales } from './locale.ts';
import { storefronts } from './storefront.ts';

test('there are 35 languages, and Intl agrees on the script of each', () => {
  assert.equal(new Set(locales.map(({ language }) => language)).size, 35);
  for (const { code, language, script } of locales) {
    const known = new Intl.Locale(code).maximize();
    assert.equal(known.language, language);
    assert.equal(known.script, script);
    assert.notEqual(localeName(code, 'en'), code);
    assert.deepEqual(Intl.DisplayNames.supportedLocalesOf([code]), [code]);
  }
});

test('Arabic, Persian, Urdu and Hebrew run from right to left, and no other', () => {
  const found = locales.filter(({ direction }) => direction === 'rtl').map(({ code }) => code);
  assert.deepEqual(found, ['ar', 'fa', 'he', 'ur']);
});

test('each locale is read in some storefront', () => {
  const read = new Set(storefronts.flatMap((storefront) => storefront.locales));
  for (const { code } of locales) assert.ok(read.has(code), `${code} is read somewhere`);
  assert.equal(findLocale('xx'), undefined);
});
