import { type Coding, type HnswGraph, levelOf } from './hnsw-graph.ts';

/** A candidate: its distance in codes and its row. */
type Candidate = readonly [distance: number, row: number];

/** Nearest first, equal distances by row. */
const order = (a: Candidate, b: Candidate): number => a[0] - b[0] || a[1] - b[1];

/** Codes of one vector, by the rule of `Coding` in the floats of the kernels. */
export function plainCodes(vector: Float32Array, coding: Coding, limit: number): number[] {
  return Array.from(vector, (value, column) => {
    const shifted = Math.fround(value - coding.shifts[column]!);
    return Math.max(-limit, Math.min(limit, roundEven(Math.fround(shifted * coding.scale))));
  });
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const off = value - floor;
  if (off !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The graph in plain TypeScript: lists of lists, every set a Set, batches as the kernels have them. */
export class PlainHnsw {
  readonly codes: number[][] = [];
  /** By row, by level. */
  readonly links: number[][][] = [];
  entry = -1;
  readonly #m: number;
  readonly #ef: number;
  readonly #seed: number;

  constructor({ efConstruction, m, seed }: Pick<HnswGraph, 'efConstruction' | 'm' | 'seed'>) {
    this.#m = m;
    this.#ef = Math.max(efConstruction, m);
    this.#seed = seed;
  }

  add(codes: readonly number[][], batchRows: number): void {
    for (let at = 0; at < codes.length; at += batchRows) {
      this.#addBatch(codes.slice(at, at + batchRows));
    }
  }

  #addBatch(batch: readonly number[][]): void {
    const first = this.codes.length;
    const levels = batch.map((_, at) => levelOf(this.#seed, first + at, this.#m));
    this.codes.push(...batch);
    const chosen = batch.map((_, at) => this.#choose(first, first + at, levels));
    chosen.forEach((lists, at) => {
      this.links[first + at] = lists.map((list) => list.map(([, row]) => row));
    });
    chosen.forEach((lists, at) => {
      for (let level = lists.length - 1; level >= 0; level--) {
        for (const [distance, row] of lists[level]!) {
          this.#link(row, level, [distance, first + at]);
        }
      }
    });
    levels.forEach((level, at) => {
      if (this.entry < 0 || level > this.#top()) this.entry = first + at;
    });
  }

  #top(): number {
    return this.links[this.entry]!.length - 1;
  }

  #choose(first: number, row: number, levels: readonly number[]): Candidate[][] {
    const own = levels[row - first]!;
    const query = this.codes[row]!;
    const lists: Candidate[][] = [];
    let near = this.entry < 0 ? undefined : this.#descend(query, Math.min(own, this.#top()));
    for (let level = own; level >= 0; level--) {
      let found: Candidate[] = [];
      if (near && level <= this.#top()) {
        found = this.search(query, near, level, this.#ef);
        near = found[0]!;
      }
      for (let other = first; other < row; other++) {
        if (levels[other - first]! >= level) found.push([this.distance(query, other), other]);
      }
      lists[level] = this.#select(found.sort(order).slice(0, this.#ef), this.#m);
    }
    return lists;
  }

  #descend(query: readonly number[], level: number): Candidate {
    let best: Candidate = [this.distance(query, this.entry), this.entry];
    for (let on = this.#top(); on > level; on--) {
      for (let before: Candidate | undefined; before !== best; ) {
        before = best;
        for (const row of this.links[best[1]]![on]!) {
          const other: Candidate = [this.distance(query, row), row];
          if (order(other, best) < 0) best = other;
        }
      }
    }
    return best;
  }

  /** Algorithm 2 of the paper. */
  search(query: readonly number[], from: Candidate, level: number, ef: number): Candidate[] {
    const visited = new Set([from[1]]);
    const queue = [from];
    let found = [from];
    for (let next = queue.shift(); next; next = queue.shift()) {
      if (found.length === ef && order(next, found.at(-1)!) > 0) break;
      for (const row of this.links[next[1]]![level]!) {
        if (visited.has(row)) continue;
        visited.add(row);
        const other: Candidate = [this.distance(query, row), row];
        if (found.length === ef && other[0] >= found.at(-1)![0]) continue;
        found = [...found, other].sort(order).slice(0, ef);
        queue.push(other);
        queue.sort(order);
      }
    }
    return found;
  }

  /** Algorithm 4 of the paper. */
  #select(candidates: readonly Candidate[], limit: number): Candidate[] {
    const kept: Candidate[] = [];
    for (const [distance, row] of candidates) {
      const codes = this.codes[row]!;
      const apart = kept.every(([, other]) => this.distance(codes, other) >= distance);
      if (apart && kept.length < limit) kept.push([distance, row]);
    }
    return kept;
  }

  #link(target: number, level: number, added: Candidate): void {
    const links = this.links[target]![level]!;
    const limit = level === 0 ? 2 * this.#m : this.#m;
    if (links.length < limit) {
      links.push(added[1]);
      return;
    }
    const codes = this.codes[target]!;
    const all = [added, ...links.map((row): Candidate => [this.distance(codes, row), row])];
    this.links[target]![level] = this.#select(all.sort(order), limit).map(([, row]) => row);
  }

  /** The ef nearest rows that a search from the entry finds. */
  find(query: readonly number[], ef: number): Candidate[] {
    return this.search(query, this.#descend(query, 0), 0, ef);
  }

  distance(query: readonly number[], row: number): number {
    const codes = this.codes[row]!;
    return query.reduce((sum, code, at) => sum + (code - codes[at]!) ** 2, 0);
  }
}
