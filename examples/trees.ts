/** Incomes: boosted trees beside forests and one pruned tree, and which columns they split on. */
import {
  accuracy,
  columns,
  decisionTreeClassifier,
  type Examples,
  extraTreesClassifier,
  fit,
  gradientBoosting,
  imputer,
  ordinalEncoder,
  predict,
  predictProbabilities,
  randomForestClassifier,
  rocAuc,
  transform,
} from '@backlot/learn';
import { incomeColumns, incomes } from './data.ts';

const [train, test] = [incomes('train'), incomes('test')];
const { words, numbers } = incomeColumns;
const names = [...words, ...numbers];

// Codes for words once, so that what follows splits the same columns.
const coded = await fit(
  columns(
    { columns: words, estimator: ordinalEncoder() },
    { columns: numbers, estimator: imputer({ with: 'median' }) },
  ),
  train,
);
const ready = async (examples: Examples): Promise<Examples> => ({
  ...{ features: await transform(coded, examples.features), target: examples.target!, names },
});
const [fitted, held] = [await ready(train), await ready(test)];

const learners = {
  'boosted trees': gradientBoosting({ objective: 'classes', leaves: 15 }),
  'random forest': randomForestClassifier({ trees: 40, minRows: 3, outOfBag: true }),
  'extra trees': extraTreesClassifier({ trees: 40, minRows: 3 }),
  'one tree, pruned': decisionTreeClassifier({ pruning: 0.0003 }),
};
for (const [name, learner] of Object.entries(learners)) {
  const model = await fit(learner, fitted, { seed: 1 });
  const { values } = await predictProbabilities(model, held.features);
  const scores = held.target!.map((_, row) => values[2 * row + 1]!);
  const right = accuracy(held.target!, await predict(model, held.features));
  const area = rocAuc(held.target!, scores);
  const { outOfBag, importances } = model.facts ?? {};
  const bag = outOfBag === undefined ? '' : `, out of the bag ${(outOfBag as number).toFixed(4)}`;
  console.log(`${name}: accuracy ${right.toFixed(4)}, area ${area.toFixed(4)}${bag}`);
  if (importances) console.log(`  splits mostly ${leading(importances as readonly number[])}`);
}

/** The three columns that lowered the impurity most. */
function leading(importances: readonly number[]): string {
  return importances
    .map((share, column) => ({ share, name: names[column]! }))
    .sort((a, b) => b.share - a.share)
    .slice(0, 3)
    .map(({ share, name }) => `${name} (${(100 * share).toFixed(0)} %)`)
    .join(', ');
}
