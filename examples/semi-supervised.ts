/** Penguins of which few are named: what the others add; then one species that is marked in part. */
import { seededRandom } from '@backlot/core';
import {
  accuracy,
  calibratedClassifier,
  chain,
  coTraining,
  fit,
  gaussianNaiveBayes,
  labelPropagation,
  labelSpreading,
  logisticRegression,
  positiveUnlabelled,
  predict,
  selfTraining,
  standardScaler,
  takeExamples,
} from '@backlot/learn';
import { penguins } from './data.ts';

const { features, target } = penguins();
const truth = target!;
const order = Array.from(truth.keys());
seededRandom(1).shuffle(order);
const classes = ['first', 'second', 'third'];
const named = classes.flatMap((_, label) =>
  order.filter((row) => truth[row] === label).slice(0, 3),
);
const hidden = truth.map((label, row) => (named.includes(row) ? label : -1));
const estimator = gaussianNaiveBayes();

const alone = await fit(
  chain(standardScaler(), estimator),
  takeExamples({ features, target: truth, classes }, named),
);
const right = accuracy(truth, await predict(alone, features));
console.log(`${named.length} named rows alone: ${right.toFixed(3)} of the species right`);

// Flippers and weight do not tell two of the species apart: with such a view co-training does harm.
const views = [
  { columns: ['0', '1'], estimator },
  { columns: ['2', '3'], estimator },
];
const learners = {
  'label propagation': labelPropagation(),
  'label spreading': labelSpreading({ spread: 0.9 }),
  'self-training': selfTraining({ estimator, threshold: 0.95 }),
  'co-training': coTraining({ views, most: 9 }),
};
for (const [name, learner] of Object.entries(learners)) {
  const model = await fit(chain(standardScaler(), learner), { features, target: hidden, classes });
  const share = accuracy(truth, await predict(model, features));
  console.log(`${name}, ${truth.length - named.length} more rows: ${share.toFixed(3)}`);
}

const random = seededRandom(2);
const marked = truth.map((label) => (label === 0 && random.uniform() < 0.5 ? 1 : -1));
const judge = calibratedClassifier({ estimator: logisticRegression(), method: 'sigmoid' });
const learner = positiveUnlabelled({ estimator: judge, method: 'weights' });
const model = await fit(
  chain(standardScaler(), learner),
  { features, target: marked },
  { seed: 1 },
);
const prior = Number(model.parts?.['01']?.facts?.prior);
const share = truth.filter((label) => label === 0).length / truth.length;
console.log(
  `half of one species marked: its share is ${share.toFixed(3)}, found ${prior.toFixed(3)}`,
);
