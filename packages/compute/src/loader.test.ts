import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as browser from './loader-browser.ts';
import * as node from './loader-node.ts';

test('both loaders have the same functions, and the browser one no node import', () => {
  assert.deepEqual(Object.keys(browser).sort(), Object.keys(node).sort());
  for (const file of ['loader-browser.ts', 'kernel-worker-browser.ts', 'kernel-service.ts']) {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    assert.doesNotMatch(text, /node:/);
  }
});

test('the machine has threads', () => {
  assert.ok(node.hardwareThreads() >= 1);
});
