import type { FeatureBins } from './feature-bins.ts';
import type { TableSource } from './table-source.ts';

/** Where a feature's bins are written. */
export interface FeaturePlace {
  readonly feature: number;
  readonly column: number;
  /** In a shared column, where its bins begin; 0 is when all of its features are as usual. */
  readonly offset: number;
  /** The usual bin, which a shared column does not write; -1 in a column of its own. */
  readonly hidden: number;
}

/** From this share of usual values on, a feature may share a column. */
const sparseShare = 0.8;
const mostTried = 100;

interface Bundle {
  readonly features: number[];
  readonly unusual: Uint32Array;
  bins: number;
}

/**
 * Exclusive feature bundling (Ke et al. 2017), without conflicts: features that are never unusual in the
 * same row share a column of bins. Nothing is lost by it, for a feature's usual bin is what is left of a
 * leaf. A feature that is always the same has no place. Places come by column.
 */
export function bundleFeatures(
  source: TableSource,
  features: readonly FeatureBins[],
): readonly FeaturePlace[] {
  const sparse = Array.from(features.keys()).filter((at) => {
    const { usualShare, bins } = features[at]!;
    return usualShare >= sparseShare && bins > 1 && bins < 128;
  });
  const bundles = sparse.length > 1 ? findBundles(source, features, sparse) : [];
  const shared = bundles.filter((bundle) => bundle.features.length > 1);
  const together = new Set(shared.flatMap((bundle) => bundle.features));
  const places: FeaturePlace[] = [];
  let column = 0;
  const varied = Array.from(features.keys()).filter((at) => features[at]!.usualShare < 1);
  for (const feature of varied.length > 0 ? varied : [0]) {
    if (!together.has(feature)) places.push({ feature, column: column++, offset: 0, hidden: -1 });
  }
  for (const bundle of shared) {
    let offset = 1;
    for (const feature of bundle.features) {
      places.push({ feature, column, offset, hidden: features[feature]!.usual });
      offset += features[feature]!.bins;
    }
    column++;
  }
  return places;
}

function findBundles(
  source: TableSource,
  features: readonly FeatureBins[],
  sparse: readonly number[],
): readonly Bundle[] {
  const sets = unusualRows(source, features, sparse);
  const counts = sets.map((set) => set.reduce((sum, word) => sum + bitsIn(word), 0));
  const order = Array.from(sparse.keys()).sort((a, b) => counts[b]! - counts[a]! || a - b);
  const bundles: Bundle[] = [];
  for (const at of order) {
    const feature = sparse[at]!;
    const set = sets[at]!;
    const { bins } = features[feature]!;
    const fits = ({ unusual, bins: held }: Bundle): boolean =>
      held + bins <= 255 && !overlap(unusual, set);
    const home = bundles.slice(-mostTried).find(fits);
    if (!home) bundles.push({ features: [feature], unusual: set.slice(), bins });
    else {
      home.features.push(feature);
      home.bins += bins;
      for (let word = 0; word < set.length; word++) home.unusual[word]! |= set[word]!;
    }
  }
  return bundles;
}

/** For each of the features, the rows in which it is not in its usual bin, as bits. */
function unusualRows(
  source: TableSource,
  features: readonly FeatureBins[],
  sparse: readonly number[],
): readonly Uint32Array[] {
  const { rows, columns, single } = source;
  const sets = sparse.map(() => new Uint32Array(Math.ceil(rows / 32)));
  const ranges = sparse.map((feature) => usualRange(features[feature]!));
  const part = Math.max(1, Math.min(rows, Math.floor(2 ** 20 / columns)));
  const held = single ? new Float32Array(part * columns) : new Float64Array(part * columns);
  for (let first = 0; first < rows; first += part) {
    const count = Math.min(part, rows - first);
    source.read(first, count, held);
    sparse.forEach((feature, at) => {
      const [above, upTo] = ranges[at]!;
      const set = sets[at]!;
      for (let row = 0; row < count; row++) {
        const value = held[row * columns + feature]!;
        if (!(value > above && value <= upTo))
          set[(first + row) >> 5]! |= 1 << ((first + row) & 31);
      }
    });
  }
  return sets;
}

function usualRange({ categorical, bounds, usual }: FeatureBins): readonly [number, number] {
  if (!categorical) return [bounds[usual - 1] ?? -Infinity, bounds[usual] ?? Infinity];
  const value = bounds[usual]!;
  // Categories are whole numbers.
  return [value - 0.5, value];
}

function overlap(left: Uint32Array, right: Uint32Array): boolean {
  for (let word = 0; word < left.length; word++) {
    if ((left[word]! & right[word]!) !== 0) return true;
  }
  return false;
}

function bitsIn(word: number): number {
  let left = word - ((word >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return (((left + (left >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
