import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { build } from '../build.ts';
import { controlAddress, firstAddress } from './kernel-memory.ts';

before(build);

test('the compiler keeps its data between the control block and the first allocation', () => {
  const bytes = readFileSync(new URL('./kernels/kernels.wasm', import.meta.url));
  const segments = dataSegments(bytes);
  assert.ok(segments.length > 0);
  for (const { begin, end } of segments) {
    assert.ok(begin >= controlAddress + 512 && end <= firstAddress, `${begin} to ${end}`);
  }
});

/** Where the active data segments of a module lie: section 11, each `i32.const begin` and a length. */
function dataSegments(bytes: Uint8Array): readonly { begin: number; end: number }[] {
  let at = 8;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  while (at < bytes.length) {
    const section = bytes[at++]!;
    const end = number() + at;
    if (section === 11) {
      return Array.from({ length: number() }, () => {
        const kind = number();
        assert.equal(kind, 0, 'segments lie at fixed places');
        at++;
        const begin = number();
        at++;
        const length = number();
        at += length;
        return { begin, end: begin + length };
      });
    }
    at = end;
  }
  return [];
}
