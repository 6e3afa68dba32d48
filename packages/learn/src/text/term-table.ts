import { hashUnits } from './unit-hash.ts';

/**
 * Terms by numbers, from 0 in the order in which they were added. A part of a text is looked up by its units
 * where they stand: no string is made of it, which takes longer than all else that is done with a term.
 */
export class TermTable {
  #size = 0;
  /** By hash, the number of a term and 1, or 0 for an empty place; a power of two of them. */
  #slots = new Int32Array(1024);
  #hashes = new Uint32Array(512);
  /** By number, where its units end; they begin where those of the one before end. */
  #ends = new Int32Array(512);
  #units = new Uint16Array(4096);

  get size(): number {
    return this.#size;
  }

  /** The number of the term, or -1. */
  find(text: string, from: number, to: number): number {
    return this.#slots[this.#slotOf(text, from, to, hashUnits(text, from, to, 0))]! - 1;
  }

  /** The number of the term, a new one for one that was not there. */
  add(text: string, from: number, to: number): number {
    const hash = hashUnits(text, from, to, 0);
    const slot = this.#slotOf(text, from, to, hash);
    const known = this.#slots[slot]! - 1;
    if (known >= 0) return known;
    const begin = this.#size === 0 ? 0 : this.#ends[this.#size - 1]!;
    const end = begin + to - from;
    if (end > this.#units.length) this.#units = grown(this.#units, end);
    for (let at = from; at < to; at++) this.#units[begin + at - from] = text.charCodeAt(at);
    if (this.#size === this.#ends.length) {
      this.#ends = grown(this.#ends, this.#size);
      this.#hashes = grown(this.#hashes, this.#size);
    }
    this.#ends[this.#size] = end;
    this.#hashes[this.#size] = hash;
    this.#slots[slot] = ++this.#size;
    if (2 * this.#size > this.#slots.length) this.#rehash();
    return this.#size - 1;
  }

  /** All terms by their numbers. */
  names(): string[] {
    return Array.from({ length: this.#size }, (_, place) => {
      const begin = place === 0 ? 0 : this.#ends[place - 1]!;
      return textOf(this.#units.subarray(begin, this.#ends[place]));
    });
  }

  /** The slot that holds the term, or the empty one where it belongs. */
  #slotOf(text: string, from: number, to: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = this.#slots[slot]! - 1;
      if (place < 0) return slot;
      if (this.#hashes[place] === hash && this.#holds(place, text, from, to)) return slot;
    }
  }

  #holds(place: number, text: string, from: number, to: number): boolean {
    const begin = place === 0 ? 0 : this.#ends[place - 1]!;
    if (this.#ends[place]! - begin !== to - from) return false;
    for (let at = from; at < to; at++) {
      if (this.#units[begin + at - from] !== text.charCodeAt(at)) return false;
    }
    return true;
  }

  #rehash(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    const mask = this.#slots.length - 1;
    for (let place = 0; place < this.#size; place++) {
      let slot = this.#hashes[place]! & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = place + 1;
    }
  }
}

/** A text in pieces: a call takes no more arguments than its stack holds. */
function textOf(units: Uint16Array): string {
  let text = '';
  for (let from = 0; from < units.length; from += 8192) {
    text += String.fromCharCode(...units.subarray(from, from + 8192));
  }
  return text;
}

function grown<T extends Int32Array | Uint32Array | Uint16Array>(array: T, least: number): T {
  const length = Math.max(2 * array.length, least);
  const larger = new (array.constructor as new (length: number) => T)(length);
  larger.set(array);
  return larger;
}
