import { assert } from '@backlot/core';
import {
  type KernelSession,
  openKernels,
  type Region,
  type SessionOptions,
} from '../kernel-session.ts';
import { codingOf, type HnswGraph, levelOf, upperStarts } from './hnsw-graph.ts';
import { encodeArgs, entryWord, type PlacedHnsw, placeHnsw, topWord } from './hnsw-memory.ts';
import { SessionMemory } from './session-memory.ts';

export interface HnswOptions {
  /** Links that a row chooses on a level, at least 2; 16 by default. */
  readonly m?: number;
  /** Candidates among which a row chooses; 200 by default. */
  readonly efConstruction?: number;
  readonly seed?: number;
  /** Bytes of a code: 2 (about 12 bits for 64 columns) by default, 1 takes half the memory. */
  readonly codeBytes?: 1 | 2;
}

export interface HnswBuildOptions extends SessionOptions {
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Rows that are searched for at once, before any of them is linked; earlier ones of a batch are seen. */
const batchRows = 512;
/** Classes of rows whose lists one thread changes; a power of two. */
const linkClasses = 32;

/**
 * Builds the graph of rows x dimensions finite floats by Euclidean distance. Rows go in by batches: threads
 * search for the links of a batch in the graph before it and among its earlier rows, then the links are
 * added in the order of rows; so the graph does not depend on the number of threads.
 */
export async function buildHnsw(
  vectors: Float32Array,
  dimensions: number,
  options: HnswOptions = {},
  run: HnswBuildOptions = {},
): Promise<HnswGraph> {
  const { m = 16, efConstruction = 200, seed = 0, codeBytes = 2 } = options;
  const coding = codingOf(vectors, dimensions, codeBytes);
  const none = { rows: 0, vectors: new Float32Array(0), levels: new Uint8Array(0), entry: -1 };
  const links = { links: new Int32Array(0), upperLinks: new Int32Array(0) };
  const empty = { ...none, ...links, dimensions, m, efConstruction, seed, coding };
  return addToHnsw(empty, vectors, run);
}

/** The graph with more rows after its own, as `buildHnsw` would add them; their coding is the graph's. */
export async function addToHnsw(
  graph: HnswGraph,
  vectors: Float32Array,
  run: HnswBuildOptions = {},
): Promise<HnswGraph> {
  const { dimensions, m, seed } = graph;
  const rows = graph.rows + vectors.length / dimensions;
  assert(Number.isInteger(rows) && m >= 2, 'vectors are whole rows, and m is at least 2');
  const levels = Uint8Array.from({ length: rows }, (_, row) => levelOf(seed, row, m));
  const all = new Float32Array(rows * dimensions);
  all.set(graph.vectors);
  all.set(vectors, graph.vectors.length);
  const whole = { ...graph, levels, vectors: all };
  await using session = await openKernels(run);
  const memory = new SessionMemory(session);
  const ef = Math.max(graph.efConstruction, m);
  const placed = placeHnsw(memory, whole, ef);
  const block = memory.int32(placed.graph);
  await session.run('encodeRows', encodeArgs(placed, block, whole, 0, rows));
  const stride = (levels.reduce((top, level) => Math.max(top, level), 0) + 1) * m * 8;
  const chosen = session.allocate(batchRows * stride);
  for (let first = graph.rows; first < rows; first += batchRows) {
    const last = Math.min(first + batchRows, rows);
    await addBatch(session, placed, [first, last, ef, chosen, stride]);
    raiseEntry(block, levels, first, last);
    run.onProgress?.(last, rows);
  }
  return {
    ...whole,
    rows,
    links: memory.int32(placed.links).slice(),
    upperLinks: memory.int32(placed.upper).slice(0, upperStarts(levels)[rows]! * m),
    entry: memory.int32(placed.graph)[entryWord]!,
  };
}

async function addBatch(
  session: KernelSession,
  placed: PlacedHnsw,
  [first, last, ef, chosen, stride]: readonly [number, number, number, Region, number],
): Promise<void> {
  const { address } = placed.graph;
  await session.run('hnswChoose', [address, first, last, ef, chosen.address, stride]);
  await session.run('hnswLink', [address, first, last, chosen.address, stride, linkClasses]);
}

/** The entry is the first row of the highest level. */
function raiseEntry(block: Int32Array, levels: Uint8Array, first: number, last: number): void {
  for (let row = first; row < last; row++) {
    if (block[entryWord]! >= 0 && levels[row]! <= block[topWord]!) continue;
    block[entryWord] = row;
    block[topWord] = levels[row]!;
  }
}
