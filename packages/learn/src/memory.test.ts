import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { build } from '../../compute/build.ts';
import {
  chain,
  describeEstimators,
  fit,
  fitMemory,
  interactionsFromPairs,
  itemKnn,
  kMeans,
  MemoryExceeded,
  oneHotEncoder,
  ridge,
  standardScaler,
} from './index.ts';
import { measureMemory, memoryAllowance } from './measure-memory.fixture.ts';
import { memoryCases } from './memory-cases.fixture.ts';
import { regressionExamples } from './tabular-examples.fixture.ts';

before(build);

const elsewhere = process.platform === 'linux' ? false : 'only Linux forgets a highest mark';

for (const label of ['kMeans doubles', 'gradientBoosting floats', 'logisticRegression floats']) {
  test(`${label}: a fit holds no more than it states`, { skip: elsewhere }, () => {
    const found = measureMemory(label);
    assert.ok('peak' in found, JSON.stringify(found));
    const { peak, stated } = found;
    assert.ok(peak > 2 ** 20, `nothing was measured: ${peak}`);
    assert.ok(peak <= stated + memoryAllowance, `${peak} bytes held, ${stated} stated`);
  });
}

test('every estimator has a case for the long table', () => {
  const measured = new Set(memoryCases().map(({ specification }) => specification.kind));
  const missing = describeEstimators().filter(({ kind }) => !measured.has(kind));
  assert.deepEqual(missing, []);
});

test('a fit above its memory limit is refused with the figure, before it begins', async () => {
  const examples = regressionExamples(1, 4000);
  const specification = kMeans({ clusters: 50 });
  const needed = fitMemory(specification, examples);
  const refused = fit(specification, examples, { memoryLimit: needed - 1 });
  await assert.rejects(refused, (error) => {
    assert.ok(error instanceof MemoryExceeded);
    assert.deepEqual([error.needed, error.limit], [needed, needed - 1]);
    assert.match(error.message, /kMeans may hold \d+ MiB beside the data/);
    return true;
  });
  const { kind } = await fit(specification, examples, { memoryLimit: needed, threads: 1 });
  assert.equal(kind, 'kMeans');
});

test('recommenders and the parts of a chain keep to the limit as well', async () => {
  const pairs = { users: 3, items: 2, userIndices: [0, 1, 2], itemIndices: [0, 1, 1] };
  const plays = interactionsFromPairs(pairs);
  await assert.rejects(fit(itemKnn(), plays, { memoryLimit: 8 }), MemoryExceeded);
  // What the encoder makes is wider than what the chain was given.
  const words = Array.from({ length: 2000 }, (_, row) => `word ${row}`);
  const wide = {
    features: { rows: 2000, fields: [{ name: 'word', words }] },
    target: Float64Array.from(words, (_, row) => row % 2),
  };
  const both = chain(oneHotEncoder({ leastRows: 1 }), ridge());
  await assert.rejects(fit(both, wide, { memoryLimit: 2 ** 22 }), /ridge may hold/);
  // The chain states what the widest that the encoder may make would ask for.
  const narrow = chain(oneHotEncoder({ most: 10 }), ridge());
  assert.ok(fitMemory(both, wide) > fitMemory(narrow, wide) + 8 * 2000 * 990);
});

test('the bound of a size is that of data of this size', () => {
  const examples = regressionExamples(1, 400);
  const size = { rows: 400, columns: 5, stored: 2000, classes: 0 };
  const { target: _, ...features } = examples;
  assert.equal(fitMemory(standardScaler(), size), fitMemory(standardScaler(), features));
  const plays = { users: 9, items: 7, interactions: 20 };
  assert.ok(fitMemory(itemKnn(), plays) > 0);
});
