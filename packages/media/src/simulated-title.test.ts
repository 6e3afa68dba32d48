import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locales } from './locale.ts';
import { simulatedTitle } from './simulated-title.ts';

/** What Unicode calls the letters of an ISO 15924 script that stands for more than one. */
const unicodeScripts: Readonly<Record<string, string>> = {
  Jpan: '[\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Han}]',
  Kore: '\\p{Script=Hangul}',
  Hans: '\\p{Script=Han}',
  Hant: '\\p{Script=Han}',
};

test('a title is written in the script of its locale, and is the same each time', () => {
  for (const locale of locales) {
    const letters = unicodeScripts[locale.script] ?? `\\p{Script=${locale.script}}`;
    const shape = new RegExp(`^(?:${letters}|[\\p{Mark}\\s])+$`, 'u');
    for (let item = 0; item < 30; item++) {
      const title = simulatedTitle(5, item, locale);
      assert.match(title, shape, `${locale.code}: ${title}`);
      assert.equal(title, simulatedTitle(5, item, locale));
    }
  }
});

test('titles differ between items and seeds', () => {
  const english = locales.find(({ code }) => code === 'en')!;
  const titles = Array.from({ length: 200 }, (_, item) => simulatedTitle(5, item, english));
  assert.ok(new Set(titles).size > 180);
  assert.notDeepEqual(
    titles,
    Array.from({ length: 200 }, (_, item) => simulatedTitle(6, item, english)),
  );
});
