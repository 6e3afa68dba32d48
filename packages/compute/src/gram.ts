import type { KernelSession, Region } from './kernel-session.ts';

/** How many parts the rows are summed in; fixed, so that the threads do not change the sum's order. */
const segments = 16;
const blockRows = 64;

interface GramScratch {
  readonly sums: Region;
  readonly blocks: Region;
}

const scratches = new WeakMap<KernelSession, Map<number, GramScratch>>();

/**
 * x' x in doubles (columns x columns, both triangles) for x (rows x columns floats, columns a multiple
 * of 8). Blocks of 64 rows are summed in floats, the 16 segments of rows in doubles.
 */
export async function gram(
  session: KernelSession,
  x: Region,
  rows: number,
  columns: number,
): Promise<Float64Array> {
  const scratch = gramScratch(session, columns);
  const sums = session.float32(scratch.sums).fill(0);
  const blockBytes = blockRows * columns * 4;
  const segmentRows = segmentLength(rows);
  const place = [scratch.sums.address, scratch.blocks.address, blockBytes];
  await session.run('gram', [x.address, rows, columns, segments, segmentRows, ...place]);
  return addSegments(sums, columns);
}

function segmentLength(rows: number): number {
  return Math.max(blockRows, Math.ceil(rows / segments / blockRows) * blockRows);
}

function gramScratch(session: KernelSession, columns: number): GramScratch {
  const bySize = scratches.get(session) ?? new Map<number, GramScratch>();
  scratches.set(session, bySize);
  const held = bySize.get(columns) ?? {
    sums: session.allocate(segments * columns * columns * 4),
    blocks: session.allocate(session.threads * blockRows * columns * 4),
  };
  bySize.set(columns, held);
  return held;
}

function addSegments(sums: Float32Array, columns: number): Float64Array {
  const total = new Float64Array(columns * columns);
  for (let segment = 0; segment < segments; segment++) {
    const start = segment * total.length;
    for (let at = 0; at < total.length; at++) total[at]! += sums[start + at]!;
  }
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < i; j++) total[i * columns + j] = total[j * columns + i]!;
  }
  return total;
}

/** The same in plain TypeScript, all in doubles. */
export function plainGram(x: Float32Array, rows: number, columns: number): Float64Array {
  const total = new Float64Array(columns * columns);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) {
      const value = x[row * columns + i]!;
      for (let j = 0; j < columns; j++) total[i * columns + j]! += value * x[row * columns + j]!;
    }
  }
  return total;
}
