/**
 * Seeded pseudo-random numbers: xoshiro128** of Blackman and Vigna (2018), its state filled by
 * SplitMix32. The same seed and stream give the same numbers on every machine. Not for secrets.
 */
export interface SeededRandom {
  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number;
  /** Uniform over all 32-bit unsigned integers. */
  uint32(): number;
  /** Uniform over 0 .. n - 1, without modulo bias (values over the last whole multiple are drawn again). */
  below(n: number): number;
  /** Standard normal (Marsaglia's polar method). */
  normal(): number;
  /** Puts the items of an array in a uniformly random order, in place. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T;
}

/**
 * A generator of its own for each seed and stream.
 *
 * @example
 * seededRandom(7).below(6) === seededRandom(7).below(6); // true
 */
export function seededRandom(seed: number, stream: number = 0): SeededRandom {
  if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(stream) || stream < 0) {
    throw new RangeError(`seed ${seed}, stream ${stream}: integers, the stream at least 0`);
  }
  let state = (seed ^ Math.imul(stream + 1, 0x9e3779b9)) >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  // The upper half of a 53-bit seed and the stream enter by themselves, so that none is lost.
  const high = Math.floor(seed / 2 ** 32) >>> 0;
  return new Xoshiro128(next() ^ high, next(), next() ^ stream, next() | 1);
}

class Xoshiro128 implements SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  #spare: number | undefined;

  constructor(a: number, b: number, c: number, d: number) {
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
    for (let round = 0; round < 8; round++) this.uint32();
  }

  uint32(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  uniform(): number {
    return ((this.uint32() >>> 5) * 2 ** 26 + (this.uint32() >>> 6)) / 2 ** 53;
  }

  below(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32)
      throw new RangeError(`below(${n}): 1 to 2^32`);
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const drawn = this.uint32();
      if (drawn < limit) return drawn % n;
    }
  }

  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      this.#spare = v * scale;
      return u * scale;
    }
  }

  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = items[i];
      items[i] = items[j];
      items[j] = held;
    }
    return items;
  }
}
