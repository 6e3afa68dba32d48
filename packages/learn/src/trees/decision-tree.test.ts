import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decisionTreeClassifier,
  decisionTreeRegressor,
  decodeModel,
  type Examples,
  encodeModel,
  fit,
  type Matrix,
  predict,
  predictProbabilities,
  type Specification,
  type TabularModel,
} from '../index.ts';
import { denseBlocks } from '../matrix.ts';
import { classExamples, regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';
import { drawnRows } from './drawn-rows.fixture.ts';
import { forestOf } from './forest-model.ts';
import { referenceTrees } from './reference-trees.fixture.ts';

tabularLaws({
  specification: decisionTreeClassifier({ depth: 6, pruning: 0.001 }),
  examples: classExamples(1),
  verbs: ['predict', 'predictProbabilities'],
  ...{ rowOrder: 1e-9, missing: true, onnx: 1e-5 },
});
tabularLaws({
  specification: decisionTreeRegressor({ leaves: 20, minRows: 3 }),
  examples: regressionExamples(1),
  ...{ verbs: ['predict'], rowOrder: 1e-9, missing: true, onnx: 1e-4 },
});

const whole = drawnRows(6, 150);
const holes = drawnRows(6, 150, true);
const classes = { features: whole.features, target: whole.classes };
const numbers = { features: whole.features, target: whole.numbers };

const trees: Readonly<
  Record<keyof typeof referenceTrees, readonly [Specification<string, object>, Examples]>
> = {
  gini: [decisionTreeClassifier({ depth: 4 }), classes],
  entropy: [
    decisionTreeClassifier({ criterion: 'entropy', depth: 5, minRows: 6 }),
    { ...classes, weights: whole.weights },
  ],
  balanced: [decisionTreeClassifier({ classWeights: 'balanced', leaves: 9 }), classes],
  squares: [
    decisionTreeRegressor({ depth: 4, minDecrease: 3 }),
    { ...numbers, weights: whole.weights },
  ],
  pruned: [decisionTreeRegressor({ pruning: 12 }), numbers],
  prunedClasses: [decisionTreeClassifier({ pruning: 0.02 }), classes],
  missing: [
    decisionTreeClassifier({ depth: 3 }),
    { features: holes.features, target: holes.classes },
  ],
  missingNumbers: [
    decisionTreeRegressor({ depth: 4, minRows: 5 }),
    { features: holes.features, target: holes.numbers },
  ],
};

for (const [name, [specification, examples]] of Object.entries(trees)) {
  test(`the tree is scikit-learn's node by node: ${name}`, async () => {
    const expected = referenceTrees[name as keyof typeof referenceTrees];
    const model = await fit(specification as Specification, examples);
    const found = nodesOf(model, examples.features as Matrix);
    assert.equal(found.length, expected.nodes.length);
    found.forEach(([column, threshold, ...rest], at) => {
      const [theirColumn, theirThreshold, ...theirRest] = expected.nodes[at]!;
      assert.equal(column, theirColumn, `node ${at}`);
      // Ours ends a bin, of whole numbers half past one: the middle, or half below it.
      assert.ok(threshold! <= theirThreshold! && threshold! >= theirThreshold! - 0.5);
      rest.forEach((number, k) => {
        // The table has six digits.
        assert.ok(Math.abs(number - theirRest[k]!) <= 6e-6 * Math.max(1, theirRest[k]!));
      });
    });
    (model.facts!.importances as number[]).forEach((share, column) => {
      assert.ok(Math.abs(share - expected.importances[column]!) < 1e-7);
    });
  });
}

/** Nodes as the table has them: a node's value is the weighted mean of its leaves'. */
function nodesOf(model: TabularModel, { rows, columns, values }: Matrix): number[][] {
  const forest = forestOf(model);
  const found: number[][] = [];
  const visit = (at: number, own: readonly number[]): void => {
    if (at < 0) {
      const from = ~at * forest.outputs;
      found.push([-1, 0, own.length, ...forest.values.subarray(from, from + forest.outputs)]);
      return;
    }
    const column = forest.features[at]!;
    found.push([column, forest.thresholds[at]!, own.length]);
    const goesLeft = (row: number): boolean => {
      const value = values[row * columns + column]!;
      return Number.isNaN(value) ? forest.missingLeft[at] === 1 : value <= forest.thresholds[at]!;
    };
    visit(forest.left[at]!, own.filter(goesLeft));
    visit(
      forest.right[at]!,
      own.filter((row) => !goesLeft(row)),
    );
  };
  visit(
    forest.roots[0]!,
    Array.from({ length: rows }, (_, row) => row),
  );
  return found;
}

test('weights count as repeated rows', async () => {
  const { features, classes: target, weights } = drawnRows(8, 200);
  const places = Array.from(weights.keys()).flatMap((row) => new Array(weights[row]!).fill(row));
  const repeated = {
    rows: places.length,
    columns: 5,
    values: Float64Array.from(
      places.flatMap((row) => [...features.values.subarray(row * 5, row * 5 + 5)]),
    ),
  };
  const specification = decisionTreeClassifier({ depth: 6 });
  const weighted = await fit(specification, { features, target, weights });
  const twice = await fit(specification, {
    features: repeated,
    target: Float64Array.from(places, (row) => target[row]!),
  });
  assert.deepEqual(weighted.tensors, twice.tensors);
});

test('rows of zeros that are not written give the same tree as those that are', async () => {
  const { features, numbers: target } = drawnRows(9, 300);
  const values = features.values.map((value, at) => (at % 5 !== 0 && at % 3 > 0 ? 0 : value));
  const dense = { rows: 300, columns: 5, values };
  const offsets = new Int32Array(301);
  const [indices, stored] = [[] as number[], [] as number[]];
  values.forEach((value, at) => {
    if (value !== 0) {
      indices.push(at % 5);
      stored.push(value);
    }
    offsets[Math.floor(at / 5) + 1] = indices.length;
  });
  const sparse = {
    ...{ rows: 300, columns: 5, offsets, indices: Int32Array.from(indices) },
    values: Float64Array.from(stored),
  };
  const specification = decisionTreeRegressor({ minRows: 4 });
  const [a, b] = [
    await fit(specification, { features: dense, target }),
    await fit(specification, { features: sparse, target }),
  ];
  assert.deepEqual(b.tensors, a.tensors);
  assert.deepEqual(await predict(b, sparse), await predict(a, dense));
});

test('a checkered board is learned although its first split gains nothing', async () => {
  const values = Float64Array.of(0, 0, 0, 1, 1, 0, 1, 1);
  const features = { rows: 4, columns: 2, values };
  const target = Float64Array.of(0, 1, 1, 0);
  const model = await fit(decisionTreeClassifier(), { features, target });
  assert.deepEqual(await predict(model, features), target);
  const { values: shares } = await predictProbabilities(model, features);
  assert.deepEqual([...shares], [1, 0, 0, 1, 0, 1, 1, 0]);
});

test('a target without variation is one leaf, and columns without variation split nothing', async () => {
  const features = { rows: 5, columns: 2, values: new Float64Array(10).fill(3) };
  const varied = Float64Array.of(1, 2, 3, 4, 10);
  const flat = await fit(decisionTreeRegressor(), { features, target: varied });
  assert.deepEqual([...(await predict(flat, features))], [4, 4, 4, 4, 4]);
  const same = { ...numbers, target: numbers.target.map(() => 0.1) };
  const model = await fit(decisionTreeRegressor(), same);
  assert.equal(model.tensors.features!.data.length, 0);
  assert.ok((await predict(model, numbers.features)).every((one) => Math.abs(one - 0.1) < 1e-15));
  assert.deepEqual(model.facts!.importances, [0, 0, 0, 0, 0]);
});

test('a forest in which two splits lead to one is refused', async () => {
  const model = await fit(decisionTreeRegressor({ depth: 5 }), numbers);
  const left = model.tensors.left!;
  const at = left.data.findIndex((child) => child > 0);
  const right = model.tensors.right!.data.slice() as Int32Array;
  right[at] = left.data[at]!;
  const tensors = { ...model.tensors, right: { ...left, data: right } };
  assert.throws(() => decodeModel(encodeModel({ ...model, tensors })), { code: 'E-LEARN-004' });
});

test('sparse rows are answered block by block as dense ones', async () => {
  const model = await fit(decisionTreeRegressor({ depth: 5 }), numbers);
  const { rows, columns, values } = whole.features;
  const sparse = {
    ...{ rows, columns, values: Float64Array.from(values) },
    offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * columns),
    indices: Int32Array.from(values, (_, at) => at % columns),
  };
  const blocks = Array.from(denseBlocks(sparse, 7 * columns));
  assert.ok(blocks.length > 10);
  assert.deepEqual(
    blocks.flatMap((block) => [...block.values]),
    [...values],
  );
  assert.deepEqual(await predict(model, sparse), await predict(model, whole.features));
});
