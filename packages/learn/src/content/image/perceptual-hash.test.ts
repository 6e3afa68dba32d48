import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgument } from '../../error.ts';
import { hammingDistance, perceptualHash } from './perceptual-hash.ts';
import { cover, disturbed, drawn, restless, slanted } from './pictures.fixture.ts';
import { resizePixels } from './resize-pixels.ts';

const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');
const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const grey = (width: number, height: number) =>
  drawn(width, height, (x, y) => [restless(x, y)[1]!]);

// ImageHash 4.3.2; in these sizes nothing is scaled, so that every bit must agree.
test('hashes are those of ImageHash', () => {
  assert.equal(hex(perceptualHash(grey(32, 32))), '860c75566a6db3ac');
  assert.equal(hex(perceptualHash(grey(8, 8), { method: 'average' })), '03030707070f0f1f');
  assert.equal(hex(perceptualHash(grey(9, 8), { method: 'difference' })), 'ffffffffffffffff');
});

// ImageHash 4.3.2 shrinks by a Lanczos filter, we by areas: a few bits near the median may differ.
test('hashes of larger pictures are near those of ImageHash', () => {
  for (const [width, height, frequency, average, difference] of LARGE) {
    const picture = drawn(width, height, slanted);
    for (const [method, wanted] of Object.entries({ frequency, average, difference })) {
      const found = perceptualHash(picture, { method: method as 'frequency' });
      const distance = hammingDistance(found, fromHex(wanted));
      assert.ok(distance <= 6, `${method} of ${width} x ${height}: ${distance}`);
    }
  }
});

const LARGE = [
  [97, 61, '9247ade86cb96c38', 'f2342e07e0f81f83', '6664cccd9991b337'],
  [60, 45, 'ce1ff060366730e5', 'dc9c1f1900f0f17f', '1838797163e3c3c7'],
  [120, 80, 'e321e3f6e0b61c46', 'e1780fc37096a579', '49d99a96a42c4dc9'],
] as const;

test('a picture scaled, disturbed or made brighter stays near; others are far', () => {
  const covers = Array.from({ length: 20 }, (_, seed) => cover(seed, 96, 80));
  const hashes = covers.map((picture) => perceptualHash(picture));
  covers.forEach((picture, at) => {
    const scaled = resizePixels(picture, { width: 61, height: 70 });
    const noisy = disturbed(picture, { noise: 24 });
    const bright = disturbed(picture, { factor: 0.8, step: 30 });
    for (const other of [scaled, noisy, bright]) {
      const distance = hammingDistance(hashes[at]!, perceptualHash(other));
      assert.ok(distance <= 8, `${at}: ${distance}`);
    }
    for (let before = 0; before < at; before++) {
      assert.ok(hammingDistance(hashes[at]!, hashes[before]!) > 10, `${before} and ${at}`);
    }
  });
});

test('odd sizes and flat pictures have a hash, the same for all brightnesses', () => {
  for (const method of ['frequency', 'difference', 'average'] as const) {
    for (const [width, height] of [
      [1, 1],
      [1, 300],
      [301, 1],
      [7, 5],
    ] as const) {
      const hashes = [1, 90, 255].map((value) => {
        return hex(
          perceptualHash(
            drawn(width, height, () => [value, value, value]),
            { method },
          ),
        );
      });
      assert.equal(new Set(hashes).size, 1, `${method} ${width} ${height} ${hashes}`);
    }
  }
  assert.throws(() => hammingDistance(new Uint8Array(8), new Uint8Array(7)), InvalidArgument);
});
