import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createId, isId } from './id.ts';
import { realIo } from './real-io.ts';

test('an identifier spends five bits of each random byte', () => {
  const bytes = Uint8Array.from({ length: 20 }, (_, index) => (index === 0 ? 255 : index));
  assert.equal(createId({ bytes: () => bytes }), 'z123456789abcdefghjk');
});

test('identifiers are well formed and do not repeat', () => {
  const { random } = realIo();
  const ids = new Set(Array.from({ length: 5000 }, () => createId(random)));
  assert.equal(ids.size, 5000);
  for (const id of ids) assert.ok(isId(id));
});

test('every letter of the alphabet comes up equally often', () => {
  // One draw of all 256 byte values, so the count is exact: each letter stands for eight of them.
  const counts = new Map<string, number>();
  for (let first = 0; first < 256; first++) {
    const letter = createId({ bytes: () => new Uint8Array(20).fill(first) })[0]!;
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  assert.deepEqual([...counts.values()], new Array(32).fill(8));
});

test('what could lead elsewhere or be misread is no identifier', () => {
  const id = 'z123456789abcdefghjk';
  assert.ok(isId(id));
  const bad = [id.slice(1), `${id}0`, id.toUpperCase(), `${id.slice(1)}i`, `${id.slice(1)}/`, ''];
  for (const text of [...bad, `${id}\n`, 7, null]) assert.equal(isId(text), false);
});
