import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ar } from '../i18n/catalogue-ar.ts';
import { en } from '../i18n/catalogue-en.ts';
import { createTranslate } from '../i18n/translate.ts';
import { createFormat, cutMiddle, shortId } from './format.ts';

const f = createFormat({ locale: 'en', timeZone: 'UTC', t: createTranslate('en', en) });
const arabic = createFormat({ locale: 'ar', timeZone: 'UTC', t: createTranslate('ar', ar) });
const minute = 60_000;
const hour = 60 * minute;
const now = Date.UTC(2026, 10, 23, 9, 57);

test('counts are exact to six digits, then compact with three', () => {
  assert.equal(f.number(214_880), '214,880');
  assert.equal(f.number(999_999), '999,999');
  assert.equal(f.number(48_210_311), '48.2M');
  assert.equal(f.exact(48_210_311), '48,210,311');
});

test('small values keep their zeros instead of a letter', () => {
  assert.equal(f.number(0.0081), '0.0081');
  assert.equal(f.decimal(0.1189, 4), '0.1189');
});

test('minus is the true minus, differences carry a sign, zero none', () => {
  assert.equal(f.difference(-2104), '−2,104');
  assert.equal(f.difference(1_310_022), '+1.31M');
  assert.equal(f.difference(0), '0');
});

test('shares print in percent and their differences in points', () => {
  assert.equal(f.share(0.61), '61%');
  assert.equal(f.share(0.021), '2.1%');
  assert.equal(f.share(0.00004), '0.004%');
  assert.equal(f.share(0), '0%');
  assert.equal(f.points(0.013), '+1.3 points');
});

test('sizes are binary, with their unit', () => {
  assert.equal(f.bytes(420 * 1024 ** 2), '420\u00a0MiB');
  assert.equal(f.bytes(1.6 * 1024 ** 3), '1.6\u00a0GiB');
  assert.equal(f.bytes(0), '0\u00a0B');
});

test('an interval joins its bounds by a word, to two digits of the half width', () => {
  const change = { value: 0.018, low: 0.004, high: 0.032 };
  const style = { share: true, signed: true };
  assert.equal(f.interval(change, style).text, '+1.8% (+0.4 to +3.2)');
  assert.equal(
    f.interval({ value: -0.015, low: -0.026, high: -0.004 }, style).text,
    '−1.5% (−2.6 to −0.4)',
  );
  assert.equal(
    f.interval({ value: 0.0068, low: 0.0056, high: 0.008 }, { signed: true }).text,
    '+0.0068 (+0.0056 to +0.0080)',
  );
  assert.equal(f.interval({ value: 23, low: -120, high: 140 }).text, '23 (−120 to 140)');
  assert.match(arabic.interval(change, style).text, /0\.4 … .*3\.2/);
});

test('p, ε and δ', () => {
  assert.equal(f.pValue(0.41), 'p 0.41');
  assert.equal(f.pValue(0.0004), 'p < 0.001');
  assert.equal(f.epsilon(0.4), '0.40');
  assert.equal(f.delta(1e-7), '10⁻⁷');
});

test('time is relative under seven days, then a date', () => {
  assert.equal(f.ago(now - 38 * minute, now), '38 min ago');
  assert.equal(f.ago(now - 72 * minute, now), '72 min ago');
  assert.equal(f.ago(now + 50 * hour, now), 'in 2 days');
  assert.equal(f.ago(now - 8 * 24 * hour, now), 'Nov 15');
  assert.equal(f.ago(now - 400 * 24 * hour, now), 'Oct 19, 2025');
  assert.match(f.instant(now), /Nov 23, 2026.*9:57:00.*UTC/);
});

test('lengths of time have two units at most, marks one', () => {
  assert.equal(f.duration(3 * hour + 24 * minute), '3 h 24 min');
  assert.equal(f.duration(17 * minute + 20_000), '17 min 20 s');
  assert.equal(f.duration(41_000), '41 s');
  assert.equal(f.duration(18.2), '18 ms');
  assert.equal(f.duration(26 * hour), '1 d 2 h');
  assert.equal(f.brief(384_000), '6.4 min');
  assert.equal(f.brief(124 * minute), '2 h');
  assert.equal(f.brief(59_900), '1 min');
});

test('Arabic prints Latin digits and its own words', () => {
  assert.match(arabic.ago(now - 38 * minute, now), /^قبل 38 دقيقة$/);
  assert.equal(arabic.number(48_210), '48,210');
  assert.match(arabic.difference(-5), /−5/);
});

test('ids are short, names are cut in the middle, storefronts are named', () => {
  assert.equal(shortId(`sha256:8c1f2e${'0'.repeat(58)}`), '8c1f2e');
  assert.equal(shortId('7f3a91c0ff12ab'), '7f3a91c');
  assert.equal(cutMiddle('book-next-in-order', 9), 'book…rder');
  assert.equal(cutMiddle('plays', 9), 'plays');
  assert.equal(f.storefront('JP'), 'Japan');
  assert.equal(f.storefront('heavy'), 'heavy');
});
