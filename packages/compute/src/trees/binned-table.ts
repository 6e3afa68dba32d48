import type { KernelSession, Region } from '../kernel-session.ts';
import { bundleFeatures, type FeaturePlace } from './bundle-features.ts';
import { categoryBins, type FeatureBins, numberBins } from './feature-bins.ts';
import type { TableSource } from './table-source.ts';

interface BinOptions {
  /** At most so many bins of values, up to 255. */
  readonly bins: number;
  /** Which columns hold categories. */
  readonly categorical: ReadonlySet<number>;
}

/** A table as bins in a session's memory, by row and by column. */
export interface BinnedTable {
  readonly rows: number;
  readonly features: readonly FeatureBins[];
  readonly places: readonly FeaturePlace[];
  /** Columns of bins: as many as features, or fewer where they share. */
  readonly columns: number;
  /** Bytes from row to row. */
  readonly stride: number;
  readonly binRows: Region;
  readonly binColumns: Region;
}

/** Bins are found from at most so many rows, spread evenly. */
const sampledRows = 200_000;
const stagedBytes = 2 ** 24;
/** What a thread counts digits in while it sorts. */
const countBytes = 6 * 2048 * 4;

/** Finds each feature's bins and writes the table as bins. */
export async function binTable(
  session: KernelSession,
  source: TableSource,
  options: BinOptions,
): Promise<BinnedTable> {
  const staged = session.allocate(partRows(source) * source.columns * widthOf(source));
  const features = await findBins(session, source, options, staged);
  const places = bundleFeatures(source, features);
  const columns = places.at(-1)!.column + 1;
  const stride = strideOf(columns);
  const binRows = session.allocate(source.rows * stride + 16);
  const binColumns = session.allocate(source.rows * columns);
  const table = { rows: source.rows, features, places, columns, stride, binRows, binColumns };
  await writeBins(session, source, table, staged);
  return table;
}

/** Whole cache lines' parts where that costs little, else a multiple of 4. */
function strideOf(columns: number): number {
  const wide = Math.ceil(columns / 16) * 16;
  return wide <= columns * 1.15 ? wide : Math.ceil(columns / 4) * 4;
}

function widthOf({ single }: TableSource): number {
  return single ? 4 : 8;
}

/** How many rows are brought to the kernels at once. */
function partRows(source: TableSource): number {
  const most = Math.floor(stagedBytes / widthOf(source) / source.columns / 512) * 512;
  return Math.min(Math.max(512, most), source.rows);
}

async function findBins(
  session: KernelSession,
  source: TableSource,
  options: BinOptions,
  staged: Region,
): Promise<readonly FeatureBins[]> {
  const { columns } = source;
  const sample = sampleOf(source);
  const rows = sample.length / columns;
  const found: FeatureBins[] = [];
  for await (const sorted of sortedColumns(session, sample, columns, staged)) {
    const find = options.categorical.has(found.length) ? categoryBins : numberBins;
    found.push(find(sorted, options.bins, rows));
  }
  return found;
}

/** The columns of the sample, each ascending and without NaN, as many at once as there is room. */
async function* sortedColumns(
  session: KernelSession,
  sample: Float32Array | Float64Array,
  columns: number,
  staged: Region,
): AsyncGenerator<Float32Array | Float64Array> {
  const rows = sample.length / columns;
  const width = sample.BYTES_PER_ELEMENT;
  const room = Math.min(columns, Math.floor(staged.bytes / (rows * width)));
  const lengths = session.allocate(room * 4);
  const spareBytes = countBytes + rows * width;
  const spare = session.allocate(session.threads * spareBytes);
  for (let first = 0; first < columns; first += room) {
    const count = Math.min(room, columns - first);
    const held = sample instanceof Float32Array ? session.float32(staged) : session.float64(staged);
    for (let at = 0; at < count; at++) {
      const own = held.subarray(at * rows, (at + 1) * rows);
      session.int32(lengths)[at] = takeColumn(sample, columns, first + at, own);
    }
    const places = [staged.address, width, rows * width, lengths.address, count];
    await session.run('sortColumns', [...places, spare.address, spareBytes]);
    for (let at = 0; at < count; at++) {
      yield held.subarray(at * rows, at * rows + session.int32(lengths)[at]!);
    }
  }
}

/** Writes a column's numbers that are not missing; how many they are. */
function takeColumn(
  sample: Float32Array | Float64Array,
  columns: number,
  column: number,
  out: Float32Array | Float64Array,
): number {
  let count = 0;
  for (let at = column; at < sample.length; at += columns) {
    const value = sample[at]!;
    // Adding 0 makes -0 the same as 0.
    if (!Number.isNaN(value)) out[count++] = value + 0;
  }
  return count;
}

function sampleOf(source: TableSource): Float32Array | Float64Array {
  const { rows, columns, single } = source;
  const count = Math.min(rows, sampledRows);
  const sample = single ? new Float32Array(count * columns) : new Float64Array(count * columns);
  if (count === rows) source.read(0, rows, sample);
  else {
    for (let at = 0; at < count; at++) {
      const row = Math.floor((at * rows) / count);
      source.read(row, 1, sample.subarray(at * columns, (at + 1) * columns));
    }
  }
  return sample;
}

const ruleWords = 6;
const boundBytes = 256 * 8;

async function writeBins(
  session: KernelSession,
  source: TableSource,
  table: BinnedTable,
  staged: Region,
): Promise<void> {
  const { rows, columns, single } = source;
  const width = widthOf(source);
  const part = partRows(source);
  const rules = placeRules(session, table);
  for (let first = 0; first < rows; first += part) {
    const count = Math.min(part, rows - first);
    source.read(first, count, single ? session.float32(staged) : session.float64(staged));
    await session.run('bin', [
      ...[staged.address, width, count, columns, rules.address],
      ...[table.binRows.address, table.stride, table.binColumns.address, first, rows],
    ]);
  }
}

function placeRules(session: KernelSession, { features, places }: BinnedTable): Region {
  const rules = session.allocate(features.length * ruleWords * 4);
  const bounds = session.allocate(features.length * boundBytes);
  const words = session.int32(rules);
  const numbers = session.float64(bounds).fill(Infinity);
  for (const feature of features.keys()) {
    // Where a feature has no place, all of its values are in bin 0, and that is hidden.
    words[feature * ruleWords + 5] = bounds.address + feature * boundBytes;
  }
  for (const { feature, column, offset, hidden } of places) {
    const { bounds: ends, bins, categorical } = features[feature]!;
    const address = bounds.address + feature * boundBytes;
    words.set([column, offset, hidden, bins, categorical ? 1 : 0, address], feature * ruleWords);
    numbers.set(ends, (feature * boundBytes) / 8);
  }
  return rules;
}
