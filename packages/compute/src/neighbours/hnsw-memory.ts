import type { Region } from '../kernel-session.ts';
import type { HnswGraph } from './hnsw-graph.ts';
import { upperStarts } from './hnsw-graph.ts';

/** Memory that kernels work on: a session's, or that of this thread. */
export interface KernelMemory {
  readonly threads: number;
  allocate(bytes: number): Region;
  float32(region: Region): Float32Array<SharedArrayBuffer>;
  int32(region: Region): Int32Array<SharedArrayBuffer>;
  uint8(region: Region): Uint8Array<SharedArrayBuffer>;
}

/** A graph as the kernels see it, with room for more rows. */
export interface PlacedHnsw {
  /** The block of numbers that the kernels take. */
  readonly graph: Region;
  readonly vectors: Region;
  readonly codes: Region;
  readonly links: Region;
  readonly upper: Region;
  readonly levels: Region;
  /** From one vector to the next, and from one row of codes to the next. */
  readonly vectorBytes: number;
  readonly codeStride: number;
}

/** Fields of the block, in words, as `assembly/hnsw.ts` reads them. */
const words = 32;
export const entryWord = 17;
export const topWord = 18;

/**
 * Places a graph whose `levels` and `vectors` hold all rows that it will have; links of the first may be
 * there. `ef` is the largest that will be asked for. The codes are not yet made. With fewer `vectorRows` there is
 * room for so many vectors, and none are placed.
 */
export function placeHnsw(
  memory: KernelMemory,
  graph: HnswGraph,
  ef: number,
  vectorRows: number = graph.levels.length,
): PlacedHnsw {
  const { coding, dimensions, levels, m } = graph;
  const rows = levels.length;
  const length = Math.ceil(dimensions / 8) * 8;
  const codeStride = Math.ceil((length * coding.bytes) / 16) * 16;
  const vectorBytes = Math.ceil(dimensions / 4) * 16;
  const starts = upperStarts(levels);
  const placed = {
    graph: memory.allocate(words * 4),
    vectors: memory.allocate(vectorRows * vectorBytes),
    codes: memory.allocate(rows * codeStride),
    links: memory.allocate(rows * 2 * m * 4),
    upper: memory.allocate(starts[rows]! * m * 4),
    levels: memory.allocate(rows),
    vectorBytes,
    codeStride,
  };
  const [startsAt, shifts] = [memory.allocate(starts.byteLength), memory.allocate(length * 4)];
  memory.int32(startsAt).set(starts);
  memory.uint8(placed.levels).set(levels);
  memory.int32(placed.links).fill(-1).set(graph.links);
  memory.int32(placed.upper).fill(-1).set(graph.upperLinks);
  memory.float32(shifts).set(coding.shifts);
  if (vectorRows >= rows) placeVectors(memory.float32(placed.vectors), graph, vectorBytes / 4);
  const layout = scratchLayout(length, m, ef, rows);
  const scratch = memory.allocate(memory.threads * layout.bytes);
  const block = memory.int32(placed.graph);
  block.set([placed.codes.address, codeStride, length, coding.bytes, m, placed.links.address]);
  block.set([startsAt.address, placed.upper.address, placed.levels.address], 6);
  block.set([scratch.address, layout.bytes, ...layout.places, rows], 9);
  block.set([graph.entry, graph.entry < 0 ? 0 : levels[graph.entry]!], entryWord);
  block.set([placed.vectors.address, vectorBytes, dimensions, shifts.address], 19);
  memory.float32(placed.graph).set([coding.scale, coding.queryLimit], 23);
  return placed;
}

function placeVectors(
  to: Float32Array,
  { dimensions, vectors }: Pick<HnswGraph, 'dimensions' | 'vectors'>,
  stride: number,
): void {
  if (stride === dimensions) {
    to.set(vectors);
    return;
  }
  for (let row = 0; row * dimensions < vectors.length; row++) {
    to.set(vectors.subarray(row * dimensions, (row + 1) * dimensions), row * stride);
  }
}

interface ScratchLayout {
  readonly bytes: number;
  /** Of the second query, the ids, the selected, the pool and the visited marks; the query is first. */
  readonly places: readonly number[];
}

function scratchLayout(length: number, m: number, ef: number, rows: number): ScratchLayout {
  const ids = (2 * m + 8) * 4;
  const pool = (Math.max(ef, 2 * m) + 4) * 8;
  const sizes = [length * 2, length * 2, ids, ids, pool, rows + 8];
  const places: number[] = [];
  let bytes = 0;
  for (const size of sizes) {
    places.push(bytes);
    bytes += Math.ceil(size / 64) * 64;
  }
  return { bytes, places: places.slice(1) };
}

/** Rows whose vectors are placed at once while codes are made of them. */
export const codedRows = 8192;

/** Places vectors block by block where a graph has room for so many, with the kernel's arguments for each. */
export function* encodeSteps(
  memory: KernelMemory,
  placed: PlacedHnsw,
  graph: HnswGraph,
): Generator<readonly number[]> {
  const { dimensions, rows, vectors } = graph;
  const block = memory.int32(placed.graph);
  const room = memory.float32(placed.vectors);
  for (let first = 0; first < rows; first += codedRows) {
    const last = Math.min(first + codedRows, rows);
    const part = vectors.subarray(first * dimensions, last * dimensions);
    placeVectors(room, { dimensions, vectors: part }, placed.vectorBytes / 4);
    const [, ...rest] = encodeArgs(placed, block, graph, first, last);
    // The kernel counts from row 0, which lies before the block: addresses wrap around.
    yield [placed.vectors.address - first * placed.vectorBytes, ...rest];
  }
}

/** The arguments of the kernel that makes the codes of rows first to last. */
export function encodeArgs(
  placed: PlacedHnsw,
  block: Int32Array,
  { coding, dimensions }: HnswGraph,
  first: number,
  last: number,
): readonly number[] {
  return [
    placed.vectors.address,
    placed.vectorBytes,
    first,
    last,
    dimensions,
    block[22]!,
    coding.scale,
    coding.limit,
    placed.codes.address,
    placed.codeStride,
    coding.bytes,
  ];
}
