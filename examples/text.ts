/** Intents of short requests, by the words that they hold. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  accuracy,
  chain,
  complementNaiveBayes,
  fit,
  languageIdentifier,
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

const learner = chain(
  tfIdf({ terms: 'words', wordsTo: 2, sublinear: true }),
  complementNaiveBayes(),
);
const model = await fit(
  learner,
  { features: { texts: train.texts }, target, classes },
  { seed: 1 },
);
const found = await predict(model, { texts: check.texts });
console.log(`accuracy ${(100 * accuracy(expected, found)).toFixed(2)} %`);

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
