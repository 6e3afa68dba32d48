import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  adam,
  add,
  constant,
  crossEntropy,
  type Expression,
  type Feeds,
  input,
  maximum,
  mean,
  openGraph,
  printGraph,
  relu,
  reshape,
  sgd,
  slice,
  square,
  subtract,
  transposeAxes,
} from '@backlot/compute';
import { Cancelled, seededRandom } from '@backlot/core';
import { build } from '../../../compute/build.ts';
import {
  activation,
  type BoundModule,
  bindModule,
  causalBias,
  convolution,
  defineModule,
  dropoutLayer,
  embeddingTable,
  gru,
  layerNorm,
  linear,
  type Module,
  moduleParameters,
  multiHeadAttention,
  type ParameterValues,
  paddingBias,
  sequential,
  startParameters,
  trainModule,
} from '../index.ts';
import { normalSource } from '../tabular-examples.fixture.ts';
import { plainValues } from './network-tensors.ts';
import { evaluatePlain } from './plain-network.ts';

before(build);

const float = (shape: readonly number[], data: Float32Array) =>
  ({ type: 'float', shape, data }) as const;
const int64 = (shape: readonly number[], data: ArrayLike<number>) =>
  ({ type: 'int64', shape, data: BigInt64Array.from(data, BigInt) }) as const;
const normals = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, normalSource(seed));

async function evaluate(
  result: Expression,
  feeds: Feeds,
  module: Module,
  values: ParameterValues,
): Promise<Float32Array> {
  const graph = printGraph({ name: 'm', outputs: { result }, values: plainValues(module, values) });
  await using session = await openGraph(graph);
  return (await session.run(feeds)).result!.data as Float32Array;
}

test('parameters are named by their path, start by the seed, and are shared by calls', () => {
  const module = defineModule({
    parts: { first: linear(3, 4), rest: sequential([activation('relu'), layerNorm(4)]) },
    call: ({ part }, x) => part('rest', part('first', x!)),
  });
  const paths = ['first.weights', 'first.bias', 'rest.1.gain', 'rest.1.shift'];
  assert.deepEqual(Object.keys(moduleParameters(module)), paths);
  assert.deepEqual(startParameters(module, 3), startParameters(module, 3));
  assert.notDeepEqual(startParameters(module, 3), startParameters(module, 4));
  const bound = bindModule(module);
  const x = input('x', ['n', 3]);
  const seen = new Set([bound.call(x), bound.call(x)].flatMap((one) => [...parametersIn(one)]));
  assert.equal(seen.size, 4);
  assert.ok(Object.isFrozen(module));
});

function parametersIn(node: Expression): ReadonlySet<Expression> {
  if (node.op === 'parameter') return new Set([node]);
  return new Set(node.inputs.flatMap((one) => [...parametersIn(one)]));
}

test('a step of two layers is that of the gradient written by hand', async () => {
  const module = bindModule(sequential([linear(2, 3), activation('tanh'), linear(3, 1)]));
  const start = startParameters(module.module, 5);
  const [x, y] = [normals(8, 1), normals(4, 2)];
  const out = reshape(module.call(input('x', ['n', 2])), ['n']);
  const { parameters } = await trainModule({
    ...{ module, start, epochs: 1, optimiser: sgd() },
    loss: mean(square(subtract(out, input('y', ['n'])))),
    schedule: { kind: 'constant', rate: 0.1 },
    batches: {
      ...{ rows: 4, size: 4 },
      feeds: (rows) => feedRows(rows, x, y),
    },
  });
  const expected = handStep(start, x, y, 0.1);
  for (const [path, values] of Object.entries(expected)) {
    values.forEach((value, at) => {
      assert.ok(Math.abs(value - parameters[path]![at]!) < 1e-6, `${path} ${at}`);
    });
  }
});

function feedRows(rows: Int32Array, x: Float32Array, y: Float32Array): Feeds {
  const pairs = Array.from(rows, (row) => [x[2 * row]!, x[2 * row + 1]!]).flat();
  return {
    x: float([rows.length, 2], Float32Array.from(pairs)),
    y: float(
      [rows.length],
      Float32Array.from(rows, (row) => y[row]!),
    ),
  };
}

/** Forward and backward of tanh(x a + b) c + d with a mean squared error, in doubles. */
function handStep(start: ParameterValues, x: Float32Array, y: Float32Array, rate: number) {
  const [a, b, c, d] = ['0.weights', '0.bias', '2.weights', '2.bias'].map((name) =>
    Float64Array.from(start[name]!),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const slopes = [a, b, c, d].map((one) => new Float64Array(one.length));
  for (let row = 0; row < 4; row++) {
    const hidden = Array.from({ length: 3 }, (_, k) =>
      Math.tanh(x[2 * row]! * a[k]! + x[2 * row + 1]! * a[3 + k]! + b[k]!),
    );
    const out = hidden.reduce((sum, h, k) => sum + h * c[k]!, d[0]!);
    const slope = (2 * (out - y[row]!)) / 4;
    slopes[3]![0]! += slope;
    hidden.forEach((h, k) => {
      slopes[2]![k]! += slope * h;
      const inner = slope * c[k]! * (1 - h * h);
      slopes[1]![k]! += inner;
      slopes[0]![k]! += inner * x[2 * row]!;
      slopes[0]![3 + k]! += inner * x[2 * row + 1]!;
    });
  }
  const moved = [a, b, c, d].map((one, at) => one.map((v, k) => v - rate * slopes[at]![k]!));
  const names = ['0.weights', '0.bias', '2.weights', '2.bias'];
  return Object.fromEntries(names.map((name, at) => [name, moved[at]!]));
}

test('attention sees what its biases let it see, and is the same on one thread as by ONNX Runtime', async () => {
  const module = bindModule(multiHeadAttention(8, { heads: 2, dropout: 0.5 }));
  const values = startParameters(module.module, 1);
  const x = input('x', ['n', 5, 8]);
  const run = async (out: Expression, data: Float32Array) => {
    const feeds = { x: float([1, 5, 8], data) };
    const found = await evaluate(out, feeds, module.module, values);
    const plain = evaluatePlain(out, feeds, plainValues(module.module, values));
    found.forEach((value, at) => {
      assert.ok(Math.abs(value - plain[at]!) < 1e-5);
    });
    return found;
  };
  const causal = module.call(x, constant(float([5, 5], causalBias(5))));
  const hidden = module.call(x, constant(float([1, 1, 1, 5], paddingBias([1, 1, 1, 1, 0]))));
  const [data, other] = [normals(40, 3), normals(40, 3)];
  other.set(normals(8, 9), 32);
  // The last place changes: with either bias the first four must not notice.
  for (const out of [causal, hidden]) {
    const [before, after] = [await run(out, data), await run(out, other)];
    assert.deepEqual(before.slice(0, 32), after.slice(0, 32));
    assert.notDeepEqual(before.slice(32), after.slice(32));
  }
});

/** Trains a module to tell classes of sequences of eight symbols, and gives its share of right answers. */
async function learn(
  network: (x: Expression, bound: BoundModule) => Expression,
  module: Module,
  label: (sequence: readonly number[]) => number,
): Promise<number> {
  const random = seededRandom(4);
  const sequences = Array.from({ length: 400 }, () =>
    Array.from({ length: 8 }, () => random.below(4)),
  );
  const bound = bindModule(module);
  const logits = network(input('x', ['n', 8], 'int64'), bound);
  const feeds = (rows: ArrayLike<number>): Feeds => ({
    x: int64([rows.length, 8], Array.from(rows, (row) => sequences[row]!).flat()),
    y: int64(
      [rows.length],
      Array.from(rows, (row) => label(sequences[row]!)),
    ),
  });
  const { parameters } = await trainModule({
    ...{ module: bound, epochs: 40, optimiser: adam(), clipNorm: 1, seed: 1 },
    loss: mean(crossEntropy(logits, input('y', ['n'], 'int64'))),
    schedule: { kind: 'constant', rate: 0.01 },
    batches: { rows: 300, size: 50, feeds },
  });
  const held = Array.from({ length: 100 }, (_, at) => 300 + at);
  const { x } = feeds(held);
  const found = await evaluate(logits, { x: x! }, module, parameters);
  return (
    held.filter((row, at) => {
      return Number(found[2 * at + 1]! > found[2 * at]!) === label(sequences[row]!);
    }).length / 100
  );
}

test('a recurrent unit remembers the first symbol; a convolution finds a pair anywhere', async () => {
  const recurrent = defineModule({
    parts: { symbols: embeddingTable(4, 4, 0.5), unit: gru(4, 12), out: linear(12, 2) },
    call: ({ part }, x) => {
      const states = part('unit', part('symbols', x!));
      return part('out', reshape(slice(states, 1, 7, 8), ['n', 12]));
    },
  });
  const first = await learn(
    (x, bound) => bound.call(x),
    recurrent,
    ([one]) => Number(one! > 1),
  );
  const convolved = defineModule({
    parts: {
      symbols: embeddingTable(4, 4, 0.5),
      window: convolution(4, 8, 2, 0),
      out: linear(8, 2),
    },
    call: ({ part }, x) => {
      const columns = transposeAxes(part('symbols', x!), [0, 2, 1]);
      return part('out', maximum(relu(part('window', columns)), [2]));
    },
  });
  const pair = await learn(
    (x, bound) => bound.call(x),
    convolved,
    (all) => Number(all.some((one, at) => one === 3 && all[at + 1]! < 2)),
  );
  assert.ok(first > 0.95 && pair > 0.95, `${first} ${pair}`);
});

test('training goes on to the same bytes whatever the threads, keeps the best, and is cancelled', async () => {
  const residual = (width: number): Module =>
    defineModule({
      parts: { first: linear(width, width), second: linear(width, width) },
      call: ({ part }, x) => add(x!, part('second', relu(part('first', x!)))),
    });
  const module = bindModule(sequential([residual(2), dropoutLayer(0.2), linear(2, 1)]));
  const [x, y] = [normals(120, 1), normals(60, 2)];
  const out = reshape(module.call(input('x', ['n', 2])), ['n']);
  const reports: number[] = [];
  const options = {
    ...{ module, epochs: 30, optimiser: adam(), seed: 3 },
    loss: mean(square(subtract(out, input('y', ['n'])))),
    schedule: { kind: 'constant', rate: 0.05 },
    batches: { rows: 60, size: 16, feeds: (rows: Int32Array) => feedRows(rows, x, y) },
    earlyStopping: { share: 0.25, patience: 4 },
    onProgress: ({ done }: { readonly done: number }) => {
      reports.push(done);
    },
  } as const;
  const [one, two] = [
    await trainModule({ ...options, threads: 1 }),
    await trainModule({ ...options, threads: 2 }),
  ];
  assert.deepEqual(one, two);
  const lowest = one.validation.indexOf(Math.min(...one.validation));
  assert.ok(one.losses.length === 30 || one.losses.length === lowest + 5);
  assert.equal(reports.length, 2 * one.losses.length);
  const controller = new AbortController();
  const running = trainModule({
    ...{ ...options, signal: controller.signal },
    onProgress: () => controller.abort(),
  });
  await assert.rejects(running, Cancelled);
});
