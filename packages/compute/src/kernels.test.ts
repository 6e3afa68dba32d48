import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../build.ts';
import { NotPositiveDefinite } from './error.ts';
import { inverseFactor, plainInverseFactor } from './factor.ts';
import { gram, plainGram } from './gram.ts';
import { openKernels } from './kernel-session.ts';
import { type MatrixShape, multiply, packSquare, plainMultiply } from './multiply.ts';
import { distance, normals } from './random-arrays.fixture.ts';
import { packedBytes, packRows, plainBest, rank, rankScratch } from './rank.ts';
import { plainSolveRow, solveRows, solveScratch } from './solve-rows.ts';

// Floats hold 24 bits; sums of some thousand terms lose a few of them.
const floatTolerance = 2e-5;

before(build);

test('gram is its twin on random shapes, and the same bytes for every number of threads', async () => {
  const random = seededRandom(1);
  for (let round = 0; round < 12; round++) {
    const rows = 1 + random.below(3000);
    const columns = 8 * (1 + random.below(6));
    const x = normals(rows * columns, round);
    const found: Float64Array[] = [];
    for (const threads of [1, 3]) {
      await using session = await openKernels({ threads });
      found.push(await gram(session, session.place(x), rows, columns));
    }
    assert.ok(distance(found[0]!, plainGram(x, rows, columns)) < floatTolerance);
    assert.deepEqual(found[0], found[1]);
  }
});

test('multiply is its twin for dense and triangular matrices', async () => {
  const random = seededRandom(2);
  const shapes: readonly MatrixShape[] = ['dense', 'upper', 'lower'];
  for (let round = 0; round < 12; round++) {
    const rows = 1 + random.below(300);
    const n = 8 * (1 + random.below(8));
    const shape = shapes[round % 3]!;
    const a = normals(rows * n, round);
    const b = Float64Array.from(normals(n * n, 100 + round)).map((value, at) => {
      const below = Math.floor(at / n) - (at % n);
      const zero = (shape === 'upper' && below > 0) || (shape === 'lower' && below < 0);
      return zero ? 0 : value;
    });
    await using session = await openKernels({ threads: 2 });
    const bytes = Math.ceil(rows / 4) * 4 * n * 4;
    const [left, panels, out] = [bytes, n * n * 4, bytes].map((size) => session.allocate(size));
    session.float32(left!).set(a);
    packSquare(b, n, false, session.float32(panels!));
    await multiply(session, left!, rows, n, panels!, shape, out!);
    const found = session.float32(out!).subarray(0, rows * n);
    assert.ok(distance(found, plainMultiply(a, rows, n, b)) < floatTolerance);
  }
});

test('a packed transpose is the transpose', () => {
  const b = Float64Array.from({ length: 64 }, (_, at) => at);
  const turned = b.map((_, at) => b[(at % 8) * 8 + Math.floor(at / 8)]!);
  const [first, second] = [new Float32Array(64), new Float32Array(64)];
  packSquare(b, 8, true, first);
  packSquare(turned, 8, false, second);
  assert.deepEqual(first, second);
});

test('the inverse factor is its twin, and a matrix that is not definite is refused', async () => {
  await using session = await openKernels({ threads: 2 });
  for (const n of [2, 8, 16, 64, 120]) {
    const a = plainGram(normals(3 * n * n, n), 3 * n, n);
    const found = await inverseFactor(session, a, n);
    // Doubles, and a condition number of some hundred.
    assert.ok(distance(found, plainInverseFactor(a, n)) < 1e-11);
  }
  const bad = new Float64Array(64).map((_, at) => (at % 9 === 0 ? (at === 27 ? -1 : 1) : 0));
  await assert.rejects(inverseFactor(session, bad, 8), (error) => {
    return error instanceof NotPositiveDefinite && error.pivot === 3;
  });
  assert.throws(() => plainInverseFactor(bad, 8), NotPositiveDefinite);
});

async function solveBoth(seed: number, spectral: boolean): Promise<number> {
  const random = seededRandom(seed);
  const [rows, others, columns, alpha] = [9, 200, 8 * (1 + random.below(12)), 7];
  const lengths = [0, 1, 2, 3, 5, 11, 12, 13, 150];
  const offsets = Int32Array.from([0, ...lengths.map((_, at) => sum(lengths.slice(0, at + 1)))]);
  const indices = Int32Array.from(lengths.flatMap((length) => distinct(random, others, length)));
  const weights = Float32Array.from(indices, () => 0.25 + random.uniform());
  const z = normals(others * columns, seed).map((value) => value / Math.sqrt(others));
  const spectrum = Float32Array.from({ length: columns }, () => (spectral ? random.uniform() : 1));
  const penalties = Float32Array.from({ length: rows }, () =>
    spectral ? 0.5 + random.uniform() : 0,
  );
  await using session = await openKernels({ threads: 2 });
  const out = session.allocate(rows * columns * 4);
  const system = {
    order: session.place(Int32Array.from({ length: rows }, (_, at) => rows - 1 - at)),
    rows,
    offsets: session.place(offsets),
    indices: session.place(indices),
    weights: session.place(weights),
    longestRow: 150,
  };
  const spectra = { values: session.place(spectrum), penalties: session.place(penalties) };
  await solveRows(session, system, {
    alpha,
    z: session.place(z),
    columns,
    spectrum: spectral ? spectra : undefined,
    out,
    scratch: solveScratch(session, 150, columns, spectral),
  });
  const found = session.float32(out);
  const distances = lengths.map((length, row) => {
    const mine = indices.subarray(offsets[row], offsets[row + 1]);
    const entries = Array.from(mine, (at) => z.subarray(at * columns, (at + 1) * columns));
    const confidences = weights.subarray(offsets[row], offsets[row + 1]).map((w) => alpha * w);
    const diagonal = spectrum.map((value) => value + penalties[row]!);
    const wanted = plainSolveRow(diagonal, entries, confidences);
    const off = distance(found.subarray(row * columns, (row + 1) * columns), wanted);
    // Longer rows stop at a residual of 0.3%, and the spectrum spans less than tenfold.
    return length > 12 ? off / 300 : off;
  });
  return Math.max(...distances);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function distinct(random: ReturnType<typeof seededRandom>, size: number, count: number): number[] {
  const all = Array.from({ length: size }, (_, at) => at);
  return random
    .shuffle(all)
    .slice(0, count)
    .sort((a, b) => a - b);
}

test('solved rows are those of elimination, of every length, white and spectral', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    assert.ok((await solveBoth(seed, false)) < 1e-4);
    assert.ok((await solveBoth(seed, true)) < 1e-4);
  }
});

test('rank is its twin: exclusions, ties by index, places that stay empty', async () => {
  const random = seededRandom(5);
  for (let round = 0; round < 10; round++) {
    const count = 1 + random.below(150);
    const items = 1 + random.below(600);
    const depth = 8 * (1 + random.below(4));
    const k = 1 + random.below(30);
    // Small whole numbers: products are exact, and ties abound.
    const whole = (length: number): Float32Array =>
      Float32Array.from({ length }, () => random.below(5) - 2);
    const [users, factors] = [whole(count * depth), whole(items * depth)];
    const excluded = Array.from({ length: count }, () =>
      distinct(random, items, random.below(Math.min(items, 40) + 1)),
    );
    await using session = await openKernels({ threads: 2 });
    const place = session.allocate(Math.ceil(count / 4) * 4 * depth * 4);
    session.float32(place).set(users);
    const panels = session.allocate(packedBytes(items, depth));
    await packRows(session, session.place(factors), items, depth, panels);
    const [outItems, outScores] = [
      session.allocate(count * k * 4),
      session.allocate(count * k * 4),
    ];
    const offsets = [
      0,
      ...excluded.map((_, at) => sum(excluded.slice(0, at + 1).map((e) => e.length))),
    ];
    await rank(session, {
      users: place,
      count,
      depth,
      panels,
      items,
      excludedOffsets: session.place(Int32Array.from(offsets)),
      excluded: session.place(Int32Array.from(excluded.flat())),
      k,
      outItems,
      outScores,
      scratch: rankScratch(session),
    });
    for (let user = 0; user < count; user++) {
      const scores = Float32Array.from({ length: items }, (_, item) =>
        sum(
          Array.from(
            { length: depth },
            (_, d) => users[user * depth + d]! * factors[item * depth + d]!,
          ),
        ),
      );
      const wanted = plainBest(scores, k, excluded[user]!);
      assert.deepEqual(session.int32(outItems).slice(user * k, (user + 1) * k), wanted.items);
      assert.deepEqual(session.float32(outScores).slice(user * k, (user + 1) * k), wanted.scores);
    }
  }
});
