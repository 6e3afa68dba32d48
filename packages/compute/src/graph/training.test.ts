import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Cancelled, seededRandom } from '@backlot/core';
import { build } from '../../build.ts';
import { InvalidExpression } from '../error.ts';
import type { OnnxTensor } from '../onnx/onnx-graph.ts';
import { distance, normals } from '../random-arrays.fixture.ts';
import { relu, square, subtract } from './elementwise.ts';
import { evaluate } from './evaluate.fixture.ts';
import { type Expression, input, parameter } from './expression.ts';
import { gradients } from './gradients.ts';
import { embedding } from './layout.ts';
import { dense } from './linear.ts';
import { dropout } from './network.ts';
import { adagrad, adam, adamW, optimiserStep, plainOptimise, sgd } from './optimiser.ts';
import { mean } from './reduce.ts';
import { rateAt } from './schedule.ts';
import { startValues } from './start-values.ts';
import { type Feeds, openTraining, type TrainingPlan } from './training.ts';

before(build);

const float = (shape: readonly number[], seed: number): OnnxTensor => {
  const length = shape.reduce((product, size) => product * size, 1);
  return { type: 'float', shape, data: normals(length, seed) };
};

/** A table of users read by index, two layers, a squared error. */
function network(options: { readonly rate?: number; readonly byRow?: boolean } = {}) {
  const [x, y] = [input('x', ['n', 3]), input('y', ['n', 1])];
  const users = input('users', ['n'], 'int64');
  const table = parameter('table', [9, 4]);
  const weights = {
    w1: parameter('w1', [3, 4]),
    b1: parameter('b1', [4]),
    w2: parameter('w2', [4, 1]),
  };
  const met = dense(x, weights.w1, weights.b1);
  const hidden = relu(subtract(met, embedding(table, users)));
  const out = dense(dropout(hidden, 'drop', options.rate ?? 0), weights.w2);
  const loss = mean(square(subtract(out, y)));
  const all: readonly Expression[] = [table, ...Object.values(weights)];
  const parameters = all.map((expression, at) => {
    const values = startValues({ kind: 'glorot' }, expression.shape as number[], 3, at);
    return { expression, values, byRow: options.byRow === true && expression === table };
  });
  return { loss, parameters, all };
}

function batch(seed: number, rows: number): Feeds {
  const random = seededRandom(seed);
  const data = BigInt64Array.from({ length: rows }, () => BigInt(random.below(9)));
  const x = float([rows, 3], seed);
  const numbers = x.data as Float32Array;
  const y = Float32Array.from(
    { length: rows },
    (_, row) => numbers[3 * row]! - numbers[3 * row + 1]!,
  );
  return {
    ...{ x, y: { type: 'float', shape: [rows, 1], data: y } },
    users: { type: 'int64', shape: [rows], data },
  };
}

test('steps of each optimiser are those of its plain twin on the same gradients', async () => {
  for (const optimiser of [
    sgd({ momentum: 0.9, decay: 0.01 }),
    adam({ decay: 0.01 }),
    adamW(),
    adagrad(),
  ]) {
    const { loss, parameters, all } = network();
    await using training = await openTraining({ loss, parameters, optimiser }, { threads: 2 });
    const twins = parameters.map(({ values }) => ({
      parameters: values.slice(),
      ...{ first: values.map(() => 0), second: values.map(() => 0) },
    }));
    const found = gradients(loss, all);
    const outputs = Object.fromEntries(all.map(({ name }, at) => [`d.${name}`, found[at]!]));
    for (let step = 1; step <= 20; step++) {
      const feeds = batch(step, 5 + (step % 4));
      const given = Object.fromEntries(
        all.map(({ name, shape }, at) => {
          const data = twins[at]!.parameters;
          return [name!, { type: 'float', shape: shape as number[], data } as const];
        }),
      );
      const slopes = await evaluate(outputs, { ...feeds, ...given });
      await training.step(feeds, 0.05);
      const numbers = optimiserStep(optimiser, 0.05, step);
      all.forEach(({ name }, at) => {
        plainOptimise(
          { ...twins[at]!, gradients: slopes[`d.${name}`]!.data as Float32Array },
          numbers,
        );
      });
    }
    const ours = training.parameters();
    // Floats over twenty steps, sums of the rows' gradients in another order.
    all.forEach(({ name }, at) => {
      const error = distance(ours[name!]!.data as Float32Array, twins[at]!.parameters);
      assert.ok(error < 2e-5, `${optimiser.kind} ${name}: ${error}`);
    });
  }
});

test('training goes down, on batches of many sizes, and again to the same bytes', async () => {
  const { loss, parameters } = network({ rate: 0.2 });
  const plan: TrainingPlan = { loss, parameters, optimiser: adam(), clipNorm: 1 };
  const run = async (threads: number, seed = 4) => {
    await using training = await openTraining(plan, { threads, seed });
    const losses: number[] = [];
    for (let step = 0; step < 60; step++) {
      losses.push((await training.step(batch(step % 3, 16 + step), 0.02)).loss);
    }
    return { losses, parameters: training.parameters() };
  };
  const first = await run(2);
  assert.deepEqual(await run(2), first);
  assert.notDeepEqual((await run(2, 5)).parameters, first.parameters);
  const average = (losses: readonly number[]) =>
    losses.reduce((sum, one) => sum + one, 0) / losses.length;
  assert.ok(average(first.losses.slice(-15)) < 0.8 * average(first.losses.slice(0, 15)));
});

test('a training that is resumed goes on bit for bit', async () => {
  const { loss, parameters } = network({ rate: 0.3 });
  const plan: TrainingPlan = { loss, parameters, optimiser: adamW(), clipNorm: 0.5 };
  await using whole = await openTraining(plan, { seed: 7 });
  for (let step = 0; step < 5; step++) await whole.step(batch(step, 8), 0.01);
  const checkpoint = whole.checkpoint();
  for (let step = 5; step < 10; step++) await whole.step(batch(step, 8), 0.01);
  await using again = await openTraining(plan, { seed: 1 });
  again.resume(checkpoint);
  assert.equal(again.steps, 5);
  for (let step = 5; step < 10; step++) await again.step(batch(step, 8), 0.01);
  assert.deepEqual(again.checkpoint(), whole.checkpoint());
  const other = { ...checkpoint, parameters: {} };
  assert.throws(() => again.resume(other), InvalidExpression);
});

test('a table that is trained by row moves as a whole one does, where it was read', async () => {
  const [byRow, whole] = await Promise.all(
    [true, false].map(async (flag) => {
      const { loss, parameters } = network({ byRow: flag });
      const plan: TrainingPlan = { loss, parameters, optimiser: sgd(), clipNorm: 0.1 };
      await using training = await openTraining(plan);
      let norm = 0;
      for (let step = 0; step < 6; step++) norm = (await training.step(batch(step, 4), 0.1)).norm!;
      return { norm, table: training.parameters().table!.data as Float32Array };
    }),
  );
  assert.ok(Math.abs(byRow!.norm - whole!.norm) < 1e-5 * whole!.norm);
  assert.ok(distance(byRow!.table, whole!.table) < 1e-6);
  const { loss, parameters } = network({ byRow: true });
  await using training = await openTraining({ loss, parameters, optimiser: adam() });
  const feeds = {
    ...batch(1, 2),
    users: { type: 'int64', shape: [2], data: BigInt64Array.of(3n, 3n) },
  } as const;
  await training.step(feeds, 0.1);
  const moved = training.parameters().table!.data as Float32Array;
  const still = parameters[0]!.values;
  moved.forEach((value, at) => {
    if (Math.floor(at / 4) !== 3) assert.equal(value, still[at]);
  });
});

test('the norm is that of all gradients, and clipping scales to it', async () => {
  const { loss, parameters, all } = network();
  const feeds = batch(2, 6);
  const given = Object.fromEntries(
    parameters.map(({ expression: { name, shape }, values }) => {
      return [name!, { type: 'float', shape: shape as number[], data: values } as const];
    }),
  );
  const found = gradients(loss, all);
  const outputs = Object.fromEntries(all.map(({ name }, at) => [`d.${name}`, found[at]!]));
  const slopes = await evaluate(outputs, { ...feeds, ...given });
  let squares = 0;
  for (const { data } of Object.values(slopes)) {
    for (const value of data as Float32Array) squares += value * value;
  }
  await using training = await openTraining({ loss, parameters, optimiser: sgd(), clipNorm: 0.01 });
  const { norm } = await training.step(feeds, 1);
  assert.ok(Math.abs(norm! - Math.sqrt(squares)) < 1e-5 * norm!);
  let moved = 0;
  for (const { expression, values } of parameters) {
    const now = training.parameters()[expression.name!]!.data as Float32Array;
    now.forEach((value, at) => {
      moved += (value - values[at]!) ** 2;
    });
  }
  assert.ok(Math.abs(Math.sqrt(moved) - 0.01) < 1e-4);
});

test('masks keep their share and their scale, and differ by step', async () => {
  const x = input('x', ['n', 50]);
  const w = parameter('w', [50, 1]);
  const dropped = dropout(x, 'drop', 0.3);
  const plan: TrainingPlan = {
    ...{ loss: mean(dense(dropped, w)), outputs: { dropped }, optimiser: sgd() },
    parameters: [{ expression: w, values: new Float32Array(50) }],
  };
  await using training = await openTraining(plan, { threads: 2, seed: 1 });
  const ones = { type: 'float', shape: [400, 50], data: new Float32Array(20_000).fill(1) } as const;
  const seen: Float32Array[] = [];
  for (let step = 0; step < 2; step++) {
    const { outputs } = await training.step({ x: ones }, 0);
    seen.push(outputs.dropped!.data as Float32Array);
  }
  for (const data of seen) {
    const zeros = data.filter((value) => value === 0).length;
    // Binomial: 20,000 draws leave a deviation of 0.0033.
    assert.ok(Math.abs(zeros / 20_000 - 0.3) < 0.015, String(zeros));
    assert.ok(data.every((value) => value === 0 || Math.abs(value - 1 / 0.7) < 1e-6));
  }
  const both = seen[0]!.filter((value, at) => value === 0 && seen[1]![at] === 0).length;
  assert.ok(Math.abs(both / 20_000 - 0.09) < 0.01);
});

test('feeds and plans that do not fit are refused; a signal stops between steps', async () => {
  const { loss, parameters } = network();
  const controller = new AbortController();
  const { signal } = controller;
  await using training = await openTraining({ loss, parameters, optimiser: sgd() }, { signal });
  const good = batch(1, 4);
  const { y: _, ...missing } = good;
  const wrong = [missing, { ...good, y: float([5, 1], 1) }, { ...good, x: float([4, 2], 1) }];
  for (const feeds of wrong) await assert.rejects(training.step(feeds, 0.1), InvalidExpression);
  controller.abort();
  await assert.rejects(training.step(good, 0.1), Cancelled);
  const stranger = { expression: parameter('other', [2]), values: new Float32Array(2) };
  const plans: readonly Partial<TrainingPlan>[] = [
    { parameters: [stranger] },
    { parameters: [{ ...parameters[0]!, values: new Float32Array(1) }] },
    { parameters: [{ ...parameters[1]!, byRow: true }] },
  ];
  for (const part of plans) {
    await assert.rejects(
      openTraining({ loss, parameters, optimiser: sgd(), ...part }),
      InvalidExpression,
    );
  }
});

test('schedules rise and fall as they say', () => {
  assert.equal(rateAt({ kind: 'constant', rate: 0.1 }, 9), 0.1);
  assert.equal(rateAt({ kind: 'stairs', rate: 1, every: 10, factor: 0.5 }, 25), 0.25);
  const linear = { kind: 'linear', rate: 1, warmUp: 4, steps: 12 } as const;
  assert.deepEqual(
    [0, 3, 4, 8, 12, 20].map((step) => rateAt(linear, step)),
    [0.25, 1, 1, 0.5, 0, 0],
  );
  const cosine = { ...linear, kind: 'cosine' } as const;
  assert.ok(Math.abs(rateAt(cosine, 8) - 0.5) < 1e-12 && rateAt(cosine, 12) === 0);
});
