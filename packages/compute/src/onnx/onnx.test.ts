import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { InvalidOnnx, OnnxFailed } from '../error.ts';
import { decodeOnnx } from './decode-onnx.ts';
import { encodeOnnx } from './encode-onnx.ts';
import type { OnnxGraph } from './onnx-graph.ts';
import { openGraph } from './onnx-session.ts';

const dense: OnnxGraph = {
  name: 'dense',
  inputs: [{ name: 'features', type: 'float', shape: ['rows', 3] }],
  outputs: [
    { name: 'hidden', type: 'float', shape: ['rows', 2] },
    { name: 'best', type: 'int64', shape: ['rows'] },
    { name: 'positive', type: 'bool', shape: ['rows', 2] },
  ],
  nodes: [
    {
      ...{ op: 'Gemm', inputs: ['features', 'weights', 'bias'], outputs: ['hidden'] },
      attributes: { alpha: { float: 2 }, transB: { int: 1 } },
    },
    {
      ...{ op: 'ArgMax', inputs: ['hidden'], outputs: ['best'] },
      attributes: { axis: { int: -1 }, keepdims: { int: 0 } },
    },
    { op: 'Greater', inputs: ['hidden', 'zero'], outputs: ['positive'] },
  ],
  constants: {
    weights: { type: 'float', shape: [2, 3], data: Float32Array.of(1, 2, 3, -1, 0, 1) },
    bias: { type: 'float', shape: [2], data: Float32Array.of(0.5, -0.5) },
    zero: { type: 'float', shape: [], data: Float32Array.of(0) },
  },
};

const branch = (name: string, value: number): OnnxGraph => ({
  ...{ name, inputs: [], nodes: [], outputs: [{ name, type: 'double', shape: [1] }] },
  constants: { [name]: { type: 'double', shape: [1], data: Float64Array.of(value) } },
});

/** Every kind of attribute and of constant. */
const all: OnnxGraph = {
  name: 'all',
  inputs: [{ name: 'x', type: 'double', shape: [2] }],
  outputs: [{ name: 'y', type: 'double', shape: [2] }],
  nodes: [
    {
      ...{ op: 'Anything', domain: 'ai.onnx.ml', inputs: ['x', ''], outputs: ['y'] },
      attributes: {
        a: { int: -3n },
        b: { float: 0.5 },
        c: { text: 'härte' },
        d: { ints: [1n, -(2n ** 40n)] },
        e: { floats: [1, -2.5] },
        f: { texts: ['a', ''] },
        g: { tensor: { type: 'int32', shape: [2], data: Int32Array.of(1, -2) } },
        h: { graph: branch('one', 1) },
      },
    },
  ],
  constants: {
    i: { type: 'int64', shape: [2], data: BigInt64Array.of(-1n, 2n ** 62n) },
    s: { type: 'string', shape: [2], data: ['ä', 'b'] },
    u: { type: 'uint8', shape: [1, 3], data: Uint8Array.of(1, 2, 255) },
    t: { type: 'bool', shape: [1], data: Uint8Array.of(1) },
    z: { type: 'float', shape: [0, 4], data: new Float32Array(0) },
  },
};

test('ONNX Runtime runs what was written', async () => {
  await using session = await openGraph(dense, { threads: 2 });
  assert.deepEqual(session.inputs, ['features']);
  for (const rows of [2, 5]) {
    const data = Float32Array.from({ length: rows * 3 }, (_, at) => at - 4);
    const found = await session.run({ features: { type: 'float', shape: [rows, 3], data } });
    const expected = Array.from({ length: rows }, (_, row) => {
      const [a, b, c] = data.subarray(row * 3, row * 3 + 3);
      return [2 * (a! + 2 * b! + 3 * c!) + 0.5, 2 * (c! - a!) - 0.5];
    });
    assert.deepEqual([...(found.hidden!.data as Float32Array)], expected.flat());
    assert.deepEqual(
      [...(found.best!.data as BigInt64Array)],
      expected.map(([left, right]) => (left! >= right! ? 0n : 1n)),
    );
    const positive = expected.flat().map((value) => (value > 0 ? 1 : 0));
    assert.deepEqual([...(found.positive!.data as Uint8Array)], positive);
  }
});

test('a branch within a graph runs', async () => {
  const graph: OnnxGraph = {
    name: 'choice',
    inputs: [{ name: 'first', type: 'bool', shape: [] }],
    outputs: [{ name: 'y', type: 'double', shape: [1] }],
    nodes: [
      {
        ...{ op: 'If', inputs: ['first'], outputs: ['y'] },
        attributes: {
          then_branch: { graph: branch('one', 1) },
          else_branch: { graph: branch('two', 2) },
        },
      },
    ],
    constants: {},
  };
  await using session = await openGraph(graph);
  for (const [flag, expected] of [
    [1, 1],
    [0, 2],
  ] as const) {
    const first = { type: 'bool', shape: [], data: Uint8Array.of(flag) } as const;
    const { y } = await session.run({ first });
    assert.deepEqual(y!.data, Float64Array.of(expected));
  }
});

test('reading gives back what was written, in the same bytes', () => {
  for (const graph of [dense, all]) {
    const bytes = encodeOnnx(graph);
    assert.deepEqual(encodeOnnx(decodeOnnx(bytes)), bytes);
  }
  const again = decodeOnnx(encodeOnnx(all));
  assert.deepEqual(again, { ...all, constants: { ...all.constants } });
});

test('bytes that were cut or changed are refused or a whole graph', () => {
  const bytes = encodeOnnx(all);
  for (let length = 1; length < bytes.length; length++) {
    try {
      decodeOnnx(bytes.subarray(0, length));
    } catch (error) {
      assert.ok(error instanceof InvalidOnnx, String(error));
    }
  }
  const random = seededRandom(1);
  for (let round = 0; round < 3000; round++) {
    const changed = bytes.slice();
    for (let flips = 0; flips <= random.below(3); flips++) {
      changed[random.below(bytes.length)]! ^= 1 << random.below(8);
    }
    try {
      decodeOnnx(changed);
    } catch (error) {
      assert.ok(error instanceof InvalidOnnx, String(error));
    }
  }
});

test('limits are met before anything is made', () => {
  const limits = { bytes: 1e6, nodes: 10, constants: 10, elements: 1000, depth: 2 };
  const bytes = encodeOnnx(all);
  const small: readonly object[] = [
    { bytes: 10 },
    { nodes: 0 },
    { constants: 2 },
    { elements: 1 },
    { depth: 0 },
  ];
  for (const part of small) {
    assert.throws(() => decodeOnnx(bytes, { ...limits, ...part }), InvalidOnnx);
  }
  const huge = encodeOnnx({
    ...all,
    constants: { h: { type: 'float', shape: [2 ** 30, 2 ** 30], data: new Float32Array(1) } },
  });
  assert.throws(() => decodeOnnx(huge, limits), InvalidOnnx);
});

test('a graph that ONNX Runtime does not know is refused with its reason', async () => {
  await assert.rejects(openGraph(all), (error) => {
    return error instanceof OnnxFailed && error.message.includes('Anything');
  });
  await using session = await openGraph(dense);
  const wrong = { type: 'float', shape: [1, 2], data: new Float32Array(2) } as const;
  await assert.rejects(session.run({ features: wrong }), OnnxFailed);
});
