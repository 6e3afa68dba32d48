import { openKernels, type Region, type SessionOptions } from '../kernel-session.ts';
import type { HnswGraph } from './hnsw-graph.ts';
import { encodeArgs, type KernelMemory, type PlacedHnsw, placeHnsw } from './hnsw-memory.ts';
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
  { ef, k }: HnswQuery,
): readonly number[] {
  const { distances, indices, queries } = place;
  return [
    ...[placed.graph.address, queries.address, count, k, ef],
    ...[indices.address, distances.address],
  ];
}

/** A graph that answers on the thread of its caller, without a worker: for one query at a time. */
export class HnswSearcher {
  readonly #kernels: ThreadKernels;
  readonly #placed: PlacedHnsw;
  readonly #place: QueryPlace;
  readonly #most: HnswQuery;
  readonly #dimensions: number;
  /** Views of the place: making them takes as long as a part of a search. */
  readonly #query: Float32Array;
  readonly #indices: Int32Array;
  readonly #distances: Float32Array;

  constructor(kernels: ThreadKernels, graph: HnswGraph, most: HnswQuery) {
    this.#kernels = kernels;
    this.#most = { k: most.k, ef: Math.max(most.k, most.ef) };
    const searched = { ...graph, coding: searchCoding(graph) };
    this.#placed = placeHnsw(kernels, searched, this.#most.ef);
    this.#dimensions = graph.dimensions;
    const block = kernels.int32(this.#placed.graph);
    kernels.run('encodeRows', encodeArgs(this.#placed, block, searched, 0, graph.rows));
    this.#place = placeQueries(kernels, this.#placed, 1, most.k);
    this.#query = kernels.float32(this.#place.queries);
    this.#indices = kernels.int32(this.#place.indices);
    this.#distances = kernels.float32(this.#place.distances);
  }

  /** The nearest rows to one vector; k and ef are at most those it was opened with. */
  find(vector: Float32Array, query: HnswQuery = this.#most): Neighbours {
    const k = Math.min(query.k, this.#most.k);
    const ef = Math.min(Math.max(query.ef, k), this.#most.ef);
    this.#query.set(vector.subarray(0, this.#dimensions));
    this.#kernels.run('hnswFind', findArgs(this.#placed, this.#place, 1, { k, ef }));
    return {
      k,
      indices: this.#indices.slice(0, k),
      distances: this.#distances.slice(0, k),
    };
  }
}

/** Opens a graph for single queries of at most so many neighbours. */
export async function openHnsw(graph: HnswGraph, most: HnswQuery): Promise<HnswSearcher> {
  return new HnswSearcher(await openThreadKernels(), graph, most);
}
