import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OnnxFailed } from '../error.ts';
import * as browser from './onnx-runtime-browser.ts';
import * as node from './onnx-runtime-node.ts';

test('a page gives ONNX Runtime itself; without it the error says so', async () => {
  await assert.rejects(browser.loadOnnxRuntime(), OnnxFailed);
  const native = await node.loadOnnxRuntime();
  const page = globalThis as { ort?: unknown };
  page.ort = native;
  try {
    const { provider, Tensor } = await browser.loadOnnxRuntime();
    assert.deepEqual([provider, Tensor], ['wasm', native.Tensor]);
  } finally {
    delete page.ort;
  }
});

test('the native library is loaded once', async () => {
  const [first, second] = [node.loadOnnxRuntime(), node.loadOnnxRuntime()];
  assert.equal(first, second);
  assert.equal((await first).provider, 'cpu');
});
