/** Incomes from census rows: columns prepared by their type, a logistic regression, who it is fair to. */
import {
  chain,
  chooseThreshold,
  columns,
  evaluateRows,
  fairness,
  fit,
  imputer,
  logisticRegression,
  oneHotEncoder,
  predictProbabilities,
  standardScaler,
} from '@backlot/learn';
import { incomeColumns, incomes } from './data.ts';

const [train, test] = [incomes('train'), incomes('test')];
const learner = chain(
  columns(
    { columns: incomeColumns.words, estimator: oneHotEncoder({ leastRows: 20, sparse: true }) },
    {
      columns: incomeColumns.numbers,
      estimator: chain(imputer({ with: 'median' }), standardScaler()),
    },
  ),
  logisticRegression({ penalty: 1 }),
);
const model = await fit(learner, train, { seed: 1 });

const sex =
  'fields' in test.features ? test.features.fields.find(({ name }) => name === 'sex') : undefined;
const groups = sex && 'words' in sex ? sex.words.map((word) => word ?? 'unknown') : [];
const { measures, slices } = await evaluateRows(model, test, {
  ...{ seed: 1, resamples: 100, measures: ['accuracy', 'rocAuc'], by: { sex: groups } },
});
for (const [name, { value, low, high }] of Object.entries(measures)) {
  console.log(`${name}  ${value.toFixed(4)}  (${low.toFixed(4)} to ${high.toFixed(4)})`);
}
for (const [group, { rows, measures: own }] of Object.entries(slices.sex ?? {})) {
  console.log(`  ${group}: accuracy ${own.accuracy?.value.toFixed(4)} on ${rows} rows`);
}

const { values } = await predictProbabilities(model, test.features);
const scores = Float64Array.from(test.target!, (_, row) => values[2 * row + 1]!);
const { threshold, value } = chooseThreshold(test.target!, scores, { kind: 'f1' });
console.log(`F1 is best at ${threshold.toFixed(3)}: ${value.toFixed(4)}`);
const { parityRatio, oddsDifference } = fairness(
  test.target!,
  scores.map((one) => (one >= threshold ? 1 : 0)),
  groups,
);
console.log(`parity ratio ${parityRatio.toFixed(3)}, odds differ by ${oddsDifference.toFixed(3)}`);
