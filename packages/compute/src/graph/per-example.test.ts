import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidExpression } from '../error.ts';
import type { OnnxTensor } from '../onnx/onnx-graph.ts';
import { add, multiplyElements, sigmoid, square, subtract, tanh } from './elementwise.ts';
import { doubles, evaluate, type Feeds, indices } from './evaluate.fixture.ts';
import { type Expression, input } from './expression.ts';
import { gradients } from './gradients.ts';
import { embedding, reshape, slice, transposeAxes } from './layout.ts';
import { convolve, dense, matmul } from './linear.ts';
import { attention, crossEntropy, gruStep, layerNormalise } from './network.ts';
import { clippedGradients, perExampleGradients, perExampleNorms } from './per-example.ts';
import { mean, sum } from './reduce.ts';

const x = (name: string, shape: readonly (number | string)[]) => input(name, shape, 'double');
const examples = 3;

interface Network {
  /** Made anew from what each example is fed. */
  readonly losses: Expression;
  readonly of: readonly Expression[];
  readonly feeds: Feeds;
  /** Which of the feeds have a row an example. */
  readonly rows: readonly string[];
}

function perceptron(): Network {
  const of = [x('w', [4, 5]), x('b', [5]), x('v', [5, 3]), x('g', [1, 3])];
  const hidden = tanh(dense(x('x', ['n', 4]), of[0]!, of[1]!));
  const scores = multiplyElements(matmul(hidden, of[2]!, { scale: 0.7 }), of[3]!);
  const losses = crossEntropy(scores, input('y', ['n'], 'int64'));
  const feeds = {
    ...{ w: doubles([4, 5], 1), b: doubles([5], 2), v: doubles([5, 3], 3), g: doubles([1, 3], 4) },
    ...{ x: doubles([examples, 4], 5), y: indices([examples], 6, 3) },
  };
  return { losses, of, feeds, rows: ['x', 'y'] };
}

/** A table that is read twice and multiplied with, positions, gains, attention: steps of each example. */
function sequence(): Network {
  const of = [x('table', [6, 4]), x('places', [5, 4]), x('q', [4, 4]), x('gain', [4])];
  const shift = x('shift', [4]);
  const items = input('items', ['n', 5], 'int64');
  const seen = add(embedding(of[0]!, items), of[1]!);
  const normal = layerNormalise(seen, of[3]!, shift);
  const mixed = add(seen, attention(matmul(normal, of[2]!), normal, normal));
  const scores = matmul(mixed, of[0]!, { transposeB: true });
  const next = input('next', ['n', 5], 'int64');
  const picked = multiplyElements(embedding(of[0]!, next), mixed);
  const losses = add(mean(crossEntropy(scores, next), [1]), sum(picked, [1, 2]));
  const feeds = {
    ...{ table: doubles([6, 4], 1), places: doubles([5, 4], 2), q: doubles([4, 4], 3) },
    ...{ gain: doubles([4], 4), shift: doubles([4], 5) },
    ...{ items: indices([examples, 5], 6, 6), next: indices([examples, 5], 7, 6) },
  };
  return { losses, of: [...of, shift], feeds, rows: ['items', 'next'] };
}

/** Long tables and wide products, so that the norms come by pairs of steps. */
function wide(): Network {
  const of = [x('table', [40, 30]), x('w', [30, 40]), x('b', [40])];
  const items = input('items', ['n', 2, 2], 'int64');
  const one = input('one', ['n'], 'int64');
  const rows = tanh(dense(embedding(of[0]!, items), of[1]!, of[2]!));
  const alone = sigmoid(subtract(dense(embedding(of[0]!, one), of[1]!), of[2]!));
  const losses = sum(square(add(sum(rows, [1, 2]), alone)), [1]);
  const feeds = {
    ...{ table: doubles([40, 30], 1), w: doubles([30, 40], 2), b: doubles([40], 3) },
    ...{ items: indices([examples, 2, 2], 4, 3), one: indices([examples], 5, 3) },
  };
  return { losses, of, feeds, rows: ['items', 'one'] };
}

function recurrent(): Network {
  const [input2, state] = [x('wi', [2, 9]), x('ws', [3, 9])];
  const [inputBias, stateBias] = [x('bi', [9]), x('bs', [9])];
  const weights = { input: input2, state, inputBias, stateBias };
  const steps = x('steps', ['n', 3, 2]);
  let now = x('start', ['n', 3]);
  for (let at = 0; at < 3; at++) {
    now = gruStep(reshape(slice(steps, 1, at, at + 1), ['n', 2]), now, weights);
  }
  const feeds = {
    ...{ wi: doubles([2, 9], 1), ws: doubles([3, 9], 2), bi: doubles([9], 3) },
    ...{
      bs: doubles([9], 4),
      steps: doubles([examples, 3, 2], 5),
      start: doubles([examples, 3], 6),
    },
  };
  const of = [input2, state, inputBias, stateBias];
  return { losses: sum(square(now), [1]), of, feeds, rows: ['steps', 'start'] };
}

const networks = { perceptron, sequence, wide, recurrent };

/** The gradients of one example alone, by the ordinary gradients. */
async function single({ losses, of, feeds, rows }: Network, row: number): Promise<Float64Array[]> {
  const own = Object.fromEntries(
    Object.entries(feeds).map(([name, tensor]) => [
      name,
      rows.includes(name) ? rowOf(tensor, row) : tensor,
    ]),
  );
  const found = gradients(sum(losses), of);
  const outputs = Object.fromEntries(of.map(({ name }, at) => [`d_${name}`, found[at]!]));
  const all = await evaluate(outputs, own);
  return of.map(({ name }) => all[`d_${name}`]!.data as Float64Array);
}

function rowOf({ type, shape, data }: OnnxTensor, row: number): OnnxTensor {
  const width = data.length / shape[0]!;
  const part = (data as Float64Array).slice(row * width, (row + 1) * width);
  return { type, shape: [1, ...shape.slice(1)], data: part };
}

// Sums of at most a few thousand doubles of size 1 in another order.
const near = (left: ArrayLike<number>, right: ArrayLike<number>, what: string): void => {
  assert.equal(left.length, right.length, what);
  for (let at = 0; at < left.length; at++) {
    const error = Math.abs(left[at]! - right[at]!);
    assert.ok(error < 1e-10 * Math.max(1, Math.abs(right[at]!)), `${what} ${at}: ${error}`);
  }
};

const norm = (parts: readonly Float64Array[]): number =>
  Math.sqrt(parts.reduce((all, part) => part.reduce((sum2, v) => sum2 + v * v, all), 0));

for (const [name, make] of Object.entries(networks)) {
  test(`${name}: gradients, norms and clipped sums by example are those of each example alone`, async () => {
    const network = make();
    const { losses, of, feeds } = network;
    const whole = perExampleGradients(losses, of);
    const limit = x('limit', []);
    const clipped = clippedGradients(losses, of, limit);
    const alone = await Promise.all(Array.from({ length: examples }, (_, i) => single(network, i)));
    const norms = alone.map(norm);
    // Between the norms, so that some examples are clipped and some are not.
    const most = norms.toSorted((a, b) => a - b)[1]! * 0.999;
    const outputs: Record<string, Expression> = { norms: perExampleNorms(losses, of) };
    of.forEach((one, at) => {
      outputs[`each_${one.name}`] = whole[at]!;
      outputs[`clipped_${one.name}`] = clipped.gradients[at]!;
    });
    const found = await evaluate(outputs, {
      ...feeds,
      limit: { type: 'double', shape: [], data: Float64Array.of(most) },
    });
    near(found.norms!.data as Float64Array, norms, 'norms');
    of.forEach((one, at) => {
      const each = found[`each_${one.name}`]!;
      assert.deepEqual(each.shape, [examples, ...one.shape], `${one.name}`);
      const size = each.data.length / examples;
      const total = new Float64Array(size);
      alone.forEach((parts, row) => {
        const rows = (each.data as Float64Array).subarray(row * size, (row + 1) * size);
        near(rows, parts[at]!, `${one.name} of example ${row}`);
        const weight = Math.min(1, most / norms[row]!);
        parts[at]!.forEach((value, place) => {
          total[place]! += weight * value;
        });
      });
      near(found[`clipped_${one.name}`]!.data as Float64Array, total, `${one.name} clipped`);
    });
  });
}

test('a parameter that no loss depends on has no gradient and adds nothing to norms', async () => {
  const { losses, of, feeds } = perceptron();
  const idle = x('idle', [2]);
  assert.equal(perExampleGradients(losses, [idle])[0], undefined);
  const outputs = {
    with: perExampleNorms(losses, [...of, idle]),
    without: perExampleNorms(losses, of),
    only: perExampleNorms(losses, [idle]),
  };
  const found = await evaluate(outputs, feeds);
  assert.deepEqual(found.with!.data, found.without!.data);
  assert.deepEqual(Array.from(found.only!.data as Float64Array), [0, 0, 0]);
});

test('what mixes examples or reads a parameter in another way is refused', () => {
  const [rows, w] = [x('x', ['n', 4]), x('w', [4, 4])];
  const [filters, signal] = [x('f', [2, 1, 2]), x('s', ['n', 1, 4])];
  const product = matmul(rows, w);
  const gram = matmul(product, product, { transposeB: true });
  const losses = (of: Expression): Expression => sum(of, [1]);
  const wrong: Readonly<Record<string, Expression>> = {
    'examples times examples': losses(gram),
    'a mean over examples': losses(subtract(product, mean(product, [0], true))),
    'examples along the last axis': losses(transposeAxes(matmul(product, w), [1, 0])),
    'rows of others': losses(reshape(reshape(product, ['n*4']), ['n', 4], product)),
    'a parameter turned round': losses(matmul(rows, transposeAxes(w, [1, 0]))),
    'a parameter without examples': losses(matmul(rows, tanh(w))),
    'a convolution': sum(convolve(signal, filters), [1, 2]),
    'a single number': sum(product),
  };
  for (const [why, loss] of Object.entries(wrong)) {
    assert.throws(() => perExampleNorms(loss, [w, filters]), InvalidExpression, why);
  }
  assert.throws(() => clippedGradients(losses(product), [w], 0), InvalidExpression);
});
