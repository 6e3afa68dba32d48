import type { KernelSession, Region } from '../kernel-session.ts';
import type { BinnedTable } from './binned-table.ts';
import { type ExactRows, exactRows } from './exact-rows.ts';
import type { ForestTree } from './forest-tree.ts';

/** How the trees of a forest are grown. */
export interface ForestLimits {
  readonly criterion: 'gini' | 'entropy' | 'squared';
  /** The classes of the target; 0 for numbers, which `squared` is for. */
  readonly classes: number;
  /** How many features each split looks at, drawn for it; at least 1. */
  readonly featuresPerSplit: number;
  /** Whether a feature is split at random between its least and greatest bin in the node. */
  readonly randomThresholds: boolean;
  /** Whether each tree draws as many rows as there are, with repeats. */
  readonly bootstrap: boolean;
  /** The most splits above a leaf, and the most leaves, those first that lower the impurity most. */
  readonly depth: number | null;
  readonly leaves: number | null;
  /** The least rows of a leaf, a row that was drawn twice counting once. */
  readonly minRows: number;
  /** By what share of the tree's weight a split must lower the impurity. */
  readonly minDecrease: number;
  /** Whether rows are voted on by the trees that did not see them. */
  readonly votes: boolean;
}

interface ForestExamples {
  /** By row: a class, or a number. */
  readonly target: Float64Array;
  readonly weights?: Float64Array | undefined;
}

const nodeBytes = 64;
const featureWords = 4;
const mapBytes = 256;
/** What trees that are grown at once may take, beyond one for each thread. */
const batchBytes = 2 ** 27;
const criteria = ['gini', 'entropy', 'squared'] as const;

interface Layout {
  readonly entryBytes: number;
  readonly slots: number;
  readonly perSplit: number;
  readonly parts: readonly number[];
  readonly scratchBytes: number;
  readonly outBytes: number;
  readonly valuesAt: number;
  readonly bagBytes: number;
}

/**
 * Grows the trees of a forest on a binned table: each by one thread, as many at once as there are threads.
 * Each draws by a stream of its own and all sums are exact, so that a tree is the same whatever the number
 * of threads. Missing values go to the side that they gain more on. Entropy is in bits.
 */
export class ForestTrainer {
  readonly table: BinnedTable;
  /** How many trees to ask for at once. */
  readonly batch: number;
  readonly #session: KernelSession;
  readonly #limits: ForestLimits;
  readonly #rows: ExactRows;
  readonly #layout: Layout;
  /** Trees that grow at once; each holds its rows. */
  readonly #growers: number;
  readonly #places: BinnedTable['places'];
  readonly #keys: Region;
  readonly #out: Region;
  readonly #bags: Region | undefined;
  readonly #votes: Region | undefined;
  readonly #voters: Region | undefined;
  readonly #plan: Region;
  readonly #words: Int32Array;

  constructor(
    session: KernelSession,
    table: BinnedTable,
    examples: ForestExamples,
    limits: ForestLimits,
    trees: number,
  ) {
    this.#session = session;
    this.table = table;
    this.#limits = limits;
    this.#places = table.places.toSorted((a, b) => a.feature - b.feature);
    this.#rows = exactRows(examples.target, examples.weights, limits.classes === 0);
    this.#layout = layoutOf(table, limits, this.#rows.used.length);
    const { outBytes, bagBytes } = this.#layout;
    const most = Math.max(leastGrowers, Math.floor(batchBytes / this.#layout.scratchBytes));
    this.#growers = Math.min(session.threads, trees, most);
    const wanted = Math.max(this.#growers, Math.floor(batchBytes / outBytes));
    this.batch = Math.min(trees, wanted);
    const region = (bytes: number): Region => session.allocate(bytes);
    this.#keys = region(this.batch * 8);
    this.#out = region(this.batch * outBytes);
    if (limits.votes) {
      this.#bags = region(this.batch * bagBytes);
      this.#votes = region(table.rows * this.#outputs * 8);
      this.#voters = region(table.rows * 4);
    }
    this.#plan = region(256);
    this.#words = this.#planWords();
  }

  get #outputs(): number {
    return Math.max(1, this.#limits.classes);
  }

  /** By row the sum of what the trees say that did not see it, rows x outputs; and how many they are. */
  get votes(): { readonly sums: Float64Array; readonly voters: Int32Array } {
    const [sums, voters] = [this.#votes!, this.#voters!];
    return {
      sums: this.#session.float64(sums).map((sum, at) => {
        const shifted = this.#rows.mean * this.#session.int32(voters)[at]!;
        return this.#limits.classes > 0 ? sum : sum + shifted;
      }),
      voters: this.#session.int32(voters).slice(),
    };
  }

  /** Grows trees, at most `batch`, by their keys: two words each, of which all draws of a tree come. */
  async grow(keys: Uint32Array): Promise<readonly ForestTree[]> {
    const session = this.#session;
    const trees = keys.length / 2;
    session.int32(this.#keys).set(keys);
    session.int32(this.#plan).set(this.#words, 2);
    session.int32(this.#plan)[treesWord] = trees;
    session.float64(this.#plan)[0] = this.#limits.minDecrease;
    await session.run('forest', [this.#plan.address]);
    if (this.#limits.votes) await session.run('forestVotes', [this.#plan.address]);
    return Array.from({ length: trees }, (_, tree) => this.#read(tree));
  }

  #planWords(): Int32Array {
    const { table } = this;
    const session = this.#session;
    const limits = this.#limits;
    const { entryBytes, slots, perSplit, parts, scratchBytes, outBytes, valuesAt, bagBytes } =
      this.#layout;
    const { used, target, weights, products } = this.#rows;
    const held = limits.classes > 0 ? session.place(Int32Array.from(target)) : undefined;
    const numbers = held ? undefined : session.place(target);
    const whole = !held && products !== target ? session.place(products) : numbers;
    const words = [table.rows, table.stride, table.binRows.address, table.binColumns.address];
    words.push(this.#placeFeatures().address, table.places.length);
    words.push(session.place(used).address, used.length, held?.address ?? 0);
    words.push(numbers?.address ?? 0, whole?.address ?? 0, session.place(weights).address);
    words.push(limits.classes);
    words.push(slots, entryBytes, criteria.indexOf(limits.criterion), perSplit);
    words.push(limits.randomThresholds ? 1 : 0, limits.bootstrap ? 1 : 0);
    words.push(limits.depth ?? 2 ** 30, limits.leaves ?? 0, limits.minRows);
    words.push(this.#keys.address, 0);
    const scratch = session.allocate(this.#growers * scratchBytes);
    words.push(scratch.address, scratchBytes, ...parts);
    words.push(this.#out.address, outBytes, valuesAt, this.#bags?.address ?? 0, bagBytes);
    words.push(this.#votes?.address ?? 0, this.#voters?.address ?? 0, this.#growers);
    return Int32Array.from(words);
  }

  /** Features that vary, ascending: the others have no place and are not drawn. */
  #placeFeatures(): Region {
    const session = this.#session;
    const { features } = this.table;
    const region = session.allocate(this.#places.length * featureWords * 4);
    for (const [at, { feature, column, offset, hidden }] of this.#places.entries()) {
      const { bins } = features[feature]!;
      let map = 0;
      if (hidden >= 0) {
        const own = session.allocate(mapBytes);
        const view = session.int32(own);
        const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
        bytes.set(sharedBins(bins, offset, hidden));
        map = own.address;
      }
      session.int32(region).set([column, bins, map], at * featureWords);
    }
    return region;
  }

  #read(tree: number): ForestTree {
    const { outBytes, valuesAt } = this.#layout;
    const session = this.#session;
    const from = tree * outBytes;
    const words = session.int32(this.#out).subarray(from / 4);
    const nodes = words[0]!;
    const numbers = session.float64(this.#out).subarray((from + nodeBytes) / 8);
    const of = (word: number): Int32Array =>
      new Int32Array(nodes).map((_, node) => words[16 * (node + 1) + word]!);
    const numbersOf = (at: number): Float64Array =>
      new Float64Array(nodes).map((_, node) => numbers[8 * node + at]!);
    const first = (from + valuesAt) / 8;
    const own = session.float64(this.#out).subarray(first, first + nodes * this.#outputs);
    const { mean } = this.#rows;
    const left = of(3);
    return {
      ...{
        nodes,
        features: of(0).map((at) => this.#places[at]?.feature ?? 0),
        bins: of(1),
        missingLeft: Uint8Array.from(of(2)),
        left,
      },
      ...{ counts: of(5), weights: numbersOf(5), impurities: numbersOf(6) },
      gains: numbersOf(4).map((gain, node) => (left[node]! < 0 ? 0 : gain)),
      values: this.#limits.classes > 0 ? own.slice() : own.map((value) => value + mean),
    };
  }
}

/** So many trees grow at once whatever they hold; more as far as memory goes. */
const leastGrowers = 8;

const treesWord = 2 + 23;

function layoutOf(table: BinnedTable, limits: ForestLimits, used: number): Layout {
  const { classes, minRows } = limits;
  const features = table.places.length;
  const outputs = Math.max(1, classes);
  const perSplit = Math.min(features, limits.featuresPerSplit);
  const entryBytes = classes > 0 ? 16 : 24;
  const slots = Math.max(classes, classes > 0 ? 1 : 2) + (minRows > 1 ? 1 : 0);
  const mostLeaves = leavesOf(limits, used);
  const sizes = [used * entryBytes, used * entryBytes, features * 4];
  sizes.push(perSplit * slots * 8 * 256, perSplit * 32, 4 * slots * 8, mostLeaves * 4 + 8);
  sizes.push(limits.bootstrap ? used * 4 : 0);
  const parts: number[] = [];
  let end = 256;
  for (const size of sizes) {
    end += Math.ceil(size / 64) * 64;
    parts.push(end);
  }
  const mostNodes = 2 * mostLeaves - 1;
  const valuesAt = nodeBytes * (mostNodes + 1);
  return {
    ...{ entryBytes, slots, perSplit, valuesAt, parts: parts.slice(0, -1), scratchBytes: end },
    outBytes: valuesAt + Math.ceil((mostNodes * outputs) / 8) * 64,
    bagBytes: Math.ceil(used / 512) * 64,
  };
}

/** The most leaves that a tree of so many rows can have. */
function leavesOf({ depth, leaves, minRows }: ForestLimits, rows: number): number {
  const byDepth = depth !== null && depth < 30 ? 2 ** depth : Infinity;
  return Math.min(Math.max(1, Math.floor(rows / minRows)), leaves ?? Infinity, byDepth);
}

/** A feature's bin for each bin of the column that it shares. */
function sharedBins(bins: number, offset: number, hidden: number): Uint8Array {
  const map = new Uint8Array(mapBytes).fill(hidden);
  let at = offset;
  for (let bin = 0; bin <= bins; bin++) if (bin !== hidden) map[at++] = bin;
  return map;
}
