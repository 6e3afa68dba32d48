// Intents of short requests, by two ways to make rows of texts and two linear models.
// Run: npx node examples/text.ts
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  accuracy,
  chain,
  fit,
  hashedText,
  languageIdentifier,
  linearSvm,
  logisticRegression,
  minHash,
  nearDuplicates,
  predict,
  tfIdf,
} from '@backlot/learn';

interface Labelled {
  readonly texts: readonly string[];
  readonly labels: readonly string[];
}

const folder = join(import.meta.dirname, '../../shared/data/snips-nlu');
const [train, check] = existsSync(folder) ? [read('train'), read('dev')] : written();
const classes = [...new Set(train.labels)].sort();
const target = Float64Array.from(train.labels, (label) => classes.indexOf(label));
const expected = Float64Array.from(check.labels, (label) => classes.indexOf(label));
console.log(`${train.texts.length} requests to learn from, ${check.texts.length} to check by`);

const rows = {
  tfIdf: tfIdf({ terms: 'both', wordsTo: 2, sublinear: true, charactersTo: 4 }),
  hashedText: hashedText({ terms: 'both', wordsTo: 2, charactersTo: 4, bits: 16 }),
};
const models = { logisticRegression: logisticRegression({}), linearSvm: linearSvm({}) };
for (const [rowsName, transformer] of Object.entries(rows)) {
  for (const [modelName, classifier] of Object.entries(models)) {
    const begun = performance.now();
    const examples = { features: { texts: train.texts }, target, classes };
    const model = await fit(chain(transformer, classifier), examples, { seed: 1, threads: 2 });
    const found = await predict(model, { texts: check.texts });
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    const share = (100 * accuracy(expected, found)).toFixed(2);
    console.log(`${rowsName} + ${modelName}: accuracy ${share} %, ${seconds} s`);
  }
}

const { left, right, similarity } = nearDuplicates(minHash(train.texts), { threshold: 0.8 });
console.log(`${left.length} pairs of requests are nearly the same; three of them:`);
for (let at = 0; at < Math.min(3, left.length); at++) {
  const pair = [train.texts[left[at]!], train.texts[right[at]!]].join(' | ');
  console.log(`  ${similarity[at]!.toFixed(2)}  ${pair}`);
}

const languages = await fit(languageIdentifier(), {
  features: { texts: ['the book and the film', 'das Buch und der Film', 'le livre et le film'] },
  target: Float64Array.of(0, 1, 2),
  classes: ['English', 'German', 'French'],
});
const [language] = await predict(languages, { texts: ['und das Ende der Geschichte'] });
console.log(`"und das Ende der Geschichte" is ${languages.signature.classNames![language!]}`);

function read(part: string): Labelled {
  const lines = (name: string) =>
    readFileSync(join(folder, `${part}.${name}`), 'utf8')
      .trimEnd()
      .split('\n');
  return { texts: lines('seq.in'), labels: lines('label') };
}

/** Where the data is not there: requests made of a few patterns. */
function written(): [Labelled, Labelled] {
  const patterns: Readonly<Record<string, readonly string[]>> = {
    play: ['play some # please', 'put on # now', 'i want to hear #'],
    book: ['a table for # tonight', 'reserve # for us', 'book # at seven'],
    rate: ['give # five stars', 'i rate # a two', 'one point for #'],
  };
  const names = ['jazz', 'the old house', 'winter', 'rivers of gold', 'two friends', 'a blue sky'];
  const all = Object.entries(patterns).flatMap(([label, own]) =>
    names.flatMap((name) => own.map((text) => ({ label, text: text.replace('#', name) }))),
  );
  const part = (wanted: boolean): Labelled => {
    const own = all.filter((_, at) => (at % 4 === 0) === wanted);
    return { texts: own.map(({ text }) => text), labels: own.map(({ label }) => label) };
  };
  return [part(false), part(true)];
}
