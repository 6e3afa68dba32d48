import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { seededRandom } from '@backlot/core';
import type { Interactions } from '@backlot/learn';

/** Ten million interactions, drawn once into a file that both sides read; the path is from the root. */
export const simulatedPlays = {
  users: 200_000,
  items: 50_000,
  file: '.peers/data/als-simulated-10m.i32',
} as const;

export interface SimulatedPlays {
  readonly train: Interactions;
  /** Of every tenth user, a tenth of what they met. */
  readonly test: Interactions;
}

const genres = 60;

/**
 * Users who like three of sixty genres, each more than the next, and meet 56 items or so (counts are skewed),
 * most of them in those genres, the popular ones of a genre far more often than the rest.
 */
export function simulatePlays(users: number, items: number, seed: number): SimulatedPlays {
  const random = seededRandom(seed);
  const met: Int32Array[] = [];
  const held: Int32Array[] = [];
  for (let user = 0; user < users; user++) {
    const liked = [0, 1, 2].map(() => random.below(genres));
    const draws = Math.ceil(12 + 66 * random.uniform() ** 2 * 2);
    const found = new Set<number>();
    for (let draw = 0; draw < draws; draw++) {
      const mood = random.uniform();
      const genre =
        mood < 0.85 ? liked[mood < 0.5 ? 0 : mood < 0.73 ? 1 : 2]! : random.below(genres);
      const place = Math.floor(Math.floor(items / genres) * random.uniform() ** 3);
      found.add(place * genres + genre);
    }
    const sorted = Int32Array.from(found).sort();
    const apart = user % 10 === 0 ? sorted.filter(() => random.uniform() < 0.1) : new Int32Array(0);
    const out = new Set(apart);
    met.push(sorted.filter((item) => !out.has(item)));
    held.push(apart);
  }
  return { train: joined(met, items), test: joined(held, items) };
}

function joined(rows: readonly Int32Array[], items: number): Interactions {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, at) => {
    offsets[at + 1] = offsets[at]! + row.length;
  });
  const indices = new Int32Array(offsets[rows.length]!);
  rows.forEach((row, at) => void indices.set(row, offsets[at]));
  return { users: rows.length, items, offsets, indices };
}

const root = join(import.meta.dirname, '../..');

/** Reads the file, which is written first where it is not there. */
export async function readSimulatedPlays(): Promise<SimulatedPlays> {
  const { users, items, file } = simulatedPlays;
  const path = join(root, file);
  if (!existsSync(path)) await writePlays(path);
  const words = new Int32Array(new Uint8Array(await readFile(path)).buffer);
  let at = 0;
  const take = (count: number): Int32Array => {
    at += count;
    return words.subarray(at - count, at);
  };
  const part = (): Interactions => {
    const offsets = take(users + 1);
    return { users, items, offsets, indices: take(offsets[users]!) };
  };
  return { train: part(), test: part() };
}

/** Train, then test: users + 1 offsets and the items between them, 32-bit integers. */
async function writePlays(path: string): Promise<void> {
  const { train, test } = simulatePlays(simulatedPlays.users, simulatedPlays.items, 1);
  const parts = [train.offsets, train.indices, test.offsets, test.indices];
  const bytes = parts.map(({ buffer }) => new Uint8Array(buffer as ArrayBuffer));
  mkdirSync(dirname(path), { recursive: true });
  // Moved when whole: a broken run leaves no half file.
  await writeFile(`${path}.part`, bytes);
  renameSync(`${path}.part`, path);
}
