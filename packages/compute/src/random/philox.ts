/**
 * Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw (2011, "Parallel random
 * numbers: as easy as 1, 2, 3", section 3.3): a keyed bijection of 128-bit counters whose outputs pass
 * BigCrush. Writes the four words of counter (c0, c1, c2, c3) under key (k0, k1) to `out`.
 */
export function philox(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  out: Uint32Array | Int32Array,
): void {
  // Signed words throughout keep the loop in integer registers.
  let [w0, w1, w2, w3] = [c0 | 0, c1 | 0, c2 | 0, c3 | 0];
  let [key0, key1] = [k0 | 0, k1 | 0];
  for (let round = 0; round < 10; round++) {
    const low0 = Math.imul(w0, 0xd2511f53);
    const low1 = Math.imul(w2, 0xcd9e8d57);
    const high0 = highWord(w0, 0xd251, 0x1f53);
    const high1 = highWord(w2, 0xcd9e, 0x8d57);
    w0 = high1 ^ w1 ^ key0;
    w1 = low1;
    w2 = high0 ^ w3 ^ key1;
    w3 = low0;
    key0 = (key0 + 0x9e3779b9) | 0;
    key1 = (key1 + 0xbb67ae85) | 0;
  }
  out[0] = w0;
  out[1] = w1;
  out[2] = w2;
  out[3] = w3;
}

/** The upper 32 bits of a word times (high 2^16 + low), in halves: no partial sum passes 2^32. */
function highWord(word: number, high: number, low: number): number {
  const lower = word & 0xffff;
  const upper = word >>> 16;
  const carry = Math.imul(lower, low) >>> 16;
  const middle = (Math.imul(upper, low) + carry) | 0;
  const other = (Math.imul(lower, high) + (middle & 0xffff)) | 0;
  return (((Math.imul(upper, high) + (middle >>> 16)) | 0) + (other >>> 16)) | 0;
}
