/**
 * What rows without a class are worth: census incomes of which 5 % are known, beside the same learner
 * with those 5 % alone and with all. No setting was chosen on the test rows: all that were tried are
 * printed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { seededRandom } from '@backlot/core';
import {
  accuracy,
  chain,
  columns,
  type Examples,
  type Field,
  fit,
  gradientBoosting,
  imputer,
  labelSpreading,
  logisticRegression,
  oneHotEncoder,
  ordinalEncoder,
  predictProbabilities,
  rocAuc,
  type Specification,
  selfTraining,
  standardScaler,
  takeExamples,
} from '@backlot/learn';

const folder = join(import.meta.dirname, '../../../shared/data/adult');
const names = [
  ...['age', 'work', 'fnlwgt', 'education', 'education-years', 'marriage', 'occupation'],
  ...['relationship', 'race', 'sex', 'capital-gain', 'capital-loss', 'hours', 'country'],
];
const numbers = ['age', 'education-years', 'capital-gain', 'capital-loss', 'hours'];
// How many people a row stands for (fnlwgt) says nothing of the person.
const words = names.filter((name) => !numbers.includes(name) && name !== 'fnlwgt');
const knownShare = 0.05;

/** The rows of one part of the data; gains and losses of capital as log(1 + x). */
function adult(part: 'train' | 'test'): Examples {
  const text = gunzipSync(readFileSync(join(folder, `adult-${part}.csv.gz`))).toString();
  const rows = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/, ?/))
    .filter((row) => row.length === 15);
  const fieldOf = (name: string): Field => {
    const cells = rows.map((row) => row[names.indexOf(name)]!);
    if (words.includes(name))
      return { name, words: cells.map((one) => (one === '?' ? null : one)) };
    const scale = name.startsWith('capital') ? Math.log1p : (one: number): number => one;
    return { name, numbers: Float64Array.from(cells, (one) => scale(Number(one))) };
  };
  return {
    features: { rows: rows.length, fields: [...numbers, ...words].map(fieldOf) },
    target: Float64Array.from(rows, (row) => (row[14]!.startsWith('>50K') ? 1 : 0)),
    classes: ['<=50K', '>50K'],
  };
}

/** Words as columns of 0 and 1 beside scaled numbers. */
const written = (sparse: boolean): Specification =>
  columns(
    { columns: numbers, estimator: chain(imputer({ with: 'median' }), standardScaler()) },
    { columns: words, estimator: oneHotEncoder({ leastRows: 20, sparse }) },
  );
/** Words as numbers of categories, for trees, after the numbers. */
const coded = columns(
  { columns: numbers, estimator: imputer({ with: 'median' }) },
  { columns: words, estimator: ordinalEncoder() },
);
const logistic = logisticRegression({ penalty: 1 });
const boosting = gradientBoosting({
  ...{ objective: 'classes', rounds: 150, learningRate: 0.06, leaves: 15 },
  categorical: words.map((_, at) => numbers.length + at),
});

interface Family {
  readonly name: string;
  readonly alone: Specification;
  readonly helped: Readonly<Record<string, Specification>>;
}

function selfTrained(prepare: Specification, estimator: Specification): Family['helped'] {
  const trained = (parameters: Parameters<typeof selfTraining>[0]): Specification =>
    chain(prepare, selfTraining({ estimator, ...parameters }));
  return {
    'self-training, 0.9': trained({ threshold: 0.9 }),
    'self-training, 0.99': trained({ threshold: 0.99 }),
    'self-training, balanced': trained({ threshold: 0.8, balanced: true, most: 1000, rounds: 20 }),
  };
}

const families: readonly Family[] = [
  {
    name: 'logistic',
    alone: chain(written(true), logistic),
    helped: {
      ...selfTrained(written(true), logistic),
      'label spreading, 0.9': chain(written(false), labelSpreading({ spread: 0.9 })),
      'label spreading, 0.99': chain(written(false), labelSpreading({ neighbours: 30 })),
    },
  },
  { name: 'boosting', alone: chain(coded, boosting), helped: selfTrained(coded, boosting) },
];

interface Quality {
  /** Percent of the test rows. */
  readonly error: number;
  readonly auc: number;
}

async function qualityOf(
  learner: Specification,
  train: Examples,
  test: Examples,
): Promise<Quality> {
  const options = { seed: 1, threads: 2 };
  const model = await fit(learner, train, options);
  const { values } = await predictProbabilities(model, test.features, { threads: 2 });
  const scores = test.target!.map((_, row) => values[2 * row + 1]!);
  const found = scores.map((score) => (score > 0.5 ? 1 : 0));
  return { error: 100 * (1 - accuracy(test.target!, found)), auc: rocAuc(test.target!, scores) };
}

/** Some of the rows known, drawn by the seed. */
function drawn(train: Examples, seed: number): { few: Examples; partial: Examples } {
  const rows = train.target!.length;
  const order = Array.from({ length: rows }, (_, row) => row);
  seededRandom(seed).shuffle(order);
  const known = order.slice(0, Math.round(knownShare * rows)).sort((a, b) => a - b);
  const target = new Float64Array(rows).fill(-1);
  for (const row of known) target[row] = train.target![row]!;
  return { few: takeExamples(train, known), partial: { ...train, target } };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, one) => sum + one, 0) / values.length;

function line(label: string, found: readonly Quality[], few: readonly Quality[], all: Quality) {
  const errors = found.map(({ error }) => error);
  const closed = (of: (one: Quality) => number): string => {
    const gap = mean(few.map(of)) - of(all);
    return `${((100 * (mean(few.map(of)) - mean(found.map(of)))) / gap).toFixed(0)} %`.padStart(7);
  };
  const seeds = errors.map((error) => error.toFixed(2)).join(' ');
  const auc = mean(found.map((one) => one.auc)).toFixed(4);
  const gaps = `${closed((one) => one.error)} ${closed((one) => one.auc)}`;
  console.log(`  ${label.padEnd(26)} ${mean(errors).toFixed(2)}  ${auc} ${gaps}   ${seeds}`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '3' } } });
  if (!existsSync(folder)) {
    process.stderr.write('shared/data/adult is not there\n');
    return 2;
  }
  const [train, test] = [adult('train'), adult('test')];
  const draws = Array.from({ length: Number(values.seeds) }, (_, seed) => drawn(train, seed + 1));
  console.log(`adult, ${draws[0]!.few.target!.length} of ${train.target!.length} rows known`);
  for (const { name, alone, helped } of families) {
    console.log(`${name.padEnd(26)} error %  AUC  gap closed: error, AUC   error by draw`);
    const all = await qualityOf(alone, train, test);
    const few: Quality[] = [];
    for (const draw of draws) few.push(await qualityOf(alone, draw.few, test));
    line('known rows alone', few, few, all);
    for (const [label, learner] of Object.entries(helped)) {
      const found: Quality[] = [];
      for (const { partial } of draws) found.push(await qualityOf(learner, partial, test));
      line(label, found, few, all);
    }
    line('all rows known', [all], few, all);
  }
  return 0;
}

process.exitCode = await main();
