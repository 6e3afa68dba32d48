import type { Matrix } from '../matrix.ts';

export type Covariance = 'full' | 'tied' | 'diagonal' | 'spherical';

/**
 * A mixture of normals. `factors` hold L^-1 of each covariance L L': components x columns x columns (full), one of
 * those (tied), components x columns (diagonal), components (spherical).
 */
export interface Mixture {
  readonly covariance: Covariance;
  readonly columns: number;
  /** The share of each component. */
  readonly shares: Float64Array;
  /** components x columns. */
  readonly means: Float64Array;
  readonly factors: Float64Array;
}

/** The lengths of a mixture's factors. */
export function factorShape(
  covariance: Covariance,
  components: number,
  columns: number,
): readonly number[] {
  switch (covariance) {
    case 'full':
      return [components, columns, columns];
    case 'tied':
      return [1, columns, columns];
    case 'diagonal':
      return [components, columns];
    case 'spherical':
      return [components, 1];
  }
}

/** The factor of a component written out as a lower triangle (columns x columns). */
export function fullFactor(
  { covariance, columns, factors }: Mixture,
  component: number,
): Float64Array {
  const size = columns * columns;
  if (covariance === 'full') return factors.subarray(component * size, (component + 1) * size);
  if (covariance === 'tied') return factors;
  const out = new Float64Array(size);
  for (let k = 0; k < columns; k++) {
    const at = covariance === 'diagonal' ? component * columns + k : component;
    out[k * columns + k] = factors[at]!;
  }
  return out;
}

/** log share - columns / 2 log 2 pi + log det L^-1, of each component. */
export function logConstants(mixture: Mixture): Float64Array {
  const { columns, shares } = mixture;
  return shares.map((share, component) => {
    const factor = fullFactor(mixture, component);
    let sum = Math.log(share) - (columns / 2) * Math.log(2 * Math.PI);
    for (let k = 0; k < columns; k++) sum += Math.log(factor[k * columns + k]!);
    return sum;
  });
}

/**
 * Fills `out` (rows x components) with how probable each component is of each row, and returns the rows' log
 * densities, by log-sum-exp.
 */
export function responsibilities(
  mixture: Mixture,
  { rows, columns, values }: Matrix,
  out: Float64Array,
): Float64Array {
  const count = mixture.shares.length;
  const constants = logConstants(mixture);
  const factors = Array.from({ length: count }, (_, j) => fullFactor(mixture, j));
  const diagonal = mixture.covariance === 'diagonal' || mixture.covariance === 'spherical';
  const difference = new Float64Array(columns);
  const density = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const at = row * count;
    let most = -Infinity;
    for (let j = 0; j < count; j++) {
      for (let k = 0; k < columns; k++) {
        difference[k] = values[row * columns + k]! - mixture.means[j * columns + k]!;
      }
      out[at + j] = constants[j]! - squaredLength(factors[j]!, difference, columns, diagonal) / 2;
      most = Math.max(most, out[at + j]!);
    }
    let sum = 0;
    for (let j = 0; j < count; j++) {
      out[at + j] = Math.exp(out[at + j]! - most);
      sum += out[at + j]!;
    }
    for (let j = 0; j < count; j++) out[at + j]! /= sum;
    density[row] = most + Math.log(sum);
  }
  return density;
}

/** |L^-1 d|^2. */
function squaredLength(
  factor: Float64Array,
  difference: Float64Array,
  columns: number,
  diagonal: boolean,
): number {
  let total = 0;
  for (let i = 0; i < columns; i++) {
    let sum = 0;
    for (let k = diagonal ? i : 0; k <= i; k++) sum += factor[i * columns + k]! * difference[k]!;
    total += sum * sum;
  }
  return total;
}
