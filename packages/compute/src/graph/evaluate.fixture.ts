import { seededRandom } from '@backlot/core';
import type { OnnxTensor } from '../onnx/onnx-graph.ts';
import { openGraph } from '../onnx/onnx-session.ts';
import { multiplyElements } from './elementwise.ts';
import { type Expression, input } from './expression.ts';
import { gradients } from './gradients.ts';
import { printGraph } from './print-graph.ts';
import { sum } from './reduce.ts';

/** Numbers of a tensor of doubles. */
export function doubles(shape: readonly number[], seed: number, from = -1.5, to = 1.5): OnnxTensor {
  const random = seededRandom(seed);
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float64Array.from({ length: count }, () => from + (to - from) * random.uniform());
  return { type: 'double', shape, data };
}

/** Whole numbers below a bound. */
export function indices(shape: readonly number[], seed: number, below: number): OnnxTensor {
  const random = seededRandom(seed);
  const count = shape.reduce((product, size) => product * size, 1);
  const data = BigInt64Array.from({ length: count }, () => BigInt(random.below(below)));
  return { type: 'int64', shape, data };
}

export type Feeds = Readonly<Record<string, OnnxTensor>>;

/** What ONNX Runtime makes of expressions. */
export async function evaluate(
  outputs: Readonly<Record<string, Expression>>,
  feeds: Feeds,
): Promise<Readonly<Record<string, OnnxTensor>>> {
  const graph = printGraph({ name: 'test', outputs, masks: true });
  await using session = await openGraph(graph);
  const needed = new Set(session.inputs);
  return await session.run(
    Object.fromEntries(Object.entries(feeds).filter(([name]) => needed.has(name))),
  );
}

/** The furthest that gradients are from central differences, over the size of the gradient. */
export async function gradientError(
  result: Expression,
  of: readonly Expression[],
  given: Feeds,
  resultShape: readonly number[],
): Promise<number> {
  // A fixed weighting makes one number of the result without hiding any part of it.
  const weights = input('weighting', result.shape, 'double');
  const weighting = doubles(resultShape, 99, 0.5, 1.5);
  const loss = sum(multiplyElements(result, weights));
  const found = gradients(loss, of);
  const outputs = Object.fromEntries(
    of.flatMap((one, at) => (found[at] ? [[`d_${one.name}`, found[at]!]] : [])),
  );
  const graph = printGraph({ name: 'both', outputs: { loss, ...outputs }, masks: true });
  await using session = await openGraph(graph);
  const needed = new Set(session.inputs);
  const run = (fed: Feeds) =>
    session.run(Object.fromEntries(Object.entries(fed).filter(([name]) => needed.has(name))));
  const all = { ...given, weighting };
  const analytic = await run(all);
  let worst = 0;
  for (const [at, { name }] of of.entries()) {
    const own = all[name as 'weighting']!;
    const data = own.data as Float64Array;
    const gradient = found[at] ? (analytic[`d_${name}`]!.data as Float64Array) : data.map(() => 0);
    if (found[at] && `${analytic[`d_${name}`]!.shape}` !== `${own.shape}`) return Infinity;
    const scale = Math.max(1, ...gradient.map(Math.abs));
    for (let place = 0; place < data.length; place++) {
      const step = 1e-5;
      const [above, below] = await Promise.all(
        [step, -step].map(async (move) => {
          const moved = data.slice();
          moved[place]! += move;
          const { loss: value } = await run({ ...all, [name!]: { ...own, data: moved } });
          return (value!.data as Float64Array)[0]!;
        }),
      );
      const expected = (above! - below!) / (2 * step);
      worst = Math.max(worst, Math.abs(expected - gradient[place]!) / scale);
    }
  }
  return worst;
}
