import { openKernels, type Region, type SessionOptions } from '../kernel-session.ts';
import type { HnswGraph } from './hnsw-graph.ts';
import {
  codedRows,
  encodeArgs,
  encodeSteps,
  type KernelMemory,
  type PlacedHnsw,
  placeHnsw,
} from './hnsw-memory.ts';
import type { Neighbours } from './neighbours.ts';
import { searchCoding } from './search-coding.ts';
import { SessionMemory } from './session-memory.ts';
import { openThreadKernels, type ThreadKernels } from './thread-kernels.ts';

export interface HnswQuery {
  readonly k: number;
  /** Rows that a search keeps, at least k: more find more of the true neighbours, in more time. */
  readonly ef: number;
}

/** The nearest rows to each of many queries (queries x dimensions), on threads. */
export async function findHnsw(
  graph: HnswGraph,
  queries: Float32Array,
  query: HnswQuery,
  run: SessionOptions = {},
): Promise<Neighbours> {
  await using session = await openKernels(run);
  const memory = new SessionMemory(session);
  const searched = { ...graph, coding: searchCoding(graph) };
  const asked = { k: query.k, ef: Math.max(query.ef, query.k) };
  const placed = placeHnsw(memory, searched, asked.ef);
  const block = memory.int32(placed.graph);
  await session.run('encodeRows', encodeArgs(placed, block, searched, 0, graph.rows));
  const count = queries.length / graph.dimensions;
  const place = placeQueries(memory, placed, count, asked.k);
  setQueries(memory.float32(place.queries), queries, graph.dimensions, placed.vectorBytes / 4);
  await session.run('hnswFind', findArgs(placed, place, count, asked));
  return {
    k: asked.k,
    indices: memory.int32(place.indices).slice(),
    distances: memory.float32(place.distances).slice(),
  };
}

/** What is asked of a graph by whoever takes the distances. */
export interface CandidateQuery extends HnswQuery {
  /** Most candidates of a query, at least k. */
  readonly room: number;
}

/**
 * For each query (queries x dimensions) the rows among which the k nearest are, as far as codes tell, in the
 * order of codes: queries x room, -1 past the last. For callers with rows more exact than the graph's floats,
 * which are then not held beside their codes.
 */
export async function hnswCandidates(
  graph: HnswGraph,
  queries: Float32Array,
  query: CandidateQuery,
  run: SessionOptions = {},
): Promise<Int32Array> {
  await using session = await openKernels(run);
  const memory = new SessionMemory(session);
  const searched = { ...graph, coding: searchCoding(graph) };
  const asked = { ...query, ef: Math.max(query.ef, query.k) };
  const placed = placeHnsw(memory, searched, asked.ef, codedRows);
  for (const args of encodeSteps(memory, placed, searched)) await session.run('encodeRows', args);
  const count = queries.length / graph.dimensions;
  const place = placeQueries(memory, placed, count, asked.room);
  setQueries(memory.float32(place.queries), queries, graph.dimensions, placed.vectorBytes / 4);
  await session.run('hnswFind', findArgs(placed, place, count, asked));
  return memory.int32(place.indices).slice();
}

interface QueryPlace {
  readonly queries: Region;
  readonly indices: Region;
  readonly distances: Region;
}

function placeQueries(
  memory: KernelMemory,
  placed: PlacedHnsw,
  count: number,
  k: number,
): QueryPlace {
  return {
    queries: memory.allocate(count * placed.vectorBytes),
    indices: memory.allocate(count * k * 4),
    distances: memory.allocate(count * k * 4),
  };
}

function setQueries(
  to: Float32Array,
  queries: Float32Array,
  dimensions: number,
  stride: number,
): void {
  for (let from = 0, at = 0; from < queries.length; from += dimensions, at += stride) {
    to.set(queries.subarray(from, from + dimensions), at);
  }
}

function findArgs(
  placed: PlacedHnsw,
  place: QueryPlace,
  count: number,
  { ef, k, room = 0 }: HnswQuery & { readonly room?: number },
): readonly number[] {
  const { distances, indices, queries } = place;
  return [
    ...[placed.graph.address, queries.address, count, k, ef, room],
    ...[indices.address, distances.address],
  ];
}

/**
 * A graph that gives candidates, as `hnswCandidates` does, on the thread of its caller, without a worker: for one
 * query at a time.
 */
export class HnswSearcher {
  readonly #kernels: ThreadKernels;
  readonly #placed: PlacedHnsw;
  readonly #place: QueryPlace;
  readonly #most: CandidateQuery;
  /** Views of the place: making them takes as long as a part of a search. */
  readonly #query: Float32Array;
  readonly #indices: Int32Array;

  constructor(kernels: ThreadKernels, graph: HnswGraph, most: CandidateQuery) {
    this.#kernels = kernels;
    this.#most = { ...most, ef: Math.max(most.k, most.ef) };
    const searched = { ...graph, coding: searchCoding(graph) };
    this.#placed = placeHnsw(kernels, searched, this.#most.ef, codedRows);
    for (const args of encodeSteps(kernels, this.#placed, searched)) {
      kernels.run('encodeRows', args);
    }
    this.#place = placeQueries(kernels, this.#placed, 1, most.room);
    this.#query = kernels.float32(this.#place.queries);
    this.#indices = kernels.int32(this.#place.indices);
  }

  /** The candidates for one vector, until the next is asked for; ef is at most that it was opened with. */
  candidates(vector: Float32Array, width: number = this.#most.ef): Int32Array {
    const { k, room } = this.#most;
    const ef = Math.min(Math.max(width, k), this.#most.ef);
    this.#query.set(vector);
    this.#kernels.run('hnswFind', findArgs(this.#placed, this.#place, 1, { k, ef, room }));
    return this.#indices;
  }
}

/** Opens a graph for single queries of so many neighbours. */
export async function openHnsw(graph: HnswGraph, most: CandidateQuery): Promise<HnswSearcher> {
  return new HnswSearcher(await openThreadKernels(), graph, most);
}
