import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { seededRandom } from '@backlot/core';
import type { Examples } from '@backlot/learn';

const shared = join(import.meta.dirname, '../../shared/data');

/** The lines of a file of the shared data, or nothing where it is not there. */
export function sharedLines(path: string): readonly string[] | undefined {
  const file = join(shared, path);
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  const text = path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  return text
    .toString()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const census = [
  ...['age', 'work', 'weight', 'education', 'years', 'marriage', 'job', 'relation', 'race', 'sex'],
  ...['gain', 'loss', 'hours', 'country'],
];
const numeric = new Set(['age', 'weight', 'years', 'gain', 'loss', 'hours']);

/** Census rows with the class `over 50,000` (1), or people drawn by a rule where the data is not there. */
export function incomes(part: 'train' | 'test'): Examples {
  const lines = sharedLines(`adult/adult-${part}.csv.gz`);
  if (!lines) return drawnIncomes(part === 'train' ? 4000 : 2000, part === 'train' ? 1 : 2);
  const rows = lines.map((line) => line.split(/, ?/)).filter((row) => row.length === 15);
  const fields = census.map((name, column) => {
    const words = rows.map((row) => (row[column] === '?' ? null : row[column]!));
    return numeric.has(name)
      ? {
          name,
          numbers: Float64Array.from(words, (word) => (word === null ? Number.NaN : Number(word))),
        }
      : { name, words };
  });
  const target = Float64Array.from(rows, (row) => (row[14]!.startsWith('>50K') ? 1 : 0));
  return { features: { rows: rows.length, fields }, target, classes: ['to 50,000', 'over 50,000'] };
}

function drawnIncomes(rows: number, seed: number): Examples {
  const random = seededRandom(seed);
  const pick = (all: readonly string[]): string => all[random.below(all.length)]!;
  const fields = census.map((name) =>
    numeric.has(name)
      ? { name, numbers: Float64Array.from({ length: rows }, () => 40 + 12 * random.normal()) }
      : { name, words: Array.from({ length: rows }, () => pick(['a', 'b', 'c', 'd'])) },
  );
  const [age, years, hours] = ['age', 'years', 'hours'].map((name) => {
    const field = fields.find((one) => one.name === name)!;
    return 'numbers' in field ? field.numbers : new Float64Array(rows);
  });
  const target = Float64Array.from({ length: rows }, (_, row) => {
    const score = (age![row]! + 2 * years![row]! + hours![row]! - 175) / 20;
    return random.uniform() < 1 / (1 + Math.exp(-score)) ? 1 : 0;
  });
  return { features: { rows, fields }, target, classes: ['to 50,000', 'over 50,000'] };
}

/** Which census columns hold words, and which numbers. */
export const incomeColumns = {
  words: census.filter((name) => !numeric.has(name)),
  numbers: census.filter((name) => numeric.has(name)),
};

/** Bills, flippers and weights of penguins of three species, or three clouds drawn where they are not there. */
export function penguins(): Examples {
  const lines = sharedLines('penguins/penguins.csv');
  const random = seededRandom(3);
  const drawn = (): readonly number[][] =>
    Array.from({ length: 300 }, (_, row) =>
      [0, 1, 2, 3]
        .map((column) => random.normal() + ((row + column) % 3 === 0 ? 5 : 0))
        .concat(row % 3),
    );
  const rows = lines ? readPenguins(lines) : drawn();
  const values = Float64Array.from(rows.flatMap((row) => row.slice(0, 4)));
  const target = Float64Array.from(rows, (row) => row[4]!);
  return { features: { rows: rows.length, columns: 4, values }, target };
}

function readPenguins([head, ...lines]: readonly string[]): readonly number[][] {
  const names = head!.replaceAll('"', '').split(',');
  const place = (name: string): number => names.indexOf(name);
  const measured = ['bill_length_mm', 'bill_depth_mm', 'flipper_length_mm', 'body_mass_g'].map(
    place,
  );
  const species: string[] = [];
  return lines.flatMap((line) => {
    const cells = line.replaceAll('"', '').split(',');
    const numbers = measured.map((at) => Number.parseFloat(cells[at]!));
    if (numbers.some((value) => Number.isNaN(value))) return [];
    const kind = cells[place('species')]!;
    if (!species.includes(kind)) species.push(kind);
    return [[...numbers, species.indexOf(kind)]];
  });
}

/** Strengths of concrete by its mix, or a bent surface drawn where they are not there. */
export function concrete(): Examples {
  const lines = sharedLines('uci-regression/concrete/data.txt');
  const random = seededRandom(4);
  const drawn = (): readonly number[][] =>
    Array.from({ length: 600 }, () => {
      const row = Array.from({ length: 8 }, () => random.normal());
      return [...row, 30 + 5 * row[0]! - 3 * row[1]! + 2 * Math.sin(row[2]!) + random.normal()];
    });
  const rows = lines ? lines.map((line) => line.split(/\s+/).map(Number)) : drawn();
  const values = Float64Array.from(rows.flatMap((row) => row.slice(0, 8)));
  return {
    features: { rows: rows.length, columns: 8, values },
    target: Float64Array.from(rows, (row) => row[8]!),
  };
}
