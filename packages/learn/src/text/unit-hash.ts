// MurmurHash3 for 32 bits (Appleby 2011), each UTF-16 unit (or hash) a block of four bytes.

/** The state with one more block in it. */
export function mixBlock(state: number, block: number): number {
  let k = Math.imul(block, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const mixed = state ^ Math.imul(k, 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** The hash of so many blocks from their state: Murmur's finaliser, one to one. */
export function finishHash(state: number, blocks: number): number {
  let h = state ^ (4 * blocks);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The hash of the units of a text from one place to another. */
export function hashUnits(text: string, from: number, to: number, seed: number): number {
  let state = seed | 0;
  for (let at = from; at < to; at++) state = mixBlock(state, text.charCodeAt(at));
  return finishHash(state, to - from);
}
