import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancelled, seededRandom } from '@backlot/core';
import {
  chain,
  columns,
  type Examples,
  fit,
  gradientBoosting,
  interactionsFromPairs,
  oneHotEncoder,
  popularity,
  predict,
  ridge,
  standardScaler,
} from '@backlot/learn';
import {
  estimatorArtifact,
  evaluateEstimator,
  fitEstimator,
  fitFound,
  searchEstimator,
} from './estimator-tasks.ts';
import { decodeExamples, encodeExamples, NotExamples } from './examples-set.ts';

function films(rows: number, seed: number): Examples {
  const random = seededRandom(seed);
  const kinds = Array.from({ length: rows }, () => ['film', 'series'][random.below(2)]!);
  const minutes = Float64Array.from({ length: rows }, () => 60 + random.below(90));
  const target = minutes.map(
    (value, row) => value / 30 + (kinds[row] === 'film' ? 2 : 0) + 0.1 * random.normal(),
  );
  const fields = [
    { name: 'kind', words: kinds },
    { name: 'minutes', numbers: minutes },
  ];
  return { features: { rows, fields }, target };
}

const learner = chain(
  columns(
    { columns: ['kind'], estimator: oneHotEncoder() },
    { columns: ['minutes'], estimator: standardScaler() },
  ),
  ridge(),
);

/** Runs a task as a worker does, without a scheduler around it. */
async function runTask(task: unknown, inputs: object, parameters: object, signal?: AbortSignal) {
  const metrics: Record<string, number> = {};
  const said: string[] = [];
  const losses: number[] = [];
  const read = (value: unknown) => ({ read: async () => value });
  const given = Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, read(value)]),
  );
  const { run } = task as { run(call: object): Promise<Record<string, unknown>> };
  const context = {
    ...{ seed: 1, signal: signal ?? new AbortController().signal, services: { threads: 1 } },
    metric: (name: string, value: number) => {
      metrics[name] = value;
    },
    progress: (told: { unit: string; loss?: number }) => {
      said.push(told.unit);
      if (told.loss !== undefined) losses.push(told.loss);
    },
  };
  return { results: await run({ inputs: given, parameters, context }), metrics, said, losses };
}

test('examples of every form come back as they were', () => {
  const dense = { rows: 2, columns: 2, values: Float32Array.of(1, Number.NaN, 3, 4) };
  const sparse = {
    ...{ rows: 2, columns: 3, offsets: Int32Array.of(0, 1, 2), indices: Int32Array.of(2, 0) },
    values: Float64Array.of(5, 6),
  };
  const all: readonly Examples[] = [
    {
      features: dense,
      target: Float64Array.of(0, 1),
      weights: Float64Array.of(1, 2),
      names: ['a', 'b'],
    },
    { features: sparse, groups: Int32Array.of(2), classes: ['x', 'y'] },
    { features: { texts: ['ä', '歌'] } },
    films(3, 1),
  ];
  for (const examples of all) {
    const bytes = encodeExamples(examples);
    assert.deepEqual(decodeExamples(bytes), examples);
    assert.deepEqual(decodeExamples(new Uint8Array([0, ...bytes]).subarray(1)), examples);
    for (let length = 0; length < bytes.length; length += 3) {
      assert.throws(() => decodeExamples(bytes.subarray(0, length)), NotExamples);
    }
  }
});

test('an estimator is fitted, measured by slice, and its model read back', async () => {
  const [train, held] = [films(200, 1), films(100, 2)];
  const { results } = await runTask(fitEstimator, { on: train }, { estimator: learner });
  const model = results.model as never;
  const measured = await runTask(evaluateEstimator, { model, on: held }, { by: ['kind'] });
  const { evaluation } = measured.results as {
    evaluation: { measures: Record<string, { value: number }>; slices: Record<string, object> };
  };
  assert.ok(evaluation.measures.rootMeanSquaredError!.value < 0.15);
  assert.deepEqual(Object.keys(evaluation.slices.kind!), ['film', 'series']);
  assert.ok(measured.metrics.r2! > 0.95);
});

test('a search finds a better penalty, and what it found is fitted', async () => {
  const train = films(80, 3);
  const space = { estimator: { choices: [1] } };
  await assert.rejects(
    runTask(
      searchEstimator,
      { on: train },
      { estimator: learner, space, measure: 'r2', strategy: { kind: 'grid' } },
    ),
    { code: 'E-LEARN-005' },
  );
  const minutes = train.features as { fields: readonly { numbers?: Float64Array }[] };
  const values = minutes.fields[1]!.numbers!;
  const dense = { features: { rows: 80, columns: 1, values }, target: train.target! };
  const { results, metrics, said } = await runTask(
    searchEstimator,
    { on: dense },
    {
      ...{
        estimator: ridge(),
        measure: 'rootMeanSquaredError',
        strategy: { kind: 'random', trials: 8 },
      },
      space: { penalty: { from: 0.001, to: 1e6, scale: 'log' } },
    },
  );
  const found = results as unknown as {
    best: ReturnType<typeof ridge>;
    search: { trials: { mean: number }[] };
  };
  assert.equal(metrics.trials, 8);
  assert.equal(said.at(-1), 'trials');
  const means = found.search.trials.map(({ mean }) => mean);
  assert.ok(Math.min(...means) < means[0]! || means[0] === Math.min(...means));
  const again = await runTask(fitFound, { on: dense, estimator: found.best }, {});
  const model = again.results.model as never;
  assert.deepEqual(
    await predict(model, dense.features),
    await predict(await fit(found.best, dense, { seed: 1 }), dense.features),
  );
});

test('a fit tells its loss by round through a chain, and keeps to its memory limit', async () => {
  const train = films(400, 4);
  const boosted = chain(
    columns({ columns: ['minutes'], estimator: standardScaler() }),
    gradientBoosting({ rounds: 12 }),
  );
  const { said, losses } = await runTask(fitEstimator, { on: train }, { estimator: boosted });
  assert.ok(said.includes('gradientBoosting rounds'), said.join());
  assert.ok(losses.length >= 10 && losses.at(-1)! < losses[0]!, losses.join());
  const limited = { estimator: boosted, memoryLimitMiB: 1 };
  await assert.rejects(runTask(fitEstimator, { on: train }, limited), { code: 'E-LEARN-020' });
});

test('a cancelled task stops, and a recommender is no estimator of rows', async () => {
  const signal = AbortSignal.abort();
  await assert.rejects(
    runTask(fitEstimator, { on: films(20, 1) }, { estimator: learner }, signal),
    Cancelled,
  );
  const plays = interactionsFromPairs({ users: 1, items: 1, userIndices: [0], itemIndices: [0] });
  const bytes = estimatorArtifact.encode((await fit(popularity(), plays)) as never) as Uint8Array;
  const content = { bytes: async () => bytes } as never;
  await assert.rejects(estimatorArtifact.decode(content), { code: 'E-TASKS-006' });
});
