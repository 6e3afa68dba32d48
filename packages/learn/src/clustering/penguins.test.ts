import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { build } from '../../../compute/build.ts';
import {
  adjustedRandIndex,
  agglomerative,
  fit,
  gaussianMixture,
  kMeans,
  type Matrix,
  matrixFromRows,
  predict,
  type Specification,
  standardScaler,
  transform,
} from '../index.ts';
import { classExamples } from '../tabular-examples.fixture.ts';

before(build);

const path = join(import.meta.dirname, '../../../../../shared/data/penguins/penguins.csv');

interface Named {
  readonly features: Matrix;
  readonly species: readonly number[];
}

/** Four measures of 342 penguins of three species, or three clouds where the file is not there. */
function measured(): Named {
  if (!existsSync(path)) {
    const { features, target } = classExamples(1, 3, 342);
    return { features: features as Matrix, species: [...target!] };
  }
  const [head, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const names = head!.split(',').map((name) => name.replaceAll('"', '').trim());
  const rows = lines.map((line) => line.split(','));
  const columns = names.flatMap((name, at) => (/bill|flipper|body/.test(name) ? [at] : []));
  assert.equal(columns.length, 4);
  const species = rows.map((row) => row[names.indexOf('species')]!);
  const kinds = [...new Set(species)];
  const numbers = rows.map((row) => columns.map((at) => Number.parseFloat(row[at]!)));
  const whole = numbers.flatMap((row, at) => (row.every(Number.isFinite) ? [at] : []));
  return {
    features: matrixFromRows(whole.map((at) => numbers[at]!)),
    species: whole.map((at) => kinds.indexOf(species[at]!)),
  };
}

test('species of penguins are clusters of their measures', async () => {
  const { features, species } = measured();
  assert.equal(features.rows, 342);
  const scaled = (await transform(await fit(standardScaler(), { features }), features)) as Matrix;
  const agreement = async (specification: Specification): Promise<number> => {
    const model = await fit(specification, { features: scaled }, { seed: 1 });
    return adjustedRandIndex(await predict(model, scaled), species);
  };
  assert.ok((await agreement(kMeans({ clusters: 3, restarts: 20 }))) > 0.78);
  assert.ok((await agreement(agglomerative({ clusters: 3 }))) > 0.85);
  assert.ok((await agreement(gaussianMixture({ components: 3, covariance: 'tied' }))) > 0.95);
});
