import type { KernelSession, Region } from '../kernel-session.ts';
import type { BinnedTable } from './binned-table.ts';
import type { GrownLeaf, GrownNode, GrownTree } from './grown-tree.ts';

/** What limits a tree. */
export interface GrowLimits {
  readonly leaves: number;
  readonly depth: number;
  readonly minRows: number;
  readonly minHessian: number;
  readonly minGain: number;
  readonly l2: number;
  readonly categoricalL2: number;
  readonly categoricalSmooth: number;
  readonly maxCategories: number;
}

interface TrainerOptions {
  /** Trees in a round, each with gradients of its own. */
  readonly outputs: number;
  readonly limits: GrowLimits;
  /** By feature: 1 when its values may only raise the prediction, -1 when only lower it. */
  readonly monotone?: ReadonlyMap<number, 1 | -1>;
}

/** The losses whose gradients a kernel knows; `given` ones are written by the caller. */
type KernelObjective = 'squared' | 'logistic' | 'softmax' | 'poisson' | 'quantile' | 'given';

const objectives: readonly KernelObjective[] = [
  ...(['squared', 'logistic', 'softmax', 'poisson', 'quantile', 'given'] as const),
];

const leafBytes = 128;
const nodeBytes = 80;
const candidateBytes = 64;
const packedColumnBytes = 2112;
const batchRows = 256;
const chunkRows = 4096;
const stateBytes = 512;
/** Asking the threads takes longer than adding so many numbers. */
const fewRows = 32_768;

/** Regions by what they hold. */
type Regions = Readonly<
  Record<
    | 'scores'
    | 'target'
    | 'weights'
    | 'gradients'
    | 'hessians'
    | 'packed'
    | 'largest'
    | 'units'
    | 'meeting'
    | 'gradientPlan'
    | 'index'
    | 'spare'
    | 'rest'
    | 'features'
    | 'columns'
    | 'packedSums'
    | 'sums'
    | 'gathered'
    | 'pool'
    | 'leaves'
    | 'candidates'
    | 'nodes'
    | 'chunkCounts'
    | 'state'
    | 'leafOf'
    | 'values'
    | 'plan',
    Region
  >
>;

/**
 * Grows trees on a binned table, one kernel call a tree: all threads grow it together. Gradients are whole
 * numbers of 18 bits, whose sums are exact: a tree is the same whatever the number of threads.
 */
export class TreeTrainer {
  readonly table: BinnedTable;
  readonly #session: KernelSession;
  readonly #options: TrainerOptions;
  readonly #at: Regions;
  readonly #totalBins: number;
  readonly #packedBytes: number;
  readonly #gatheredBytes: number;

  constructor(session: KernelSession, table: BinnedTable, options: TrainerOptions) {
    this.#session = session;
    this.table = table;
    this.#options = options;
    const columnBins = binsOfColumns(table);
    this.#totalBins = columnBins.reduce((sum, bins) => sum + bins, 0);
    this.#packedBytes = table.columns * packedColumnBytes;
    this.#gatheredBytes = Math.max(8192, batchRows * (8 + table.stride) + 16);
    this.#at = this.#allocate();
    this.#writeTables(columnBins);
  }

  #allocate(): Regions {
    const { table } = this;
    const { outputs, limits } = this.#options;
    const { threads } = this.#session;
    const numbers = (table.rows * outputs + 2) * 8;
    const region = (bytes: number): Region => this.#session.allocate(bytes);
    return {
      scores: region(numbers),
      target: region((table.rows + 2) * 8),
      weights: region((table.rows + 2) * 8),
      gradients: region(numbers),
      hessians: region(numbers),
      packed: region(numbers),
      largest: region(threads * 16),
      units: region(16),
      meeting: region(64),
      gradientPlan: region(128),
      index: region(table.rows * 4 + 16),
      spare: region(table.rows * 4 + 16),
      rest: region(table.rows * 4),
      features: region(table.places.length * 32),
      columns: region(table.columns * 16),
      packedSums: region(threads * this.#packedBytes),
      sums: region(threads * this.#totalBins * 16),
      gathered: region(threads * this.#gatheredBytes),
      pool: region(limits.leaves * this.#totalBins * 16),
      leaves: region(limits.leaves * leafBytes),
      candidates: region(2 * table.places.length * candidateBytes),
      nodes: region(limits.leaves * nodeBytes),
      chunkCounts: region((Math.ceil(table.rows / chunkRows) + 1) * 4),
      state: region(stateBytes + threads * 4),
      leafOf: region(table.rows * 2),
      values: region(limits.leaves * 8),
      plan: region(256),
    };
  }

  #writeTables(columnBins: readonly number[]): void {
    const { places, features } = this.table;
    const columns = this.#session.int32(this.#at.columns);
    let start = 0;
    columnBins.forEach((bins, column) => {
      const first = places.findIndex((place) => place.column === column);
      const count = places.filter((place) => place.column === column).length;
      columns.set([start, bins, first, first + count], column * 4);
      start += bins;
    });
    const words = this.#session.int32(this.#at.features);
    places.forEach(({ feature, column, offset, hidden }, at) => {
      const { bins, categorical } = features[feature]!;
      const monotone = this.#options.monotone?.get(feature) ?? 0;
      words.set([column, offset, bins, bins, hidden, categorical ? 1 : 0, monotone, 1], at * 8);
    });
  }

  /** What the model says of each row so far; output k begins at k * rows. */
  get scores(): Float64Array {
    return this.#session.float64(this.#at.scores).subarray(0, this.#numbers);
  }

  get target(): Float64Array {
    return this.#session.float64(this.#at.target).subarray(0, this.table.rows);
  }

  /** Written by the caller before `derive` with objective `given`. */
  get gradients(): Float64Array {
    return this.#session.float64(this.#at.gradients).subarray(0, this.#numbers);
  }

  get hessians(): Float64Array {
    return this.#session.float64(this.#at.hessians).subarray(0, this.#numbers);
  }

  /** Rows in the order in which the last tree left them, leaf by leaf. */
  get order(): Int32Array {
    return this.#session.int32(this.#at.index);
  }

  get #numbers(): number {
    return this.table.rows * this.#options.outputs;
  }

  /** Derives the loss at the scores, for all outputs. */
  async derive(
    objective: KernelObjective,
    weights?: Float64Array | undefined,
    alpha = 0.5,
  ): Promise<void> {
    const at = this.#at;
    const session = this.#session;
    if (weights) session.float64(at.weights).set(weights);
    const words = [session.threads, this.table.rows, this.#options.outputs];
    words.push(objectives.indexOf(objective), at.scores.address, at.target.address);
    words.push(weights ? at.weights.address : 0, at.gradients.address, at.hessians.address);
    words.push(at.packed.address, at.largest.address, at.units.address, at.meeting.address);
    session.int32(at.gradientPlan).set(words);
    session.float64(at.gradientPlan)[7] = alpha;
    session.int32(at.meeting).fill(0);
    await session.run('gradients', [at.gradientPlan.address]);
  }

  /**
   * Grows a tree for an output on the rows `grown`, ascending; `rest` rows only get a leaf. Features that
   * `allowed` leaves out are not split on.
   */
  async grow(
    output: number,
    grown: Int32Array,
    rest: Int32Array,
    allowed?: ReadonlySet<number> | undefined,
  ): Promise<GrownTree> {
    const session = this.#session;
    session.int32(this.#at.index).set(grown);
    session.int32(this.#at.rest).set(rest);
    const words = session.int32(this.#at.features);
    this.table.places.forEach(({ feature }, at) => {
      words[at * 8 + 7] = !allowed || allowed.has(feature) ? 1 : 0;
    });
    this.#writePlan(output, grown.length, rest.length);
    this.#resetState(grown.length);
    await session.run('grow', [this.#at.plan.address]);
    return this.#read();
  }

  #writePlan(output: number, grown: number, rest: number): void {
    const at = this.#at;
    const { table } = this;
    const { limits } = this.#options;
    const packed = at.packed.address + output * table.rows * 8;
    const words = [this.#session.threads, table.rows, table.columns, table.stride];
    words.push(table.binRows.address, table.binColumns.address, packed);
    words.push(at.index.address, at.spare.address, grown, at.rest.address, rest);
    words.push(table.places.length, at.features.address, at.columns.address, this.#totalBins);
    words.push(at.packedSums.address, this.#packedBytes, at.sums.address, this.#totalBins * 16);
    words.push(at.gathered.address, this.#gatheredBytes, at.pool.address, limits.leaves);
    words.push(limits.depth, limits.minRows, at.leaves.address, at.candidates.address);
    words.push(at.nodes.address, at.chunkCounts.address, at.state.address, at.leafOf.address);
    words.push(limits.maxCategories);
    this.#session.int32(at.plan).set(words);
    const [gradientUnit, hessianUnit] = this.#units();
    const gainUnit = gradientUnit ** 2 / hessianUnit;
    const numbers = [limits.l2 / hessianUnit, limits.minHessian / hessianUnit];
    numbers.push(limits.minGain / gainUnit, limits.categoricalL2 / hessianUnit);
    numbers.push(limits.categoricalSmooth / hessianUnit, limits.categoricalSmooth);
    this.#session.float64(at.plan).set(numbers, 17);
  }

  #units(): readonly [number, number] {
    const [gradient, hessian] = this.#session.float64(this.#at.units);
    return [gradient!, hessian!];
  }

  #resetState(grown: number): void {
    const { leaves, state } = this.#at;
    const words = this.#session.int32(state).fill(0);
    words[9] = 1;
    words[13] = 1;
    words[14] = 1;
    this.#session.int32(leaves).set([0, grown, 0, 0, 0, 0, -1, 0]);
    this.#session.float64(leaves).set([0, 0, -Infinity, Infinity, 0, 0, 0, 1], 4);
  }

  #read(): GrownTree {
    const state = this.#session.int32(this.#at.state);
    const words = this.#session.int32(this.#at.nodes);
    const numbers = this.#session.float64(this.#at.nodes);
    return {
      nodes: Array.from({ length: state[8]! }, (_, node) =>
        this.#readNode(
          words.subarray((node * nodeBytes) / 4),
          numbers.subarray((node * nodeBytes) / 8),
        ),
      ),
      leaves: Array.from({ length: state[9]! }, (_, leaf) => this.#readLeaf(leaf)),
    };
  }

  #readNode(words: Int32Array, numbers: Float64Array): GrownNode {
    const [gradientUnit, hessianUnit] = this.#units();
    const place = this.table.places[words[0]!]!;
    const { categorical, bins } = this.table.features[place.feature]!;
    const goesLeft = (bin: number): boolean => bitOf(words, physicalBin(place, bin));
    return {
      feature: place.feature,
      bin: words[1]!,
      missingLeft: goesLeft(bins),
      leftBins: categorical ? Array.from({ length: bins }, (_, bin) => bin).filter(goesLeft) : [],
      left: words[3]!,
      right: words[4]!,
      count: words[5]!,
      gain: (numbers[3]! * gradientUnit ** 2) / hessianUnit,
      gradient: numbers[4]! * gradientUnit,
      hessian: numbers[5]! * hessianUnit,
    };
  }

  #readLeaf(leaf: number): GrownLeaf {
    const words = this.#session.int32(this.#at.leaves).subarray((leaf * leafBytes) / 4);
    const numbers = this.#session.float64(this.#at.leaves).subarray((leaf * leafBytes) / 8);
    const [gradientUnit, hessianUnit] = this.#units();
    return {
      start: words[0]!,
      count: words[1]!,
      gradient: numbers[4]! * gradientUnit,
      hessian: numbers[5]! * hessianUnit,
      lower: (numbers[6]! * gradientUnit) / hessianUnit,
      upper: (numbers[7]! * gradientUnit) / hessianUnit,
    };
  }

  /** Adds to each row's score the value of the leaf that the last tree put it in. */
  async addLeafValues(output: number, values: Float64Array): Promise<void> {
    const { scores, leafOf, values: held } = this.#at;
    const { rows } = this.table;
    if (rows <= fewRows) {
      const own = this.scores.subarray(output * rows, (output + 1) * rows);
      const leaves = new Uint16Array(this.order.buffer, leafOf.address, rows);
      for (let row = 0; row < rows; row++) own[row]! += values[leaves[row]!]!;
      return;
    }
    this.#session.float64(held).set(values);
    const address = scores.address + output * rows * 8;
    await this.#session.run('addLeafValues', [address, leafOf.address, held.address, rows]);
  }
}

function bitOf(node: Int32Array, bin: number): boolean {
  return ((node[12 + (bin >> 5)]! >>> (bin & 31)) & 1) === 1;
}

function physicalBin(
  { offset, hidden }: { readonly offset: number; readonly hidden: number },
  bin: number,
): number {
  if (hidden < 0) return bin;
  if (bin === hidden) return 0;
  return offset + (bin > hidden ? bin - 1 : bin);
}

function binsOfColumns({ places, features, columns }: BinnedTable): readonly number[] {
  const bins = new Array<number>(columns).fill(0);
  for (const { feature, column, offset, hidden } of places) {
    const own = features[feature]!.bins;
    bins[column] = hidden < 0 ? own + 1 : offset + own;
  }
  return bins;
}
