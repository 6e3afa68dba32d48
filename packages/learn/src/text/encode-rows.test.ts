import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeOnnx, InvalidOnnx, type OnnxGraph, type OnnxTensor } from '@backlot/compute';
import { Cancelled } from '@backlot/core';
import { EmptyInput, encodeRows, InvalidArgument } from '../index.ts';

/** The table's row of each number, and the numbers of the first two places added up by hand. */
const graph: OnnxGraph = {
  name: 'encoder',
  inputs: [
    { name: 'ids', type: 'int64', shape: ['rows', 'places'] },
    { name: 'mask', type: 'int64', shape: ['rows', 'places'] },
  ],
  outputs: [
    { name: 'states', type: 'float', shape: ['rows', 'places', 2] },
    { name: 'counts', type: 'int64', shape: ['rows', 1] },
  ],
  nodes: [
    { op: 'Gather', inputs: ['table', 'ids'], outputs: ['states'] },
    { op: 'ReduceSum', inputs: ['mask', 'axis'], outputs: ['counts'] },
  ],
  constants: {
    table: { type: 'float', shape: [4, 2], data: Float32Array.of(1, 10, 2, 20, 4, 40, 8, 80) },
    axis: { type: 'int64', shape: [1], data: BigInt64Array.of(1n) },
  },
};
const bytes = encodeOnnx(graph);

function integers(rows: readonly (readonly number[])[]): OnnxTensor {
  const data = BigInt64Array.from(rows.flat(), BigInt);
  return { type: 'int64', shape: [rows.length, rows[0]!.length], data };
}

const ids = integers([
  [0, 1, 3],
  [2, 2, 0],
  [3, 0, 1],
  [1, 1, 1],
]);
const mask = integers([
  [1, 1, 0],
  [1, 1, 1],
  [0, 1, 1],
  [0, 0, 0],
]);

test('states are averaged over the places that the mask names, whatever the batch', async () => {
  for (const batch of [1, 3, 32]) {
    const { rows, columns, values } = await encodeRows(
      bytes,
      { ids, mask },
      { mask: 'mask', batch },
    );
    assert.deepEqual([rows, columns], [4, 2]);
    assert.deepEqual([...values], [1.5, 15, 3, 30, 1.5, 15, 0, 0]);
  }
});

test('without a mask all places count, or the first alone', async () => {
  const all = await encodeRows(bytes, { ids, mask }, { threads: 2 });
  assert.deepEqual([...all.values.subarray(0, 4)], [11 / 3, 110 / 3, 3, 30]);
  const first = await encodeRows(bytes, { ids, mask }, { pooling: 'first', mask: 'mask' });
  assert.deepEqual([...first.values], [1, 10, 4, 40, 8, 80, 2, 20]);
});

test('bytes are checked before they are run, and so are the arguments', async () => {
  await assert.rejects(encodeRows(bytes.subarray(0, 40), { ids, mask }), InvalidOnnx);
  const cases: readonly (readonly [Record<string, OnnxTensor>, object])[] = [
    [{ ids }, {}],
    [{ ids, mask, more: ids }, {}],
    [{ ids, mask: integers([[1, 1, 1]]) }, {}],
    [{ ids, mask: { ...mask, shape: [4, 4] } }, {}],
    [{ ids, mask }, { output: 'none' }],
    [{ ids, mask }, { output: 'counts' }],
    [{ ids, mask }, { mask: 'none' }],
    [{ ids, mask }, { batch: 0 }],
  ];
  for (const [inputs, options] of cases) {
    await assert.rejects(encodeRows(bytes, inputs, options), InvalidArgument);
  }
  const none: OnnxTensor = { type: 'int64', shape: [0, 3], data: new BigInt64Array(0) };
  await assert.rejects(encodeRows(bytes, { ids: none, mask: none }), EmptyInput);
  const signal = AbortSignal.abort();
  await assert.rejects(encodeRows(bytes, { ids, mask }, { signal }), Cancelled);
});
