import { NotPositiveDefinite } from './error.ts';
import type { KernelSession } from './kernel-session.ts';

/**
 * The inverse of the lower Cholesky factor of a symmetric positive definite matrix (n x n row-major,
 * upper triangle read, n even): W with W A W' = I, lower triangular. Throws `NotPositiveDefinite`.
 */
export async function inverseFactor(
  session: KernelSession,
  matrix: Float64Array,
  n: number,
): Promise<Float64Array> {
  const scratch = factorScratch(session, n);
  session.float64(scratch.matrix).set(matrix);
  await session.run('factor', [
    scratch.matrix.address,
    n,
    scratch.inverse.address,
    scratch.status.address,
  ]);
  const status = session.int32(scratch.status)[0]!;
  if (status !== 0) throw new NotPositiveDefinite(status - 1);
  return Float64Array.from(session.float64(scratch.inverse));
}

type FactorScratch = Readonly<
  Record<'matrix' | 'inverse' | 'status', { address: number; bytes: number }>
>;

const scratches = new WeakMap<KernelSession, Map<number, FactorScratch>>();

/** One scratch for each session and size: a session's memory is never given back in parts. */
function factorScratch(session: KernelSession, n: number): FactorScratch {
  const bySize = scratches.get(session) ?? new Map<number, FactorScratch>();
  scratches.set(session, bySize);
  const held = bySize.get(n) ?? {
    matrix: session.allocate(n * n * 8),
    inverse: session.allocate(n * n * 8),
    status: session.allocate(4),
  };
  bySize.set(n, held);
  return held;
}

/** The same in plain TypeScript. */
export function plainInverseFactor(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[j * n + i]!;
      for (let k = 0; k < j; k++) rest -= lower[i * n + k]! * lower[j * n + k]!;
      if (i === j && !(rest > 0)) throw new NotPositiveDefinite(i);
      lower[i * n + j] = i === j ? Math.sqrt(rest) : rest / lower[j * n + j]!;
    }
  }
  return invertLower(lower, n);
}

function invertLower(lower: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = i === j ? 1 : 0;
      for (let k = j; k < i; k++) rest -= lower[i * n + k]! * inverse[k * n + j]!;
      inverse[i * n + j] = rest / lower[i * n + i]!;
    }
  }
  return inverse;
}
