import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languageMix, languageOf } from './language.ts';

/** Sentences of our own, each in one language. */
const sentences: Readonly<Record<string, readonly string[]>> = {
  en: [
    'The ship that they had built was lost in the storm',
    'She waits for a letter from her father',
  ],
  fr: [
    'Une femme cherche son frère dans la ville',
    'Il ne sait pas où elle est partie avec les enfants',
  ],
  de: ['Der alte Mann wartet auf einen Brief', 'Sie wird nicht mit ihm nach Hause gehen'],
  es: ['El niño que vive en la casa del río', 'No hay nada más triste que una ciudad sin música'],
  pt: [
    'Não há nada mais triste do que uma cidade sem música',
    'Ele foi para a praia com os irmãos',
  ],
  it: [
    'La ragazza che viveva nella casa del nonno',
    'Non sono mai stato così felice come questa sera',
  ],
  nl: ['De man die niet naar huis wilde gaan', 'Het is een verhaal over een jongen en zijn hond'],
  pl: ['Dziewczyna, która nie chciała wrócić do domu', 'To jest opowieść o chłopcu i jego psie'],
  sv: ['Det är en berättelse om en pojke och hans hund', 'Hon ville inte gå hem med honom'],
  tr: ['Bu çok güzel bir hikâye ve daha sonra', 'Ben onun için her şeyi yaptım ama değil'],
  ja: ['少年と犬の物語です', 'さよならの朝'],
  ko: ['소년과 개의 이야기'],
  zh: ['一个男孩和他的狗的故事'],
  ru: ['История о мальчике и его собаке'],
  uk: ['Історія про хлопчика та його собаку'],
  ar: ['قصة ولد وكلبه'],
  fa: ['داستان پسری و سگش'],
  he: ['סיפור על ילד וכלבו'],
  el: ['Η ιστορία ενός αγοριού και του σκύλου του'],
  th: ['เรื่องราวของเด็กชายกับสุนัขของเขา'],
  hi: ['एक लड़के और उसके कुत्ते की कहानी'],
};

test('sentences are told by their language', () => {
  for (const [language, list] of Object.entries(sentences)) {
    for (const sentence of list) assert.equal(languageOf(sentence), language, sentence);
  }
});

test('what no sentence is stays undetermined, and the mix adds up to one', () => {
  for (const name of ['', 'Casablanca', '1984', 'xyz-42', '👩‍🚀'])
    assert.equal(languageOf(name), 'und');
  const mix = languageMix([...Object.values(sentences).flat(), 'Casablanca']);
  assert.ok(Math.abs(mix.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-12);
  assert.ok(mix.some(({ language }) => language === 'und'));
});
