import { assert } from '@backlot/core';
import { openGraph } from '../onnx/onnx-session.ts';
import type { DenseMatrix } from './dense-matrix.ts';
import { multiplyDense } from './dense-product.ts';

/**
 * From so many products of numbers on, ONNX Runtime is asked: 256 cubed took 40 ms of processor time in plain
 * TypeScript, 2 ms there (and some ms to open it); 1,000 cubed 850 ms against 55 ms in doubles, 30 in floats.
 */
const manyProducts = 2 ** 24;

/**
 * The product of two dense matrices, in floats where both hold floats, else in doubles. Large ones are
 * multiplied by ONNX Runtime, whose last bits may depend on the processor (it adds up by what the processor
 * has): do not use it where a model's bytes must be the same everywhere. Throws `OnnxFailed`.
 *
 * @example
 * const similarities = await multiplyMatrices(items, transposed, { threads: 2 });
 */
export async function multiplyMatrices(
  a: DenseMatrix,
  b: DenseMatrix,
  options: { readonly threads?: number | undefined } = {},
): Promise<DenseMatrix> {
  assert(a.columns === b.rows, 'the first has as many columns as the second has rows');
  const [rows, columns] = [a.rows, b.columns];
  const single = a.values instanceof Float32Array && b.values instanceof Float32Array;
  if (rows * a.columns * columns < manyProducts) {
    const values = multiplyDense(a, Float64Array.from(b.values), columns);
    return { rows, columns, values: single ? Float32Array.from(values) : values };
  }
  const type = single ? 'float' : 'double';
  await using session = await openGraph(
    {
      name: 'product',
      inputs: [
        { name: 'a', type, shape: [rows, a.columns] },
        { name: 'b', type, shape: [b.rows, columns] },
      ],
      outputs: [{ name: 'c', type, shape: [rows, columns] }],
      constants: {},
      nodes: [{ op: 'MatMul', inputs: ['a', 'b'], outputs: ['c'] }],
    },
    { threads: options.threads ?? 1 },
  );
  const values = single ? new Float32Array(rows * columns) : new Float64Array(rows * columns);
  const given = ({ values: own }: DenseMatrix) => (single ? own : Float64Array.from(own));
  await session.run(
    {
      a: { type, shape: [rows, a.columns], data: given(a) },
      b: { type, shape: [b.rows, columns], data: given(b) },
    },
    { c: { type, shape: [rows, columns], data: values } },
  );
  return { rows, columns, values };
}
