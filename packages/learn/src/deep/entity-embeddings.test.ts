import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../../compute/build.ts';
import {
  type Examples,
  embeddingClassifier,
  embeddingRegressor,
  fit,
  InvalidExamples,
  predict,
  r2,
} from '../index.ts';
import { normalSource } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

before(build);

/** A number that words of two columns add up to and a third column scales; classes by its sign. */
function shop(seed: number, rows: number, classes: boolean): Examples {
  const random = seededRandom(seed);
  const normal = normalSource(seed + 1);
  const words = (count: number, name: string) =>
    Array.from({ length: rows }, () => `${name}${random.below(count)}`);
  const [city, genre] = [words(12, 'city'), words(6, 'genre')];
  const size = Float64Array.from({ length: rows }, (_, row) => (row % 11 === 5 ? NaN : normal()));
  const worth = (word: string): number =>
    Math.sin(7 * word.charCodeAt(word.length - 1) + word.length);
  const target = size.map((one, row) => {
    const value = 2 * worth(city[row]!) + worth(genre[row]!) * (1 + (one || 0)) + 0.05 * normal();
    return classes ? Number(value > 0) : value;
  });
  const fields = [
    { name: 'city', words: city.map((one, row) => (row % 17 === 3 ? null : one)) },
    { name: 'size', numbers: size },
    { name: 'genre', words: genre },
  ];
  return { features: { rows, fields }, target };
}

const seeded = 'mini-batches are drawn from the order of rows';
const specification = embeddingRegressor({ hidden: [6], epochs: 3 });
tabularLaws({
  ...{ specification, examples: shop(1, 90, false), verbs: ['predict'] },
  ...{ rowOrder: { seeded }, missing: true },
});
tabularLaws({
  specification: embeddingClassifier({ hidden: [6], epochs: 3 }),
  ...{ examples: shop(2, 90, true), verbs: ['predict', 'predictProbabilities'] },
  ...{ rowOrder: { seeded }, missing: true },
});

test('words mean what they add; unknown ones are taken, other columns are refused', async () => {
  const [train, held] = [shop(3, 800, false), shop(3, 1000, false)];
  const model = await fit(
    embeddingRegressor({ hidden: [32], epochs: 60, learningRate: 0.01 }),
    train,
  );
  const found = await predict(model, held.features);
  assert.ok(r2(held.target!, found) > 0.9, String(r2(held.target!, found)));
  const row = (city: string | null) => ({
    rows: 1,
    fields: [
      { name: 'city', words: [city] },
      { name: 'size', numbers: Float64Array.of(0) },
      { name: 'genre', words: ['genre1'] },
    ],
  });
  const [strange, none] = [await predict(model, row('nowhere')), await predict(model, row(null))];
  assert.deepEqual(strange, none);
  const turned = { rows: 1, fields: row('city1').fields.toReversed() };
  const bad = { rows: 1, fields: [turned.fields[1]!, turned.fields[0]!, turned.fields[2]!] };
  await assert.rejects(predict(model, bad), InvalidExamples);
});
