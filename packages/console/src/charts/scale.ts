/** Maps a value of a domain onto pixels. */
export function linear(
  domain: readonly [number, number],
  range: readonly [number, number],
): (value: number) => number {
  const span = domain[1] - domain[0] || 1;
  return (value) => range[0] + ((value - domain[0]) / span) * (range[1] - range[0]);
}

/** Round numbers that cover a domain, at most `most` of them. */
export function ticks(low: number, high: number, most: number): readonly number[] {
  const span = high - low;
  if (!(span > 0) || most < 2) return [low];
  const rough = span / (most - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(count, 1) }, (_, index) => (first + index) * step);
}

/** A top of the axis that leaves the largest value under a round number. */
export function roundTop(high: number): number {
  if (!(high > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(high));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((factor) => factor * power).find((top) => top >= high)!;
}
