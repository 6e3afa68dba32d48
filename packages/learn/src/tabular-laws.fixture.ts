import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeOnnx, openGraph } from '@backlot/compute';
import { Cancelled, seededRandom } from '@backlot/core';
import { refusedValues } from './constraint.fixture.ts';
import {
  decodeModel,
  describeEstimators,
  EmptyInput,
  type Examples,
  encodeModel,
  type Features,
  type FitOptions,
  fit,
  fitMemory,
  InvalidExamples,
  InvalidModel,
  InvalidParameter,
  type Matrix,
  predict,
  predictProbabilities,
  type Specification,
  scoreRows,
  type TabularModel,
  takeExamples,
  takeRows,
  toOnnx,
  transform,
  UnsupportedVerb,
} from './index.ts';

type Verb = 'predict' | 'predictProbabilities' | 'transform' | 'scoreRows';

/** What an estimator of rows must show beside obeying the laws that all obey. */
export interface TabularLaws {
  /** Hyper-parameters that fit the examples fast. */
  readonly specification: Specification;
  readonly examples: Examples;
  /** The verbs it has. */
  readonly verbs: readonly Verb[];
  /**
   * How far predictions may move when rows come in another order: 0 for the same bytes. `seeded` where the
   * order of rows is what the seed acts on, with the reason.
   */
  readonly rowOrder: number | { readonly seeded: string };
  /** How far ONNX Runtime's answers may be from ours, in floats; absent when ONNX cannot say it. */
  readonly onnx?: number;
  /** Whether NaN in the features is allowed. */
  readonly missing?: boolean;
}

const verbsOf = { predict, predictProbabilities, transform, scoreRows } as const;

/** The laws that every estimator of rows obeys, as tests. */
export function tabularLaws(laws: TabularLaws): void {
  const { specification, examples } = laws;
  const { kind } = specification;
  const fitted = (options: FitOptions = {}): Promise<TabularModel> =>
    fit(specification, examples, { threads: 1, seed: 3, ...options });
  seedLaws(laws, kind, fitted);
  byteLaws(laws, kind, fitted);
  inputLaws(laws, kind, fitted);
  onnxLaws(laws, kind, fitted);

  test(`${kind}: each hyper-parameter is refused outside its constraint`, async () => {
    const { constraints } = describeEstimators().find((one) => one.kind === kind)!;
    for (const [name, constraint] of Object.entries(constraints)) {
      for (const value of refusedValues(constraint)) {
        const parameters = { ...specification.parameters, [name]: value as number };
        await assert.rejects(fit({ kind, parameters }, examples), (error) => {
          const { code } = error as { readonly code?: string };
          return error instanceof InvalidParameter || code === 'E-LEARN-006';
        });
      }
    }
    const unknown = { kind, parameters: { ...specification.parameters, typo: 1 } };
    await assert.rejects(fit(unknown, examples), InvalidParameter);
  });

  test(`${kind}: a cancelled fit ends with Cancelled, and it states its memory`, async () => {
    await assert.rejects(fitted({ signal: AbortSignal.abort() }), Cancelled);
    const small = fitMemory(specification, takeExamples(examples, [0, 1, 2, 3, 4, 5]));
    assert.ok(small >= 0 && Number.isFinite(small));
    assert.ok(fitMemory(specification, examples) >= small);
  });
}

type Fitted = (options?: FitOptions) => Promise<TabularModel>;

function seedLaws(
  { specification, examples, verbs, rowOrder }: TabularLaws,
  kind: string,
  fitted: Fitted,
) {
  test(`${kind}: fitting again gives the same bytes, whatever the threads`, async () => {
    const first = encodeModel(await fitted());
    assert.deepEqual(encodeModel(await fitted()), first);
    assert.deepEqual(encodeModel(await fitted({ threads: 2 })), first);
  });

  test(`${kind}: inputs are not changed`, async () => {
    const before = structuredClone(examples);
    const model = await fitted();
    for (const verb of verbs) await verbsOf[verb](model, examples.features);
    assert.deepEqual(examples, before);
  });

  test(`${kind}: rows in another order give the same predictions`, async (context) => {
    if (typeof rowOrder === 'object') {
      context.diagnostic(rowOrder.seeded);
      assert.notEqual(rowOrder.seeded, '');
      return;
    }
    const places = Array.from({ length: rowsIn(examples) }, (_, row) => row);
    seededRandom(5).shuffle(places);
    const model = await fitted();
    const other = await fit(specification, takeExamples(examples, places), { threads: 1, seed: 3 });
    for (const verb of verbs) {
      const expected = await numbersOf(verb, model, examples.features);
      const found = await numbersOf(verb, other, examples.features);
      assertClose(found, expected, rowOrder, verb);
    }
  });

  test(`${kind}: a row's answer does not depend on its neighbours`, async () => {
    const model = await fitted();
    const places = [7, 2, 2, 0];
    for (const verb of verbs) {
      const all = await numbersOf(verb, model, examples.features);
      const some = await numbersOf(verb, model, takeRows(examples.features, places));
      const width = all.length / rowsIn(examples);
      const expected = places.flatMap((row) => [...all.slice(row * width, (row + 1) * width)]);
      assertClose(some, expected, 1e-9, verb);
    }
  });
}

function byteLaws({ examples, verbs }: TabularLaws, kind: string, fitted: Fitted): void {
  test(`${kind}: a model is the same after its bytes were written and read`, async () => {
    const model = await fitted();
    const again = decodeModel(encodeModel(model)) as TabularModel;
    assert.deepEqual(again, model);
    for (const verb of verbs) {
      const [left, right] = await Promise.all(
        [again, model].map((one) => numbersOf(verb, one, examples.features)),
      );
      assert.deepEqual(left, right);
    }
  });

  test(`${kind}: bytes that were cut or changed are refused or still a whole model`, async () => {
    const bytes = encodeModel(await fitted());
    for (let length = 0; length < bytes.length; length += 1 + (length >> 2)) {
      assert.throws(() => decodeModel(bytes.subarray(0, length)), InvalidModel);
    }
    assert.throws(() => decodeModel(new Uint8Array([...bytes, 0])), InvalidModel);
    const random = seededRandom(6);
    const few = takeRows(examples.features, [0, 1]);
    for (let round = 0; round < 120; round++) {
      const changed = bytes.slice();
      changed[random.below(round < 80 ? 800 : bytes.length) % bytes.length]! ^=
        1 << random.below(8);
      let model: TabularModel;
      try {
        model = decodeModel(changed) as TabularModel;
      } catch (error) {
        assert.ok(error instanceof InvalidModel, String(error));
        continue;
      }
      // Whatever was let in must answer or refuse with a typed error, not fail as a bug would.
      for (const verb of verbs) {
        await verbsOf[verb](model, few).catch((error) => {
          assert.match(String((error as { code?: string }).code), /^E-/, String(error));
        });
      }
    }
  });
}

const onnxOutputs = {
  predict: 'prediction',
  predictProbabilities: 'probabilities',
  transform: 'features_out',
  scoreRows: 'scores',
} as const;

function onnxLaws({ examples, verbs, onnx }: TabularLaws, kind: string, fitted: Fitted): void {
  if (onnx === undefined) {
    test(`${kind}: says that ONNX cannot say it`, async () => {
      const model = await fitted();
      // A composition can be written where its parts can.
      const { onnx: can } = describeEstimators().find((one) => one.kind === kind)!;
      assert.equal(can, model.parts !== undefined);
      assert.throws(() => toOnnx(model), UnsupportedVerb);
    });
    return;
  }
  test(`${kind}: ONNX Runtime gives the same answers`, async () => {
    const model = await fitted();
    const bytes = toOnnx(model);
    // The file keeps to what our own reader takes from strangers.
    decodeOnnx(bytes);
    await using session = await openGraph(bytes);
    const { rows, columns, values } = examples.features as Matrix;
    const data = Float32Array.from(values);
    // Ours gets the same floats, so that a threshold between a double and its float moves no row.
    const features = { rows, columns, values: data };
    const found = await session.run({ features: { type: 'float', shape: [rows, columns], data } });
    for (const verb of verbs) {
      const output = found[onnxOutputs[verb]];
      assert.ok(output, `${verb} has no output ${onnxOutputs[verb]}`);
      const numbers = Float64Array.from(output.data as Float32Array, Number);
      assertClose(numbers, await numbersOf(verb, model, features), onnx, verb);
    }
  });
}

function inputLaws(laws: TabularLaws, kind: string, fitted: Fitted): void {
  const { specification, examples, verbs } = laws;
  test(`${kind}: empty and broken examples are refused with a typed error`, async () => {
    await assert.rejects(fit(specification, takeExamples(examples, [])), EmptyInput);
    const rows = rowsIn(examples);
    const broken: Examples[] = [
      { ...examples, weights: new Float64Array(rows).fill(Number.NaN) },
      { ...examples, weights: new Float64Array(rows) },
      { ...examples, weights: new Float64Array(rows + 1).fill(1) },
      { ...examples, groups: Int32Array.of(rows - 1) },
    ];
    if (examples.target) {
      broken.push({ ...examples, target: examples.target.slice(1) });
      broken.push({ ...examples, target: examples.target.map((one, at) => (at ? one : NaN)) });
    }
    for (const value of laws.missing ? [Infinity] : [Infinity, Number.NaN]) {
      const features = withNumber(examples.features, value);
      if (features) broken.push({ ...examples, features });
    }
    for (const one of broken) await assert.rejects(fit(specification, one), InvalidExamples);
  });

  test(`${kind}: rows of another width or with bad numbers are refused`, async () => {
    const model = await fitted();
    const bad = withNumber(examples.features, Infinity);
    const wide = { rows: 1, columns: 1001, values: new Float64Array(1001) };
    for (const verb of verbs) {
      if (bad) await assert.rejects(async () => verbsOf[verb](model, bad), InvalidExamples);
      await assert.rejects(async () => verbsOf[verb](model, wide), InvalidExamples);
    }
  });
}

function rowsIn({ features }: Examples): number {
  return 'texts' in features ? features.texts.length : features.rows;
}

/** The features with one number of the third row changed, or nothing where there are no numbers. */
function withNumber(features: Features, value: number): Features | undefined {
  if ('texts' in features) return undefined;
  if ('fields' in features) {
    const at = features.fields.findIndex((field) => 'numbers' in field);
    if (at < 0) return undefined;
    const fields = features.fields.map((field, index) =>
      index === at && 'numbers' in field
        ? { name: field.name, numbers: field.numbers.map((one, row) => (row === 2 ? value : one)) }
        : field,
    );
    return { ...features, fields };
  }
  const values = features.values.slice();
  values[2] = value;
  return { ...features, values };
}

/** What a verb gives, as one list of numbers by row. */
async function numbersOf(
  verb: Verb,
  model: TabularModel,
  features: Features,
): Promise<ArrayLike<number> & { slice(from: number, to: number): Iterable<number> }> {
  const found = await verbsOf[verb](model, features);
  if (found instanceof Float64Array) return found;
  if ('offsets' in found) {
    const dense = new Float64Array(found.rows * found.columns);
    for (let row = 0; row < found.rows; row++) {
      for (let at = found.offsets[row]!; at < found.offsets[row + 1]!; at++) {
        dense[row * found.columns + found.indices[at]!] = found.values[at]!;
      }
    }
    return dense;
  }
  if ('values' in found) return found.values;
  throw new Error(`${verb} gives no numbers; its own tests must compare them`);
}

function assertClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assert.equal(found.length, expected.length);
  for (let at = 0; at < expected.length; at++) {
    const [a, b] = [found[at]!, expected[at]!];
    const near = Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
    assert.ok(near, `${what} at ${at}: ${a}, expected ${b}`);
  }
}
