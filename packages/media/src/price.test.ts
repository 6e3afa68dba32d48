import assert from 'node:assert/strict';
import { test } from 'node:test';
import { priceIn } from './price.ts';
import { currencyDigits, storefronts } from './storefront.ts';

test('a price has the digits of its currency and never falls to nothing', () => {
  for (const { currency } of storefronts) {
    const price = priceIn(0.69, currency);
    assert.equal(price.currency, currency);
    assert.ok(price.amount > 0);
    assert.equal(price.amount, Number(price.amount.toFixed(currencyDigits(currency))));
    assert.equal(priceIn(0, currency).amount, 0);
  }
  assert.equal(priceIn(4.99, 'EUR').amount, 4.99);
  assert.equal(priceIn(4.99, 'JPY').amount, 749);
});
