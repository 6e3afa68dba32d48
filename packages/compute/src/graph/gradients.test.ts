import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvalidExpression } from '../error.ts';
import {
  absolute,
  add,
  clamp,
  divide,
  erf,
  exp,
  gelu,
  greater,
  log,
  multiplyElements,
  negate,
  relu,
  sigmoid,
  silu,
  softplus,
  sqrt,
  square,
  stopGradient,
  subtract,
  tanh,
  where,
} from './elementwise.ts';
import { doubles, evaluate, type Feeds, gradientError, indices } from './evaluate.fixture.ts';
import { type Expression, input } from './expression.ts';
import { gradients } from './gradients.ts';
import { concat, embedding, pad, pick, reshape, slice, stretch, transposeAxes } from './layout.ts';
import { convolve, dense, matmul } from './linear.ts';
import {
  attention,
  crossEntropy,
  gruStep,
  layerNormalise,
  logSoftmax,
  rmsNormalise,
  softmax,
  standardise,
} from './network.ts';
import { maximum, mean, sum } from './reduce.ts';

// Central differences of step 1e-5 in doubles: rounding leaves about 1e-10, curvature as much.
const tolerance = 2e-8;

const x = (name: string, shape: readonly (number | string)[]) => input(name, shape, 'double');

interface Case {
  readonly of: readonly Expression[];
  readonly result: Expression;
  readonly feeds: Feeds;
  readonly shape: readonly number[];
}

async function holds(name: string, { of, result, feeds, shape }: Case): Promise<void> {
  const error = await gradientError(result, of, feeds, shape);
  assert.ok(error < tolerance, `${name}: ${error}`);
}

test('the gradient of each operation of one is that of differences', async () => {
  const operations = {
    ...{ negate, exp, log, sqrt, absolute, tanh, sigmoid, relu, softplus, silu, square },
  };
  for (const [name, operation] of Object.entries(operations)) {
    const a = x('a', ['n', 3]);
    const positive = name === 'log' || name === 'sqrt';
    const feeds = { a: doubles([2, 3], 1, positive ? 0.3 : -1.5) };
    await holds(name, { of: [a], result: operation(a), feeds, shape: [2, 3] });
  }
});

test('the error function and the unit made of it, in floats, by their closed forms', async () => {
  const a = input('a', [5]);
  const data = Float32Array.of(-2, -0.5, 0, 0.3, 1.7);
  const feeds = { a: { type: 'float', shape: [5], data } } as const;
  const [ofErf, ofGelu] = [erf, gelu].map((operation) => gradients(sum(operation(a)), [a])[0]!);
  const found = await evaluate({ ofErf: ofErf!, ofGelu: ofGelu!, erf: erf(a) }, feeds);
  data.forEach((x, at) => {
    const slope = (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x);
    const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
    // Phi by its series: 1/2 + density (x + x^3/3 + x^5/15 + ...).
    let [term, series] = [x, x];
    for (let n = 1; n < 40; n++) {
      term *= (x * x) / (2 * n + 1);
      series += term;
    }
    const near = (tensor: string, expected: number): void => {
      const value = (found[tensor]!.data as Float32Array)[at]!;
      assert.ok(Math.abs(value - expected) < 1e-6, `${tensor} at ${x}: ${value}, not ${expected}`);
    };
    near('ofErf', slope);
    near('ofGelu', 0.5 + density * series + x * density);
  });
});

test('operations of two stretch, and sum their gradients back', async () => {
  const shapes = [
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3]],
    [
      [1, 3],
      [2, 1],
    ],
    [
      [2, 1, 3],
      [4, 1],
    ],
    [[], [2, 3]],
  ] as const;
  for (const [left, right] of shapes) {
    const [a, b] = [x('a', left), x('b', right)];
    const feeds = { a: doubles(left, 1, 0.5), b: doubles(right, 2, 0.5) };
    for (const [name, operation] of Object.entries({ add, subtract, multiplyElements, divide })) {
      const result = operation(a, b);
      await holds(`${name} ${left} ${right}`, {
        of: [a, b],
        result,
        feeds,
        shape: result.shape as number[],
      });
    }
    const chosen = where(greater(a, b), multiplyElements(a, 3), b);
    await holds('where', { of: [a, b], result: chosen, feeds, shape: chosen.shape as number[] });
  }
  const a = x('a', [3]);
  const half = multiplyElements(stopGradient(a), a);
  const feeds = { a: doubles([3], 3) };
  const [gradient] = gradients(sum(half), [a]);
  const found = await evaluate({ gradient: gradient! }, feeds);
  assert.deepEqual(found.gradient!.data, feeds.a.data);
});

test('matrix products of every transposition, batched and with one matrix for all', async () => {
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      for (const [before, other] of [
        [[], []],
        [[2], [2]],
        [[2], []],
        [[2, 2], []],
      ] as const) {
        const left = [...before, ...(transposeA ? [3, 2] : [2, 3])];
        const right = [...other, ...(transposeB ? [4, 3] : [3, 4])];
        const [a, b] = [x('a', left), x('b', right)];
        const feeds = { a: doubles(left, 1), b: doubles(right, 2) };
        const result = matmul(a, b, { transposeA, transposeB, scale: 0.5 });
        await holds(`${left} ${right}`, { of: [a, b], result, feeds, shape: [...before, 2, 4] });
      }
    }
  }
});

test('layout: reshape, transpose, concat, slice, pad, stretch', async () => {
  const a = x('a', ['n', 2, 6]);
  const b = x('b', ['n', 2, 1]);
  const feeds = { a: doubles([3, 2, 6], 1), b: doubles([3, 2, 1], 2) };
  const cases: readonly (readonly [string, Expression, readonly number[]])[] = [
    ['reshape', square(reshape(a, ['n', 12])), [3, 12]],
    ['flatten', square(reshape(a, ['n*2', 6])), [6, 6]],
    ['split', square(reshape(reshape(a, ['n*2', 6]), ['n', 2, 3, 2], a)), [3, 2, 3, 2]],
    ['transpose', square(transposeAxes(a, [2, 0, 1])), [6, 3, 2]],
    ['concat', square(concat([a, b], 2)), [3, 2, 7]],
    ['slice', square(slice(a, -1, 1, 4)), [3, 2, 3]],
    ['pad', square(pad(a, 1, 1, 2)), [3, 5, 6]],
    ['stretch', square(stretch(b, a)), [3, 2, 6]],
  ];
  for (const [name, result, shape] of cases)
    await holds(name, { of: [a, b], result, feeds, shape });
});

test('reductions over every choice of axes', async () => {
  const a = x('a', ['n', 2, 3]);
  const feeds = { a: doubles([2, 2, 3], 1) };
  for (const axes of [[0], [1], [2], [0, 2], [-1, 1], undefined]) {
    for (const keep of [false, true]) {
      const all = (axes ?? [0, 1, 2]).map((axis) => (axis + 3) % 3);
      const shape = [2, 2, 3].flatMap((size, axis) =>
        all.includes(axis) ? (keep ? [1] : []) : [size],
      );
      for (const [name, operation] of Object.entries({ sum, mean, maximum })) {
        await holds(name, { of: [a], result: square(operation(a, axes, keep)), feeds, shape });
      }
    }
  }
});

test('rows of a table, with repeats, and entries of rows', async () => {
  const table = x('table', [5, 3]);
  const places = input('places', ['n', 4], 'int64');
  const feeds = { table: doubles([5, 3], 1), places: indices([2, 4], 2, 5) };
  const result = square(embedding(table, places));
  await holds('embedding', { of: [table], result, feeds, shape: [2, 4, 3] });
  const labels = input('labels', ['n'], 'int64');
  const scores = x('scores', ['n', 4]);
  const picked = { scores: doubles([3, 4], 3), labels: indices([3], 4, 4) };
  await holds('pick', {
    of: [scores],
    result: square(pick(scores, labels)),
    feeds: picked,
    shape: [3],
  });
  const loss = crossEntropy(scores, labels);
  await holds('cross entropy', { of: [scores], result: loss, feeds: picked, shape: [3] });
  const [slope] = gradients(sum(loss), [scores]);
  await holds('its slope', { of: [scores], result: slope!, feeds: picked, shape: [3, 4] });
});

test('softmax, normalisation, convolution', async () => {
  const a = x('a', ['n', 4]);
  const [gain, shift] = [x('gain', [4]), x('shift', [4])];
  const feeds = { a: doubles([3, 4], 1), gain: doubles([4], 2), shift: doubles([4], 3) };
  await holds('softmax', { of: [a], result: softmax(a), feeds, shape: [3, 4] });
  await holds('logSoftmax', { of: [a], result: logSoftmax(a), feeds, shape: [3, 4] });
  await holds('standardise', { of: [a], result: standardise(a), feeds, shape: [3, 4] });
  const normal = layerNormalise(a, gain, shift);
  const root = rmsNormalise(a, gain);
  await holds('root mean square', { of: [a, gain], result: root, feeds, shape: [3, 4] });
  const cut = clamp(multiplyElements(a, gain), -0.4, 0.3);
  await holds('clamp', { of: [a, gain], result: cut, feeds, shape: [3, 4] });
  await holds('layer', { of: [a, gain, shift], result: normal, feeds, shape: [3, 4] });
});

test('attention with a bias and a mask; a recurrent unit', async () => {
  const [q, k, v] = ['q', 'k', 'v'].map((name) => x(name, ['n', 2, 4, 3]));
  const [bias, mask] = [x('bias', [4, 4]), x('mask', ['n', 2, 4, 4])];
  const feeds = {
    ...{ q: doubles([2, 2, 4, 3], 1), k: doubles([2, 2, 4, 3], 2), v: doubles([2, 2, 4, 3], 3) },
    ...{ bias: doubles([4, 4], 4), mask: doubles([2, 2, 4, 4], 5, 0, 2) },
  };
  for (const options of [{}, { bias }, { mask }, { bias, mask }]) {
    const of = [q!, k!, v!, ...('bias' in options ? [bias] : [])];
    const result = attention(q!, k!, v!, options);
    await holds(Object.keys(options).join(), { of, result, feeds, shape: [2, 2, 4, 3] });
  }
  const weights = {
    ...{ input: x('wi', [2, 9]), state: x('ws', [3, 9]) },
    ...{ inputBias: x('bi', [9]), stateBias: x('bs', [9]) },
  };
  const [one, two, state] = [x('one', ['n', 2]), x('two', ['n', 2]), x('state', ['n', 3])];
  const result = gruStep(two, gruStep(one, state, weights), weights);
  await holds('gru', {
    ...{ of: [one, two, state, ...Object.values(weights)], result, shape: [2, 3] },
    feeds: {
      ...{
        wi: doubles([2, 9], 1),
        ws: doubles([3, 9], 2),
        bi: doubles([9], 3),
        bs: doubles([9], 4),
      },
      ...{ one: doubles([2, 2], 5), two: doubles([2, 2], 6), state: doubles([2, 3], 7) },
    },
  });
});

/** Operations of random graphs over a pool of [n, 4], the inputs b [4] and w [4, 4]: smooth ones of every kind. */
const operations: readonly ((any: () => Expression, b: Expression, w: Expression) => Expression)[] =
  [
    (any, b, w) => tanh(dense(any(), w, b)),
    (any) => multiplyElements(any(), sigmoid(any())),
    (any, b) => subtract(any(), multiplyElements(b, any())),
    (any, b) => rmsNormalise(add(any(), 2), b),
    (any) => concat([slice(any(), 1, 2, 4), slice(any(), 1, 0, 2)], 1),
    (any) => divide(any(), add(mean(square(any()), [1], true), 1)),
    (any, _, w) => matmul(softmax(matmul(any(), w)), w, { transposeB: true }),
    (any) => add(any(), stretch(sum(tanh(any()), [1], true), any())),
    ...[exp, tanh, sigmoid, softplus, negate, square, softmax, logSoftmax, standardise].map(
      (unary) => (any: () => Expression) => unary(multiplyElements(any(), 0.5)),
    ),
  ];

test('random graphs of many operations', async () => {
  const step = fc.record({
    operation: fc.nat(operations.length - 1),
    reads: fc.array(fc.nat(20), { minLength: 3, maxLength: 3 }),
  });
  const graph = fc.array(step, { minLength: 1, maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(graph, fc.nat(1000), async (steps, seed) => {
      const of = [x('a', ['n', 4]), x('b', [4]), x('w', [4, 4])] as const;
      const pool: Expression[] = [of[0]];
      for (const { operation, reads } of steps) {
        const places = [...reads];
        const any = (): Expression => pool[places.shift()! % pool.length]!;
        pool.push(operations[operation]!(any, of[1], of[2]));
      }
      const feeds = {
        a: doubles([2, 4], seed),
        b: doubles([4], seed + 1),
        w: doubles([4, 4], seed + 2),
      };
      // Smaller than the sums of many layers may grow to, so that curvature stays within the tolerance.
      const result = tanh(multiplyElements(pool.at(-1)!, 0.1));
      await holds(`seed ${seed}`, { of, result, feeds, shape: [2, 4] });
    }),
    { numRuns: 60 },
  );
});

test('the gradient of a convolution is that of differences', async () => {
  for (const padding of [0, 1]) {
    const [a, w] = [input('a', ['n', 2, 6]), input('w', [3, 2, 3])];
    const result = convolve(a, w, padding);
    const length = 4 + 2 * padding;
    const [da, dw] = gradients(sum(multiplyElements(result, result)), [a, w]);
    const single = (seed: number, shape: readonly number[]) =>
      ({
        type: 'float',
        shape,
        data: Float32Array.from(doubles(shape, seed).data as Float64Array),
      }) as const;
    const feeds = { a: single(1, [2, 2, 6]), w: single(2, [3, 2, 3]) };
    const found = await evaluate({ result, da: da!, dw: dw! }, feeds);
    // The convolution is linear in each: the gradients are sums over the outputs, written out here.
    const g = (found.result!.data as Float32Array).map((value) => 2 * value);
    const [ea, ew] = [new Float64Array(24), new Float64Array(18)];
    for (let n = 0; n < 2; n++)
      for (let o = 0; o < 3; o++)
        for (let t = 0; t < length; t++)
          for (let c = 0; c < 2; c++)
            for (let k = 0; k < 3; k++) {
              const at = t + k - padding;
              if (at < 0 || at >= 6) continue;
              const outer = g[(n * 3 + o) * length + t]!;
              ea[(n * 2 + c) * 6 + at]! += outer * feeds.w.data[(o * 2 + c) * 3 + k]!;
              ew[(o * 2 + c) * 3 + k]! += outer * feeds.a.data[(n * 2 + c) * 6 + at]!;
            }
    // Floats: sums of some dozen products.
    const near = (left: ArrayLike<number>, right: Float64Array): void =>
      assert.ok(right.every((value, at) => Math.abs(value - left[at]!) < 1e-4));
    near(found.da!.data as Float32Array, ea);
    near(found.dw!.data as Float32Array, ew);
  }
});

test('shapes that do not meet are refused as the expression is built', () => {
  const [a, b] = [x('a', ['n', 3]), x('b', [2])];
  const single = input('single', ['n', 3]);
  for (const wrong of [
    () => add(a, b),
    () => matmul(a, b),
    () => matmul(a, x('c', [4, 2])),
    () => add(a, single),
    () => sum(a, [2]),
    () => slice(a, 1, 2, 5),
    () => slice(a, 0, 0, 1),
    () => concat([a, b], 0),
    () => embedding(a, b),
    () => transposeAxes(a, [0, 0]),
    () => gradients(a, [a]),
    () => reshape(x('d', [2, 3]), [5]),
  ]) {
    assert.throws(wrong, InvalidExpression);
  }
});
