import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeModel,
  encodeModel,
  fit,
  InvalidModel,
  interactionsFromPairs,
  itemKnn,
  popularity,
} from './index.ts';

const plays = interactionsFromPairs({
  users: 3,
  items: 4,
  userIndices: [0, 0, 1, 1, 2],
  itemIndices: [0, 1, 1, 2, 3],
});

/** The bytes with a piece of the header's text replaced by one of equal length. */
function tampered(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  assert.ok(text.includes(from) && from.length === to.length);
  return new Uint8Array(Buffer.from(text.replace(from, to), 'latin1'));
}

test('the format is the one that is documented', async () => {
  const bytes = encodeModel(await fit(popularity(), plays));
  assert.equal(Buffer.from(bytes.subarray(0, 8)).toString(), 'BKLTMDL2');
  const length = new DataView(bytes.buffer).getUint32(8, true);
  assert.equal((12 + length) % 64, 0);
  const header = JSON.parse(Buffer.from(bytes.subarray(12, 12 + length)).toString());
  assert.deepEqual(header, {
    facts: {},
    kind: 'popularity',
    parameters: {},
    parts: {},
    seed: 0,
    signature: { interactions: 5, items: 4, users: 3 },
    tensors: [{ name: 'popularity', shape: [4], type: 'float32' }],
  });
  const view = new DataView(bytes.buffer, 12 + length);
  assert.deepEqual(
    [0, 4, 8, 12].map((at) => view.getFloat32(at, true)),
    [1, 2, 1, 1],
  );
});

test('a header that says something else is refused before a tensor is made', async () => {
  const bytes = encodeModel(await fit(popularity(), plays));
  const changes: readonly (readonly [string, string])[] = [
    ['"shape":[4]', '"shape":[5]'],
    ['"items":4', '"items":9'],
    ['"float32"', '"float64"'],
    ['"seed":0', '"seed":x'],
    ['"users":3', '"userz":3'],
    ['{"interactions"', '{"__proto__xxx"'],
    ['"kind":"popularity"', '"kind": "popularit"'],
    ['popularity","shape"', 'popularitx","shape"'],
  ];
  for (const [from, to] of changes) {
    assert.throws(() => decodeModel(tampered(bytes, from, to)), InvalidModel, from);
  }
});

test('limits on bytes and header hold', async () => {
  const bytes = encodeModel(await fit(popularity(), plays));
  assert.throws(() => decodeModel(bytes, { bytes: 100, headerBytes: 1000 }), InvalidModel);
  assert.throws(() => decodeModel(bytes, { bytes: 1000, headerBytes: 10 }), InvalidModel);
  decodeModel(bytes, { bytes: 1000, headerBytes: 1000 });
});

test('numbers that are not finite, and indices out of range, are refused', async () => {
  const model = await fit(popularity(), plays);
  const nan = { ...model.tensors.popularity!, data: Float32Array.of(1, NaN, 1, 1) };
  const poisoned = encodeModel({ ...model, tensors: { popularity: nan } });
  assert.throws(() => decodeModel(poisoned), InvalidModel);
  const knn = await fit(itemKnn(), plays);
  for (const name of ['historyItems', 'neighbourItems', 'historyOffsets', 'neighbourOffsets']) {
    const { data, ...rest } = knn.tensors[name]!;
    const tensor = { ...rest, data: Int32Array.from(data, (value) => value + 100) };
    const bytes = encodeModel({ ...knn, tensors: { ...knn.tensors, [name]: tensor } });
    assert.throws(() => decodeModel(bytes), InvalidModel, name);
  }
});

test('a Buffer anywhere in a larger one is read like any other bytes', async () => {
  const model = await fit(popularity(), plays);
  const bytes = encodeModel(model);
  // Buffer's own `slice` is a view: a copy that is taken for one would read the neighbours' bytes.
  const within = Buffer.alloc(bytes.length + 100, 0xff);
  within.set(bytes, 36);
  assert.deepEqual(decodeModel(within.subarray(36, 36 + bytes.length)), model);
});
