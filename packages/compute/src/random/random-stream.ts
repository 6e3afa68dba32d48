import { unitNormalQuantile } from '../special/normal-quantile.ts';
import { philox } from './philox.ts';

/** What tells sub-streams apart: a name or a whole number (a row, a tree, a replicate). */
export type StreamPart = string | number;

/**
 * A stream of random numbers that any part of can be reached without drawing what precedes it. The same
 * seed and path give the same numbers on every machine, whatever is drawn elsewhere and in which order.
 * Not for secrets.
 */
export interface RandomStream {
  /** A stream of its own, independent of this one and of where this one stands. */
  child(...path: readonly StreamPart[]): RandomStream;
  /** The uniform in [0, 1) that a new stream gives as number `index` (0 .. 2^52 - 1); moves nothing. */
  at(index: number): number;
  /** The standard normal that a new stream gives as number `index`; moves nothing. */
  normalAt(index: number): number;
  /** Uniform over all 32-bit unsigned integers. */
  uint32(): number;
  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number;
  /** Uniform in (0, 1) with 52 bits, never 0 nor 1, symmetric about 1/2. */
  openUniform(): number;
  /** Uniform over 0 .. n - 1, n at most 2^32, without bias. */
  below(n: number): number;
  /** Standard normal, by inversion of one uniform (largest size 8.2). */
  normal(): number;
  /** Exponential with mean 1, by inversion. */
  exponential(): number;
  /** Puts the items of an array in a uniformly random order, in place. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T;
  /** Fills with uniforms in [0, 1); floats get 24 bits of one word each, so that none rounds to 1. */
  fillUniform<T extends Float32Array | Float64Array>(into: T): T;
  /** Fills with standard normals. */
  fillNormal<T extends Float32Array | Float64Array>(into: T): T;
}

/**
 * The stream of a seed and a path, for instance `randomStream(7, 'bootstrap', replicate)`. Streams of
 * different paths are told apart by 128 bits (64 of the key, 64 of the counter), and each has 2^53 blocks.
 *
 * @example
 * randomStream(7, 'tree', 3).uniform() === randomStream(7).child('tree').child(3).at(0); // true
 */
export function randomStream(seed: number, ...path: readonly StreamPart[]): RandomStream {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed ${seed}: a safe integer`);
  const state = new Uint32Array(4);
  absorb(state, seed, NUMBER);
  for (const part of path) descend(state, part);
  return new PhiloxStream(state);
}

/** What is absorbed enters under a key of its own kind, so that 1 and '1' and draws never meet. */
const NUMBER = 0x6e756d62;
const NAME = 0x6e616d65;
const LETTERS = 0x6c657474;

function descend(state: Uint32Array, part: StreamPart): void {
  if (typeof part === 'number') {
    if (!Number.isSafeInteger(part))
      throw new RangeError(`stream ${part}: a safe integer or a name`);
    absorb(state, part, NUMBER);
    return;
  }
  absorb(state, part.length, NAME);
  for (let at = 0; at < part.length; at += 3) {
    // Three UTF-16 units are 48 bits, which a double holds.
    const unit = (k: number): number => (at + k < part.length ? part.charCodeAt(at + k) : 0);
    absorb(state, unit(0) + unit(1) * 2 ** 16 + unit(2) * 2 ** 32, LETTERS);
  }
}

/** One block is a bijection of the counter: siblings under one parent never coincide. */
function absorb(state: Uint32Array, value: number, tag: number): void {
  const high = Math.floor(value / 2 ** 32);
  philox(value >>> 0, high, state[2]!, state[3]!, state[0]! ^ tag, state[1]! ^ ~tag, state);
}

class PhiloxStream implements RandomStream {
  readonly #id: Uint32Array;
  readonly #block: Uint32Array = new Uint32Array(4);
  readonly #aside: Uint32Array = new Uint32Array(4);
  /** The next block's number, and how many words of the last are used. */
  #next = 0;
  #used = 4;

  constructor(id: Uint32Array) {
    this.#id = id;
  }

  child(...path: readonly StreamPart[]): RandomStream {
    const state = this.#id.slice();
    for (const part of path) descend(state, part);
    return new PhiloxStream(state);
  }

  at(index: number): number {
    const from = this.#words(index);
    return unit53(this.#aside[from]!, this.#aside[from + 1]!);
  }

  normalAt(index: number): number {
    const from = this.#words(index);
    return unitNormalQuantile(unit52(this.#aside[from]!, this.#aside[from + 1]!));
  }

  uint32(): number {
    if (this.#used === 4) {
      this.#generate(this.#next++, this.#block);
      this.#used = 0;
    }
    return this.#block[this.#used++]!;
  }

  uniform(): number {
    return unit53(this.uint32(), this.uint32());
  }

  openUniform(): number {
    return unit52(this.uint32(), this.uint32());
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
    return unitNormalQuantile(this.openUniform());
  }

  exponential(): number {
    return -Math.log(this.openUniform());
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

  fillUniform<T extends Float32Array | Float64Array>(into: T): T {
    if (into instanceof Float32Array) {
      for (let i = 0; i < into.length; i++) into[i] = (this.uint32() >>> 8) * 2 ** -24;
    } else {
      for (let i = 0; i < into.length; i++) into[i] = this.uniform();
    }
    return into;
  }

  fillNormal<T extends Float32Array | Float64Array>(into: T): T {
    for (let i = 0; i < into.length; i++) into[i] = this.normal();
    return into;
  }

  #generate(block: number, out: Uint32Array): void {
    const id = this.#id;
    philox(block | 0, (block / 2 ** 32) | 0, id[2]!, id[3]!, id[0]!, id[1]!, out);
  }

  /** Computes the block that holds the two words of a number; returns where they begin. */
  #words(index: number): number {
    if (!Number.isInteger(index) || index < 0 || index >= 2 ** 52)
      throw new RangeError(`at(${index}): 0 to 2^52 - 1`);
    this.#generate(Math.floor(index / 2), this.#aside);
    return (index % 2) * 2;
  }
}

function unit53(high: number, low: number): number {
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53;
}

function unit52(high: number, low: number): number {
  return ((high >>> 6) * 2 ** 26 + (low >>> 6) + 0.5) * 2 ** -52;
}
