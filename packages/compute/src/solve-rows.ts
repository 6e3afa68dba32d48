import type { KernelSession, Region } from './kernel-session.ts';

/** The rows to solve, as they lie in the session's memory. */
export interface RowSystem {
  /** Rows by falling number of entries, so that the longest do not come last (int32, rows). */
  readonly order: Region;
  readonly rows: number;
  /** int32, rows + 1. */
  readonly offsets: Region;
  /** int32. */
  readonly indices: Region;
  /** float32, or absent for ones. */
  readonly weights: Region | undefined;
  readonly longestRow: number;
}

/** How the other side's factors enter. */
export interface SolveOptions {
  /** An entry of weight w has the extra confidence alpha w. */
  readonly alpha: number;
  /** The transformed factors of the other side (rows x columns). */
  readonly z: Region;
  /** A multiple of 8. */
  readonly columns: number;
  /** For eigenvector coordinates: the spectrum (columns) and each row's penalty. */
  readonly spectrum?: { readonly values: Region; readonly penalties: Region } | undefined;
  /** For a step from where rows stand, of which `out` then holds the right side beside the entries. */
  readonly step?: SolveStep | undefined;
  /** rows x columns. */
  readonly out: Region;
  /** From `solveScratch`. */
  readonly scratch: SolveScratch;
}

interface SolveStep {
  /** The product of row and facing row for each entry; moved along. */
  readonly predictions: Region;
  /** With a spectrum: the rows themselves in its coordinates. */
  readonly starts?: Region | undefined;
}

export interface SolveScratch {
  readonly zero: Region;
  readonly perThread: Region;
  readonly bytes: number;
}

/**
 * Rows of at most so many entries are solved exactly, longer ones by conjugate gradients: measured on rows of
 * 64 and 256 columns, more made both slower.
 */
const dualLimit = 12;
/** Where conjugate gradients stop: the residual's norm beside the right side's. */
const gradientTolerance = 3e-3;
const gradientSteps = 24;

/** Scratch memory for systems whose longest row is known. */
export function solveScratch(
  session: KernelSession,
  longestRow: number,
  columns: number,
  spectral: boolean,
): SolveScratch {
  const padded = Math.ceil(longestRow / 4) * 4;
  const dual = Math.min(padded, dualLimit + 4);
  const space = Math.max((dual + 2) * dual, 3 * columns);
  const floats = 2 * padded + columns + space + (spectral ? padded * columns : 0);
  const bytes = Math.ceil((floats * 4 + 128) / 64) * 64;
  return {
    zero: session.allocate(columns * 4),
    perThread: session.allocate(session.threads * bytes),
    bytes,
  };
}

/**
 * For each row with entries i: x = (I + sum a_i z_i z_i')^-1 sum (1 + a_i) z_i with a_i = alpha w_i,
 * in the coordinates of z (where the penalty and the sum over all of the other side are the identity). With
 * `step`, the sum on the right is out + sum (1 + a_i - a_i prediction_i) z_i.
 */
export async function solveRows(
  session: KernelSession,
  system: RowSystem,
  options: SolveOptions,
): Promise<void> {
  await session.run('solve', [
    system.order.address,
    system.rows,
    system.offsets.address,
    system.indices.address,
    system.weights?.address ?? 0,
    options.alpha,
    options.z.address,
    options.columns,
    options.scratch.zero.address,
    options.spectrum?.values.address ?? 0,
    options.spectrum?.penalties.address ?? 0,
    options.step?.predictions.address ?? 0,
    options.step?.starts?.address ?? 0,
    options.out.address,
    options.scratch.perThread.address,
    options.scratch.bytes,
    dualLimit,
    gradientTolerance,
    gradientSteps,
  ]);
}

/**
 * One row in plain TypeScript and doubles: the solution of (A + sum a_i z_i z_i') x = sum (1 + a_i) z_i for a
 * diagonal A, by Gaussian elimination.
 */
export function plainSolveRow(
  diagonal: ArrayLike<number>,
  entries: readonly ArrayLike<number>[],
  confidences: ArrayLike<number>,
): Float64Array {
  const n = diagonal.length;
  const width = n + 1;
  const table = new Float64Array(n * width);
  for (let i = 0; i < n; i++) table[i * width + i] = diagonal[i]!;
  entries.forEach((z, entry) => {
    const a = confidences[entry]!;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) table[i * width + j]! += a * z[i]! * z[j]!;
      table[i * width + n]! += (1 + a) * z[i]!;
    }
  });
  return eliminate(table, n);
}

/** Positive definite, so that no pivot has to be looked for. */
function eliminate(table: Float64Array, n: number): Float64Array {
  const width = n + 1;
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = table[i * width + k]! / table[k * width + k]!;
      for (let j = k; j < width; j++) table[i * width + j]! -= factor * table[k * width + j]!;
    }
  }
  return Float64Array.from({ length: n }, (_, i) => table[i * width + n]! / table[i * width + i]!);
}
