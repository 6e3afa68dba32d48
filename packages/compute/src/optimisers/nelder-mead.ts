import { assert, throwIfCancelled } from '@backlot/core';
import { NotFinite } from '../error.ts';

export interface NelderMeadOptions {
  /** A value that is not finite says "outside the domain". */
  readonly objective: (point: Float64Array) => number;
  /** Not changed. */
  readonly start: Float64Array;
  /** How far the first simplex reaches, by coordinate; by default 5 %, or 0.00025 from 0. */
  readonly steps?: Float64Array;
  /** Stops when all corners are within this of the best in each coordinate; 1e-8 by default. */
  readonly pointTolerance?: number;
  /** And their values within this of the best value; 1e-8 by default. */
  readonly valueTolerance?: number;
  /** 1,000 by coordinate by default. */
  readonly maxEvaluations?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Where the simplex ended. */
export interface SimplexMinimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly evaluations: number;
  /** Whether the simplex became as small as was asked; not where the evaluations were spent. */
  readonly converged: boolean;
}

interface Corner {
  readonly point: Float64Array;
  readonly value: number;
}

/**
 * Minimises a function of which only values are known, by the simplex of Nelder and Mead (1965) with
 * coefficients that adapt to the number of coordinates (Gao and Han 2012), so that it does not collapse
 * in some dozens of them. There is no proof that it ends at a minimum: prefer gradients where there are any.
 * Throws `NotFinite` where the function is not finite at the start.
 */
export function nelderMead(options: NelderMeadOptions): SimplexMinimum {
  const { pointTolerance = 1e-8, valueTolerance = 1e-8, start } = options;
  const n = start.length;
  assert(n > 0, 'there is a coordinate');
  let evaluations = 0;
  const corner = (point: Float64Array): Corner => {
    evaluations++;
    const value = options.objective(point.slice());
    return { point, value: Number.isFinite(value) ? value : Infinity };
  };
  const corners = firstSimplex(options, corner);
  const most = options.maxEvaluations ?? 1000 * n;
  for (let iterations = 0; ; iterations++) {
    throwIfCancelled(options.signal, 'the minimisation');
    corners.sort((a, b) => a.value - b.value);
    const best = corners[0]!;
    const converged = corners.every(
      ({ point, value }) =>
        value - best.value <= valueTolerance &&
        point.every((x, k) => Math.abs(x - best.point[k]!) <= pointTolerance),
    );
    if (converged || evaluations >= most) {
      return { point: best.point, value: best.value, iterations, evaluations, converged };
    }
    advance(corners, corner);
  }
}

function firstSimplex({ start, steps }: NelderMeadOptions, corner: (p: Float64Array) => Corner) {
  const first = corner(Float64Array.from(start));
  if (first.value === Infinity) throw new NotFinite('nelderMead');
  const corners = [first];
  for (let k = 0; k < start.length; k++) {
    const point = Float64Array.from(start);
    point[k]! += steps?.[k] ?? (start[k] === 0 ? 0.00025 : 0.05 * start[k]!);
    corners.push(corner(point));
  }
  return corners;
}

/** One step of the simplex: the corners are sorted, the worst one is replaced or all are drawn in. */
function advance(corners: Corner[], corner: (point: Float64Array) => Corner): void {
  const n = corners.length - 1;
  const worst = corners[n]!;
  const centre = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) centre[k]! += corners[i]!.point[k]! / n;
  const away = (by: number): Corner =>
    corner(centre.map((value, k) => value + by * (value - worst.point[k]!)));
  // In one or two coordinates these are the classical coefficients.
  const size = Math.max(2, n);
  const contraction = 0.75 - 1 / (2 * size);
  const reflected = away(1);
  if (reflected.value < corners[0]!.value) {
    const expanded = away(1 + 2 / size);
    corners[n] = expanded.value < reflected.value ? expanded : reflected;
    return;
  }
  if (reflected.value < corners[n - 1]!.value) {
    corners[n] = reflected;
    return;
  }
  const outside = reflected.value < worst.value;
  const contracted = away(outside ? contraction : -contraction);
  if (outside ? contracted.value <= reflected.value : contracted.value < worst.value) {
    corners[n] = contracted;
    return;
  }
  const best = corners[0]!.point;
  for (let i = 1; i <= n; i++) {
    const from = corners[i]!.point;
    corners[i] = corner(best.map((value, k) => value + (1 - 1 / size) * (from[k]! - value)));
  }
}
