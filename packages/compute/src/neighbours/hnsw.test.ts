import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../build.ts';
import { normals } from '../random-arrays.fixture.ts';
import { addToHnsw, buildHnsw } from './build-hnsw.ts';
import { findHnsw, hnswCandidates, openHnsw } from './find-hnsw.ts';
import { type HnswGraph, upperStarts } from './hnsw-graph.ts';
import { plainNearest } from './nearest.ts';
import { PlainHnsw, plainCodes } from './plain-hnsw.fixture.ts';
import { searchCoding } from './search-coding.ts';

before(build);

function linksOf(graph: HnswGraph, row: number, level: number): number[] {
  const { links, m, upperLinks } = graph;
  const at = upperStarts(graph.levels)[row]! + level - 1;
  const list =
    level === 0
      ? links.subarray(row * 2 * m, (row + 1) * 2 * m)
      : upperLinks.subarray(at * m, (at + 1) * m);
  return [...list].filter((one) => one >= 0);
}

function rowOf(vectors: Float32Array, dimensions: number, row: number): Float32Array {
  return vectors.subarray(row * dimensions, (row + 1) * dimensions);
}

test('the graph is its twin link by link, for both widths of codes, over batches and additions', async () => {
  let narrow = 0;
  for (const [codeBytes, dimensions, m, rows] of [
    [2, 7, 4, 1300],
    [1, 16, 6, 700],
    [2, 33, 8, 530],
  ] as const) {
    const vectors = normals(rows * dimensions, dimensions);
    const half = 600 * dimensions;
    const options = { m, efConstruction: 30, seed: 5, codeBytes };
    const part = await buildHnsw(vectors.subarray(0, half), dimensions, options, { threads: 2 });
    const graph = await addToHnsw(part, vectors.subarray(half), { threads: 1 });
    const twin = new PlainHnsw(graph);
    const coded = (count: number, from: number) =>
      Array.from({ length: count }, (_, at) =>
        plainCodes(rowOf(vectors, dimensions, from + at), graph.coding, graph.coding.limit),
      );
    twin.add(coded(Math.min(600, rows), 0), 512);
    if (rows > 600) twin.add(coded(rows - 600, 600), 512);
    assert.equal(graph.rows, rows);
    assert.equal(graph.entry, twin.entry);
    for (let row = 0; row < rows; row++) {
      assert.equal(twin.links[row]!.length, graph.levels[row]! + 1);
      twin.links[row]!.forEach((list, level) => {
        assert.deepEqual(linksOf(graph, row, level), list, `row ${row} level ${level}`);
      });
    }
    const coding = searchCoding(graph);
    narrow += coding.bytes === 1 && codeBytes === 2 ? 1 : 0;
    for (let row = 0; row < rows; row++) {
      twin.codes[row] = plainCodes(rowOf(vectors, dimensions, row), coding, coding.limit);
    }
    const query = normals(dimensions, 99);
    const codes = plainCodes(query, coding, coding.queryLimit);
    const wanted = twin.find(codes, 40).map(([, row]) => row);
    const found = await findHnsw(graph, query, { k: 12, ef: 40 }, { threads: 1 });
    const gap = (row: number): number =>
      query.reduce((sum, value, at) => sum + (value - vectors[row * dimensions + at]!) ** 2, 0);
    const best = wanted.toSorted((a, b) => gap(a) - gap(b)).slice(0, 12);
    assert.deepEqual([...found.indices], best);
  }
  // Of the two graphs with two bytes, the one whose rows lie apart is searched by one.
  assert.equal(narrow, 1);
});

test('the graph and its answers are the same bytes for every number of threads', async () => {
  const vectors = normals(3000 * 12, 3);
  const graphs = await Promise.all(
    [1, 2, 3].map((threads) => buildHnsw(vectors, 12, { seed: 9 }, { threads })),
  );
  assert.deepEqual(graphs[1], graphs[0]);
  assert.deepEqual(graphs[2], graphs[0]);
  const queries = normals(50 * 12, 4);
  const query = { k: 5, ef: 30 };
  const [one, three] = await Promise.all(
    [1, 3].map((threads) => findHnsw(graphs[0]!, queries, query, { threads })),
  );
  assert.deepEqual(one, three);
  const asked = { ...query, room: 30 };
  const candidates = await hnswCandidates(graphs[0]!, queries, asked, { threads: 2 });
  const searcher = await openHnsw(graphs[0]!, asked);
  for (let at = 0; at < 50; at++) {
    const own = candidates.subarray(at * 30, at * 30 + 30);
    assert.deepEqual(Int32Array.from(searcher.candidates(rowOf(queries, 12, at))), own);
    assert.ok(one!.indices.subarray(at * 5, at * 5 + 5).every((row) => own.includes(row)));
  }
  const given = candidates.filter((row) => row >= 0).length;
  // Beside the five nearest only what codes cannot tell from the fifth.
  assert.ok(given < 50 * 15, `${given}`);
  assert.notDeepEqual((await buildHnsw(vectors, 12, { seed: 10 })).levels, graphs[0]!.levels);
});

test('nearly all true neighbours are found, and all when the search keeps every row', async () => {
  const random = seededRandom(8);
  const centres = normals(40 * 24, 1);
  const vectors = normals(4000 * 24, 2).map(
    (value, at) => 0.4 * value + centres[(Math.floor(at / 24) % 40) * 24 + (at % 24)]!,
  );
  const queries = vectors.slice(0, 60 * 24).map((value) => value + 0.1 * random.normal());
  const truth = plainNearest(vectors, queries, { dimensions: 24, k: 10 });
  const graph = await buildHnsw(vectors, 24, { seed: 1 });
  const recall = async (ef: number): Promise<number> => {
    const { indices } = await findHnsw(graph, queries, { k: 10, ef });
    const hits = indices.filter((row, at) => {
      const from = at - (at % 10);
      return truth.indices.subarray(from, from + 10).includes(row);
    });
    return hits.length / indices.length;
  };
  assert.ok((await recall(40)) > 0.97);
  assert.ok((await recall(4000)) > 0.999);
});

test('a graph of one row, of equal rows and of fewer rows than asked for answers', async () => {
  const one = await buildHnsw(Float32Array.of(1, 2), 2);
  const found = await findHnsw(one, Float32Array.of(1, 3), { k: 3, ef: 3 });
  assert.deepEqual([...found.indices], [0, -1, -1]);
  assert.deepEqual([...found.distances], [1, Infinity, Infinity]);
  const equal = await buildHnsw(new Float32Array(900).fill(2), 3);
  const same = await findHnsw(equal, new Float32Array(3).fill(2), { k: 4, ef: 40 });
  assert.deepEqual([...same.distances], [0, 0, 0, 0]);
  assert.equal(new Set(same.indices).size, 4);
});

test('rows much nearer to each other than their clouds keep the codes that tell them apart', async () => {
  const centres = normals(20 * 16, 1);
  const vectors = normals(2000 * 16, 2).map(
    (value, at) => 0.002 * value + centres[(Math.floor(at / 16) % 20) * 16 + (at % 16)]!,
  );
  const graph = await buildHnsw(vectors, 16, { seed: 1 });
  assert.equal(searchCoding(graph).bytes, 2);
  const queries = vectors.slice(0, 50 * 16);
  const truth = plainNearest(vectors, queries, { dimensions: 16, k: 5 });
  const { indices } = await findHnsw(graph, queries, { k: 5, ef: 60 });
  const same = indices.filter((row, at) => row === truth.indices[at]).length;
  assert.ok(same >= 0.98 * indices.length, `${same} of ${indices.length}`);
});
