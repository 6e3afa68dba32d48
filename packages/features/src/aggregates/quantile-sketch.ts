/**
 * Values counted in buckets whose bounds grow by a factor, so that a quantile is found within 1% of
 * itself whatever the distribution: Masson, Rim and Lee (2019), "DDSketch", definition 3. Buckets are
 * never collapsed; doubles have at most some 71,000 of them. NaN is left out.
 */
interface QuantileSketch {
  count: number;
  zeros: number;
  positive: Map<number, number>;
  negative: Map<number, number>;
}

/** The greatest relative error of a quantile. */
const relativeError = 0.01;
const growth = (1 + relativeError) / (1 - relativeError);
const logGrowth = Math.log(growth);

export function emptySketch(): QuantileSketch {
  return { count: 0, zeros: 0, positive: new Map(), negative: new Map() };
}

/** Takes a value in, in place. */
export function sketchValue(sketch: QuantileSketch, value: number): QuantileSketch {
  if (Number.isNaN(value)) return sketch;
  sketch.count++;
  if (value === 0) sketch.zeros++;
  else raise(value > 0 ? sketch.positive : sketch.negative, bucketOf(Math.abs(value)), 1);
  return sketch;
}

/** Takes another sketch in, which is left as it is. */
export function mergeSketches(sketch: QuantileSketch, other: QuantileSketch): QuantileSketch {
  sketch.count += other.count;
  sketch.zeros += other.zeros;
  for (const [bucket, count] of other.positive) raise(sketch.positive, bucket, count);
  for (const [bucket, count] of other.negative) raise(sketch.negative, bucket, count);
  return sketch;
}

/** Within 1% of the value at rank `floor(share * (n - 1))` of the sorted values; missing when empty. */
export function quantileOf(sketch: QuantileSketch, share: number): number | null {
  if (sketch.count === 0) return null;
  let left = Math.floor(share * (sketch.count - 1));
  for (const [bucket, count] of sorted(sketch.negative).reverse()) {
    if (left < count) return -middleOf(bucket);
    left -= count;
  }
  if (left < sketch.zeros) return 0;
  left -= sketch.zeros;
  for (const [bucket, count] of sorted(sketch.positive)) {
    if (left < count) return middleOf(bucket);
    left -= count;
  }
  return null;
}

function raise(buckets: Map<number, number>, bucket: number, count: number): void {
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + count);
}

function bucketOf(magnitude: number): number {
  return Math.ceil(Math.log(magnitude) / logGrowth);
}

function middleOf(bucket: number): number {
  return (2 * growth ** bucket) / (growth + 1);
}

function sorted(buckets: ReadonlyMap<number, number>): (readonly [number, number])[] {
  return [...buckets].sort(([left], [right]) => left - right);
}
