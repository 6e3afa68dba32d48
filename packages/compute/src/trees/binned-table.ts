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

/** Finds each feature's bins and writes the table as bins. */
export async function binTable(
  session: KernelSession,
  source: TableSource,
  options: BinOptions,
): Promise<BinnedTable> {
  const features = findBins(source, options);
  const places = bundleFeatures(source, features);
  const columns = places.at(-1)!.column + 1;
  const stride = strideOf(columns);
  const binRows = session.allocate(source.rows * stride + 16);
  const binColumns = session.allocate(source.rows * columns);
  const table = { rows: source.rows, features, places, columns, stride, binRows, binColumns };
  await writeBins(session, source, table);
  return table;
}

/** Whole cache lines' parts where that costs little, else a multiple of 4. */
function strideOf(columns: number): number {
  const wide = Math.ceil(columns / 16) * 16;
  return wide <= columns * 1.15 ? wide : Math.ceil(columns / 4) * 4;
}

function findBins(source: TableSource, options: BinOptions): readonly FeatureBins[] {
  const { columns } = source;
  const sample = sampleOf(source);
  const rows = sample.length / columns;
  const column = source.single ? new Float32Array(rows) : new Float64Array(rows);
  return Array.from({ length: columns }, (_, feature) => {
    let count = 0;
    for (let row = 0; row < rows; row++) {
      const value = sample[row * columns + feature]!;
      // Adding 0 makes -0 the same as 0.
      if (!Number.isNaN(value)) column[count++] = value + 0;
    }
    const sorted = column.subarray(0, count).sort();
    const find = options.categorical.has(feature) ? categoryBins : numberBins;
    return find(sorted, options.bins, rows);
  });
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
): Promise<void> {
  const { rows, columns, single } = source;
  const width = single ? 4 : 8;
  const part = Math.max(512, Math.floor(stagedBytes / width / columns / 512) * 512);
  const staged = session.allocate(Math.min(part, rows) * columns * width);
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
  for (const { feature, column, offset, hidden } of places) {
    const { bounds: ends, bins, categorical } = features[feature]!;
    const address = bounds.address + feature * boundBytes;
    words.set([column, offset, hidden, bins, categorical ? 1 : 0, address], feature * ruleWords);
    numbers.set(ends, (feature * boundBytes) / 8);
  }
  return rules;
}
