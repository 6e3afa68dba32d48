import type { KernelSession, Region } from '../kernel-session.ts';
import type { RandomStream } from '../random/random-stream.ts';

/** Pairs of a user and an item to learn from, in an order of their own. */
interface PairList {
  readonly users: number;
  readonly items: number;
  readonly userIndices: Int32Array;
  readonly itemIndices: Int32Array;
  /** What each pair counts, where a kernel asks for it. */
  readonly weights?: Float32Array;
  /** The users' places, a permutation: users are dealt to shards by them. */
  readonly places: Int32Array;
}

/** Blocks hold about so many items at the least: negatives come from one block. */
const blockItems = 512;
const mostBlocks = 16;

/**
 * Pairs dealt to cells of a shard of users and a block of items. In a round each shard meets a block of its
 * own, so that cells can be worked on at once and still give the same result on any number of threads
 * (Gemulla et al. 2011, "stratified" gradient descent). Blocks are dealt anew for each epoch.
 */
export class PairCells {
  /** How many shards, blocks and rounds there are. */
  readonly blocks: number;
  /** By cell (block x blocks + shard) where its records begin, and their end. */
  readonly cellOffsets: Region;
  /** User, item and, where there is one, weight. */
  readonly records: Region;
  readonly blockOffsets: Region;
  /** The items of each block. */
  readonly blockItems: Region;
  /** A random word for each cell. */
  readonly keys: Region;
  readonly #session: KernelSession;
  readonly #pairs: PairList;
  readonly #blockOf: Uint8Array;

  constructor(session: KernelSession, pairs: PairList) {
    const count = pairs.userIndices.length;
    this.blocks = Math.max(1, Math.min(mostBlocks, Math.floor(pairs.items / blockItems)));
    this.#session = session;
    this.#pairs = pairs;
    this.#blockOf = new Uint8Array(pairs.items);
    this.cellOffsets = session.allocate((this.blocks ** 2 + 1) * 4);
    this.records = session.allocate(count * 4 * (pairs.weights ? 3 : 2));
    this.blockOffsets = session.allocate((this.blocks + 1) * 4);
    this.blockItems = session.allocate(pairs.items * 4);
    this.keys = session.allocate(this.blocks ** 2 * 4);
  }

  /** Deals the items to blocks, the pairs to cells, and new words to cells. */
  deal(stream: RandomStream): void {
    const { blocks } = this;
    const { items } = this.#pairs;
    const dealt = this.#session.int32(this.blockItems);
    for (let item = 0; item < items; item++) dealt[item] = item;
    stream.shuffle(dealt);
    const edges = this.#session.int32(this.blockOffsets);
    for (let block = 0; block < blocks; block++) {
      edges[block + 1] = Math.floor(((block + 1) * items) / blocks);
      for (let at = edges[block]!; at < edges[block + 1]!; at++) this.#blockOf[dealt[at]!] = block;
    }
    const keys = this.#session.int32(this.keys);
    for (let cell = 0; cell < keys.length; cell++) keys[cell] = stream.uint32() | 0;
    this.#sortPairs();
  }

  /** A counting sort by cell, which keeps the order of the pairs within each. */
  #sortPairs(): void {
    const { userIndices, itemIndices, weights, places } = this.#pairs;
    const { blocks } = this;
    const blockOf = this.#blockOf;
    const cells = this.#session.int32(this.cellOffsets).fill(0);
    const count = userIndices.length;
    for (let at = 0; at < count; at++) {
      const shard = places[userIndices[at]!]! % blocks;
      cells[blockOf[itemIndices[at]!]! * blocks + shard + 1]!++;
    }
    for (let cell = 1; cell < cells.length; cell++) cells[cell]! += cells[cell - 1]!;
    const next = cells.slice();
    const records = this.#session.int32(this.records);
    const numbers = this.#session.float32(this.records);
    const words = weights ? 3 : 2;
    for (let at = 0; at < count; at++) {
      const [user, item] = [userIndices[at]!, itemIndices[at]!];
      const to = words * next[blockOf[item]! * blocks + (places[user]! % blocks)]!++;
      records[to] = user;
      records[to + 1] = item;
      if (weights) numbers[to + 2] = weights[at]!;
    }
  }
}
