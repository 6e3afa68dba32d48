/** Strengths of concrete by a perceptron, then by a network of one's own; both as ONNX, run back. */
import {
  adamW,
  add,
  encodeOnnx,
  input,
  mean,
  openGraph,
  printGraph,
  relu,
  reshape,
  square,
  subtract,
} from '@backlot/compute';
import {
  bindModule,
  defineModule,
  fit,
  layerNorm,
  linear,
  type Matrix,
  mlpRegressor,
  moduleParameters,
  predict,
  rootMeanSquaredError,
  sequential,
  splits,
  standardScaler,
  takeExamples,
  toOnnx,
  trainModule,
  transform,
} from '@backlot/learn';
import { concrete } from './data.ts';

const all = concrete();
const rows = all.target!.length;
const [split] = splits({ kind: 'holdout', share: 0.2 }, { rows, seed: 1 });
const [train, test] = [takeExamples(all, split!.train), takeExamples(all, split!.test)];
const scaler = await fit(standardScaler(), { features: train.features });
const [near, far] = (await Promise.all(
  [train, test].map(({ features }) => transform(scaler, features)),
)) as [Matrix, Matrix];
const wide = { type: 'float', shape: [far.rows, 8], data: Float32Array.from(far.values) } as const;

// A fit tells its loss by epoch. This one is stopped after three of two hundred.
const specification = mlpRegressor({ hidden: [64, 64], epochs: 200, batch: 64 });
const examples = { features: near, target: train.target! };
const controller = new AbortController();
const stopped = await fit(specification, examples, {
  signal: controller.signal,
  onProgress: ({ done }) => void (done === 3 && controller.abort()),
}).catch((error: { readonly code?: string }) => `stopped after three epochs: ${error.code}`);
console.log(stopped);

const perceptron = await fit(specification, examples, {
  seed: 1,
  onProgress: ({ done, total, loss }) => {
    if (done % 50 === 0) console.log(`epoch ${done} of ${total}, loss ${loss!.toFixed(4)}`);
  },
});
const answers = await predict(perceptron, far);
console.log(`perceptron: off by ${rootMeanSquaredError(test.target!, answers).toFixed(2)} MPa`);
await using exported = await openGraph(toOnnx(perceptron));
const again = (await exported.run({ features: wide })).prediction!.data as Float32Array;
console.log(`as ONNX: ${furthest(answers, again).toExponential(0)} apart at the most`);

// A module of one's own: a block that adds what it learned to what it was given.
const block = (width: number) =>
  defineModule({
    parts: { norm: layerNorm(width), up: linear(width, 2 * width), down: linear(2 * width, width) },
    call: ({ part }, x) => add(x!, part('down', relu(part('up', part('norm', x!))))),
  });
const network = sequential([linear(8, 32), block(32), block(32), linear(32, 1)]);
const bound = bindModule(network);
const [x, y] = [input('x', ['n', 8]), input('y', ['n'])];
const strength = reshape(bound.call(x), ['n']);
// In tens of MPa around the mean, so that the loss begins near 1.
const middle = train.target!.reduce((sum, value) => sum + value, 0) / train.target!.length;
const target = Float32Array.from(train.target!, (value) => (value - middle) / 10);
const epochs = 100;
const { parameters, losses } = await trainModule({
  ...{ module: bound, loss: mean(square(subtract(strength, y))), epochs, seed: 1 },
  ...{ optimiser: adamW({ decay: 0.01 }), clipNorm: 5 },
  schedule: { kind: 'cosine', rate: 0.005, warmUp: 20, steps: epochs * Math.ceil(near.rows / 64) },
  batches: {
    ...{ rows: near.rows, size: 64 },
    feeds: (chosen) => ({
      x: {
        ...{ type: 'float', shape: [chosen.length, 8] },
        data: Float32Array.from({ length: 8 * chosen.length }, (_, at) => {
          return near.values[8 * chosen[at >> 3]! + (at & 7)]!;
        }),
      },
      y: {
        ...{ type: 'float', shape: [chosen.length] },
        data: Float32Array.from(chosen, (row) => target[row]!),
      },
    }),
  },
});
console.log(`own network: loss from ${losses[0]!.toFixed(3)} to ${losses.at(-1)!.toFixed(3)}`);
const values = new Map(
  Object.entries(moduleParameters(network)).map(([path, { shape }]) => [
    path,
    { type: 'float', shape, data: parameters[path]! } as const,
  ]),
);
const bytes = encodeOnnx(printGraph({ name: 'concrete', outputs: { strength }, values }));
await using own = await openGraph(bytes);
const found = (await own.run({ x: wide })).strength!.data as Float32Array;
const strengths = Float64Array.from(found, (value) => 10 * value + middle);
const off = rootMeanSquaredError(test.target!, strengths).toFixed(2);
console.log(`own network, ${bytes.length} bytes of ONNX: off by ${off} MPa`);

function furthest(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let most = 0;
  for (let at = 0; at < left.length; at++) most = Math.max(most, Math.abs(left[at]! - right[at]!));
  return most;
}
