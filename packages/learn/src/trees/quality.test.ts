import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  accuracy,
  chain,
  columns,
  type Examples,
  fit,
  gradientBoosting,
  imputer,
  ndcg,
  ordinalEncoder,
  predict,
} from '../index.ts';

const shared = join(import.meta.dirname, '../../../../../shared/data');
const absent =
  !existsSync(shared) && 'the shared data is not there; drawn data is in gradient-boosting.test.ts';

const lines = (path: string): readonly string[] => {
  const bytes = readFileSync(join(shared, path));
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return text.trim().split('\n');
};

const numeric = new Set([0, 2, 4, 10, 11, 12]);

function adult(part: string): Examples {
  const rows = lines(`adult/adult-${part}.csv.gz`)
    .map((line) => line.trim().split(/, ?/))
    .filter((row) => row.length === 15);
  const fields = Array.from({ length: 14 }, (_, column) => {
    const cells = rows.map((row) => (row[column] === '?' ? null : row[column]!));
    return numeric.has(column)
      ? { name: `${column}`, numbers: Float64Array.from(cells, Number) }
      : { name: `${column}`, words: cells };
  });
  const target = Float64Array.from(rows, (row) => (row[14]!.startsWith('>50K') ? 1 : 0));
  return { features: { rows: rows.length, fields }, target };
}

test('on adult its error is at most 12.8%, as tuned boosted trees have it', {
  skip: absent,
}, async () => {
  const all = Array.from({ length: 14 }, (_, column) => column);
  const words = all.filter((column) => !numeric.has(column)).map(String);
  const numbers = all.filter((column) => numeric.has(column)).map(String);
  const learner = chain(
    columns(
      { columns: words, estimator: ordinalEncoder() },
      { columns: numbers, estimator: imputer({ with: 'constant', constant: -1 }) },
    ),
    gradientBoosting({
      ...{ objective: 'classes', rounds: 300, learningRate: 0.06 },
      categorical: words.map((_, column) => column),
    }),
  );
  const model = await fit(learner, adult('train'), { seed: 1 });
  const test = adult('test');
  const error = 1 - accuracy(test.target!, await predict(model, test.features));
  assert.ok(error <= 0.128, `error ${error}`);
});

function ranked(part: string): Examples {
  const rows = lines(`lightgbm-examples/rank.${part}.gz`);
  const width = 301;
  const values = new Float64Array(rows.length * width);
  const target = Float64Array.from(rows, (line, row) => {
    const [grade, ...cells] = line.trim().split(/\s+/);
    for (const cell of cells) {
      const [at, value] = cell.split(':');
      values[row * width + Number(at)] = Number(value);
    }
    return Number(grade);
  });
  const groups = Int32Array.from(lines(`lightgbm-examples/rank.${part}.query`), Number);
  return { features: { rows: rows.length, columns: width, values }, target, groups };
}

test("on LightGBM's ranking example it is above what that project's own tests demand", {
  skip: absent,
}, async () => {
  const test = ranked('test');
  const model = await fit(gradientBoosting({ objective: 'ranking' }), ranked('train'));
  const scores = await predict(model, test.features);
  const of = (k: number): number => ndcg({ target: test.target!, scores, groups: test.groups! }, k);
  // LightGBM's test_sklearn.py: NDCG@1 above 0.5674, NDCG@3 above 0.578.
  assert.ok(of(1) > 0.5674 && of(3) > 0.578, `${of(1)}, ${of(3)}`);
});
