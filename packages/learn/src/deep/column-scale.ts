import type { Matrix } from '../matrix.ts';

/** The weighted mean and deviation of each column; a column of one value has the deviation 1. */
export interface ColumnScale {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

/** NaN counts for nothing. */
export function columnScale(
  { rows, columns, values }: Matrix,
  weights?: Float64Array,
): ColumnScale {
  const means = new Float64Array(columns);
  const deviations = new Float64Array(columns);
  for (let column = 0; column < columns; column++) {
    const over = (f: (value: number) => number): readonly [number, number] => {
      let [sum, total] = [0, 0];
      for (let row = 0; row < rows; row++) {
        const value = values[row * columns + column]!;
        const weight = Number.isNaN(value) ? 0 : (weights?.[row] ?? 1);
        if (weight === 0) continue;
        sum += weight * f(value);
        total += weight;
      }
      return [sum, total];
    };
    const [sum, total] = over((value) => value);
    const mean = total > 0 ? sum / total : 0;
    const [squares] = over((value) => (value - mean) ** 2);
    means[column] = mean;
    const deviation = total > 0 ? Math.sqrt(squares / total) : 0;
    deviations[column] = deviation > 1e-12 * Math.max(1, Math.abs(mean)) ? deviation : 1;
  }
  return { means, deviations };
}

/** The rows at places, standardised, in floats; NaN becomes the mean. */
export function scaledRows(
  { columns, values }: Matrix,
  { means, deviations }: ColumnScale,
  places: Int32Array,
): Float32Array {
  const found = new Float32Array(places.length * columns);
  places.forEach((row, at) => {
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column]!;
      const scaled = (value - means[column]!) / deviations[column]!;
      found[at * columns + column] = Number.isNaN(scaled) ? 0 : clamp(scaled);
    }
  });
  return found;
}

/** A float's range is left by nothing that was standardised, so that no infinity gets into a network. */
function clamp(value: number): number {
  return Math.min(1e30, Math.max(-1e30, value));
}
