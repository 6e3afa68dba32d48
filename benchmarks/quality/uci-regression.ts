import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Examples, fit, gradientBoosting, predict, takeExamples } from '@backlot/learn';

/**
 * RMSE on the fixed splits of three small sets (Hernandez-Lobato and Adams 2015), beside what networks with
 * dropout have published on them. For each split the setting is chosen by folds of its train part alone.
 *   npx node benchmarks/quality/uci-regression.ts [SET ...]
 */
const folder = join(import.meta.dirname, '../../../shared/data/uci-regression');
const splits = 20;
const folds = 3;
const threads = 2;

const published = { concrete: 4.82, energy: 0.54, 'power-plant': 4 } as const;
type SetName = keyof typeof published;

const boosted = (leaves: number, rounds: number, learningRate: number, columnShare: number) =>
  gradientBoosting({ leaves, rounds, learningRate, columnShare, rowShare: 0.7, minRows: 4 });

const settings = [
  boosted(6, 800, 0.08, 1),
  boosted(12, 800, 0.05, 0.7),
  boosted(31, 800, 0.04, 0.7),
  boosted(64, 600, 0.04, 1),
];

async function numbersOf(path: string): Promise<readonly (readonly number[])[]> {
  const lines = (await readFile(join(folder, path), 'utf8')).trim().split('\n');
  return lines.map((line) => line.trim().split(/\s+/).map(Number));
}

async function readSet(set: SetName): Promise<Examples> {
  const table = await numbersOf(`${set}/data.txt`);
  const inputs = (await numbersOf(`${set}/index_features.txt`)).flat();
  const [target] = (await numbersOf(`${set}/index_target.txt`)).flat();
  const values = Float64Array.from(table.flatMap((row) => inputs.map((column) => row[column]!)));
  return {
    features: { rows: table.length, columns: inputs.length, values },
    target: Float64Array.from(table, (row) => row[target!]!),
  };
}

async function errorOf(setting: number, train: Examples, test: Examples): Promise<number> {
  const model = await fit(settings[setting]!, train, { seed: 1, threads });
  const found = await predict(model, test.features);
  const squares = found.reduce((sum, value, row) => sum + (value - test.target![row]!) ** 2, 0);
  return Math.sqrt(squares / found.length);
}

/** The setting of the least mean error over folds; row r of the train part is in fold r mod folds. */
async function chosen(train: Examples): Promise<number> {
  const rows = Array.from(train.target!.keys());
  const errors = await Promise.all(
    settings.map(async (_, setting) => {
      let sum = 0;
      for (let fold = 0; fold < folds; fold++) {
        const inside = rows.filter((row) => row % folds !== fold);
        const held = rows.filter((row) => row % folds === fold);
        sum += await errorOf(setting, takeExamples(train, inside), takeExamples(train, held));
      }
      return sum;
    }),
  );
  return errors.indexOf(Math.min(...errors));
}

async function judge(set: SetName): Promise<string> {
  const all = await readSet(set);
  const errors: number[] = [];
  const counts = settings.map(() => 0);
  for (let split = 0; split < splits; split++) {
    const [inside, held] = await Promise.all(
      ['train', 'test'].map(async (part) =>
        (await numbersOf(`${set}/index_${part}_${split}.txt`)).flat(),
      ),
    );
    const train = takeExamples(all, inside!);
    const setting = await chosen(train);
    counts[setting]!++;
    errors.push(await errorOf(setting, train, takeExamples(all, held!)));
    process.stderr.write(`${set} ${split} setting ${setting}: ${errors.at(-1)!.toFixed(4)}\n`);
  }
  const mean = errors.reduce((sum, one) => sum + one, 0) / splits;
  const squares = errors.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  const error = Math.sqrt(squares / (splits - 1) / splits);
  const verdict = mean <= published[set] ? 'reached' : 'MISSED';
  const found = `${mean.toFixed(3)} +- ${error.toFixed(3)}`;
  return `| ${set} | ${found} | ${published[set]} | ${verdict} | ${counts.join(', ')} |`;
}

const asked = process.argv.slice(2);
console.log('| set | RMSE | published | | splits by setting |\n| --- | --- | --- | --- | --- |');
for (const set of Object.keys(published) as SetName[]) {
  if (asked.length === 0 || asked.includes(set)) console.log(await judge(set));
}
