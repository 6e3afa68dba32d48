/** Strengths of concrete: a search, intervals that keep their promise, and what each column is worth. */
import {
  chain,
  compareRows,
  conformalIntervals,
  constant,
  elasticNet,
  fit,
  permutationImportance,
  predict,
  searchParameters,
  splits,
  standardScaler,
  takeExamples,
} from '@backlot/learn';
import { concrete } from './data.ts';

const all = concrete();
const rows = all.target!.length;
const [first] = splits({ kind: 'holdout', share: 0.3 }, { rows, seed: 1 });
const [train, rest] = [takeExamples(all, first!.train), takeExamples(all, first!.test)];
const { best, trials } = await searchParameters(chain(standardScaler(), elasticNet()), train, {
  ...{ measure: 'rootMeanSquaredError', seed: 1, strategy: { kind: 'tpe', trials: 15 } },
  space: {
    'steps.1.penalty': { from: 1e-4, to: 10, scale: 'log' },
    'steps.1.l1Ratio': { from: 0.05, to: 1 },
  },
});
const errors = trials.map(({ mean }) => mean);
console.log(
  `${trials.length} trials, best error ${Math.min(...errors).toFixed(3)}`,
  trials[errors.indexOf(Math.min(...errors))]!.parameters,
);

const model = await fit(best, train, { seed: 1 });
const floor = await fit(constant(), train);
const { measures } = await compareRows(model, floor, rest, { resamples: 200 });
const { value, pValue } = measures.rootMeanSquaredError!;
console.log(`error ${value.toFixed(2)} below the mean's, p ${pValue.toFixed(3)}`);

const half = Math.floor(rest.target!.length / 2);
const places = rest.target!.map((_, row) => row);
const [held, fresh] = [
  takeExamples(rest, places.subarray(0, half)),
  takeExamples(rest, places.subarray(half)),
];
const known = { predicted: await predict(model, held.features), target: held.target! };
const { lower, upper } = conformalIntervals(known, await predict(model, fresh.features), 0.1);
const inside = fresh.target!.filter((y, row) => y >= lower[row]! && y <= upper[row]!).length;
console.log(`intervals at 90% hold ${inside} of ${fresh.target!.length} new rows`);

const worth = await permutationImportance(model, fresh, {
  measure: 'rootMeanSquaredError',
  seed: 1,
});
console.log(`worth most: column ${[...worth].sort((a, b) => b.worse - a.worse)[0]!.column}`);
