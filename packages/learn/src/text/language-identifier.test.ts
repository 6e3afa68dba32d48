import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  accuracy,
  fit,
  languageIdentifier,
  predict,
  predictProbabilities,
  scoreRows,
} from '../index.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';
import { languages, languageTexts } from './languages.fixture.ts';

const { train, check } = languageTexts;
const examples = { features: { texts: train.texts }, target: train.target, classes: languages };

test('fourteen languages of nine scripts are told apart by sentences never seen', async () => {
  const model = await fit(languageIdentifier(), examples);
  const found = await predict(model, { texts: check.texts });
  assert.equal(accuracy(check.target, found), 1);
});

test('the probabilities are those of naive Bayes over runs, counted by hand', async () => {
  const options = { charactersTo: 1, smoothing: 1, bits: 20, prior: 'observed' } as const;
  // Each word has a space before and behind it, which counts as a letter.
  const texts = ['aab', 'ab b', 'bb'];
  const target = Float64Array.of(0, 0, 1);
  const model = await fit(languageIdentifier(options), { features: { texts }, target });
  const all = 2 ** 20;
  const zero = ((2 / 3) * (4 / (12 + all)) * (7 / (12 + all)) ** 2) as number;
  const one = ((1 / 3) * (1 / (4 + all)) * (3 / (4 + all)) ** 2) as number;
  const { values } = await predictProbabilities(model, { texts: ['A1'] });
  assert.ok(Math.abs(values[0]! - zero / (zero + one)) < 1e-5, `${values[0]}`);
  const [margin] = await scoreRows(model, { texts: ['A1'] });
  assert.ok(Math.abs(margin! - Math.log(zero / one)) < 1e-5, `${margin}`);
});

test('a class without rows is never found, and a text without letters is no evidence', async () => {
  const [texts, target] = [['ab', 'cd'], Float64Array.of(0, 2)];
  const model = await fit(languageIdentifier(), { features: { texts }, target });
  const { values } = await predictProbabilities(model, { texts: ['123 !'] });
  assert.deepEqual([...values], [0.5, 0, 0.5]);
});

test('weights count as rows repeated do', async () => {
  const weighted = await fit(languageIdentifier({ bits: 8 }), {
    ...{ features: { texts: ['ab', 'cd', 'ad'] }, target: Float64Array.of(0, 1, 1) },
    weights: Float64Array.of(1, 2, 1),
  });
  const repeated = await fit(languageIdentifier({ bits: 8 }), {
    ...{ features: { texts: ['ab', 'cd', 'cd', 'ad'] }, target: Float64Array.of(0, 1, 1, 1) },
  });
  assert.deepEqual(weighted.tensors, repeated.tensors);
});

tabularLaws({
  specification: languageIdentifier({ bits: 7, charactersTo: 2 }),
  examples,
  verbs: ['predict', 'predictProbabilities', 'scoreRows'],
  rowOrder: 0,
});
