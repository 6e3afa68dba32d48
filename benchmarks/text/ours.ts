import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chain, fit, linearSvm, logisticRegression, predict, tfIdf } from '@backlot/learn';
import { intents } from './intents.ts';

const task = JSON.parse(process.argv[2]!);
const [train, dev] = [await intents('train'), await intents('dev')];
const classes = [...new Set(train.labels)].sort();
const places = new Map(classes.map((label, at) => [label, at]));
const target = Float64Array.from(train.labels, (label) => places.get(label)!);
const terms = tfIdf(
  task.terms === 'words'
    ? { terms: 'words', wordsTo: 2 }
    : { terms: 'characters', charactersFrom: 2, charactersTo: 5 },
);
// Sums of losses beside a penalty of 1, as scikit-learn's C of 1 has it.
const model =
  task.model === 'logistic'
    ? logisticRegression({ penalty: 1 })
    : linearSvm({ penalty: 1, loss: 'squaredHinge' });
const begin = performance.now();
const fitted = await fit(
  chain(terms, model),
  { features: { texts: train.texts }, target, classes },
  { threads: task.threads, seed: 1 },
);
const seconds = (performance.now() - begin) / 1000;
const peakBytes = process.resourceUsage().maxRSS * 1024;
if (task.output) {
  const found = await predict(fitted, { texts: dev.texts }, { threads: task.threads });
  const labels = Array.from(found, (place) => classes[place]!);
  await writeFile(join(task.output, 'predicted.json'), JSON.stringify(labels));
}
console.log(JSON.stringify({ seconds, peakBytes }));
