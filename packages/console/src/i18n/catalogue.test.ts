import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ar } from './catalogue-ar.ts';
import { en, type MessageKey } from './catalogue-en.ts';
import { type Message, piecesOf } from './message.ts';
import { createTranslate } from './translate.ts';

const keys = Object.keys(en) as MessageKey[];
const forms = (message: Message): readonly string[] =>
  typeof message === 'string' ? [message] : Object.values(message);
const places = (message: Message): readonly string[] =>
  [
    ...new Set(
      forms(message).flatMap((form) =>
        piecesOf(form).flatMap((piece) => ('place' in piece ? [piece.place] : [])),
      ),
    ),
  ].sort();

test('both languages have every key, none is empty', () => {
  assert.deepEqual(Object.keys(ar).sort(), [...keys].sort());
  for (const key of keys) {
    for (const form of [...forms(en[key]), ...forms(ar[key])])
      assert.notEqual(form.trim(), '', key);
  }
});

test('a translation uses the places of the original and no other', () => {
  for (const key of keys) {
    // A plural may say its count in words, so that only places beyond the count must agree.
    const [here, there] = [places(ar[key]), places(en[key])].map((all) =>
      all.filter((place) => place !== 'count'),
    );
    if (typeof ar[key] === 'string') assert.deepEqual(here, there, key);
    else
      for (const place of here ?? []) assert.ok(there?.includes(place), `${key} has no ${place}`);
  }
});

test('every plural of a language is chosen by its own rules', () => {
  const arabic = createTranslate('ar', ar);
  assert.equal(arabic('home.title', { count: 0 }), 'لا شيء بانتظارك');
  assert.equal(arabic('home.title', { count: 2 }), 'أمران بانتظارك');
  assert.equal(arabic('home.title', { count: 7 }), '7 أمور بانتظارك');
  assert.equal(arabic('home.title', { count: 11 }), '11 أمرًا بانتظارك');
  const english = createTranslate('en', en);
  assert.equal(english('home.title', { count: 1 }), '1 thing needs you');
  assert.equal(english('quarantine.held', { count: 1412 }), '1,412 rows held back');
});

test('every message is used by a page or built from a name', () => {
  const folder = join(import.meta.dirname, '..');
  const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !/catalogue-|\.test\./.test(path))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
  const built = [...source.matchAll(/`([a-zA-Z]+(?:\.[a-zA-Z]+)*\.?)\$\{/g)].map(
    (match) => match[1]!,
  );
  const unused = keys.filter(
    (key) => !source.includes(`'${key}'`) && !built.some((start) => key.startsWith(start)),
  );
  assert.deepEqual(unused, []);
});
