import {
  binTable,
  denseSource,
  type GrownTree,
  openKernels,
  sparseSource,
  TreeTrainer,
} from '@backlot/compute';
import { assert, seededRandom, throwIfCancelled } from '@backlot/core';
import { InvalidExamples, InvalidParameter } from '../error.ts';
import { classesOf, type Examples } from '../examples.ts';
import type { FitOptions } from '../fit-options.ts';
import type { Tensor } from '../fitted-model.ts';
import type { Matrix, SparseMatrix } from '../matrix.ts';
import { EnsembleWriter } from './ensemble.ts';
import type { GradientBoostingValues } from './gradient-boosting.ts';
import { LambdaGradients } from './lambda-gradients.ts';
import { lossOf, startOf } from './loss.ts';

/** Trees that are grown one after the other on what is left of the loss, and where the scores begin. */
interface Boosted {
  readonly start: Float64Array;
  readonly trees: Readonly<Record<string, Tensor>>;
  readonly rounds: number;
}

/** Fits the rounds of `gradientBoosting`. */
export async function boost(
  values: GradientBoostingValues,
  examples: Examples,
  options: FitOptions,
): Promise<Boosted> {
  const matrix = examples.features as Matrix | SparseMatrix;
  const categorical = new Set(values.categorical);
  checkColumns(values, matrix.columns);
  const lambda = lambdaOf(values, examples);
  const classes = values.objective === 'classes' ? classesOf(examples) : 0;
  const outputs = classes > 2 ? classes : 1;
  await using session = await openKernels({
    ...(options.threads !== undefined && { threads: options.threads }),
    signal: options.signal,
  });
  const { rows, columns } = matrix;
  const source =
    'offsets' in matrix ? sparseSource(matrix) : denseSource(matrix.values, rows, columns);
  const table = await binTable(session, source, { bins: values.bins, categorical });
  const monotone = new Map(
    values.monotone.flatMap((direction, column) =>
      direction === 0 ? [] : [[column, direction > 0 ? 1 : -1] as const],
    ),
  );
  const trainer = new TreeTrainer(session, table, {
    outputs,
    limits: {
      ...{ leaves: values.leaves, depth: values.depth ?? 64, minRows: values.minRows },
      ...{ minHessian: values.minHessian, minGain: values.minGain, l2: values.l2 },
      ...{ categoricalL2: 10, categoricalSmooth: 10, maxCategories: 32 },
    },
    ...(monotone.size > 0 && { monotone }),
  });
  const start = startOf(values, examples, classes);
  for (const [output, value] of start.entries()) {
    trainer.scores.fill(value, output * rows, (output + 1) * rows);
  }
  trainer.target.set(examples.target!);
  return await runRounds({
    values,
    examples,
    options,
    trainer,
    outputs,
    classes,
    start,
    rows,
    columns,
    lambda,
  });
}

function checkColumns({ categorical, monotone }: GradientBoostingValues, columns: number): void {
  const outside = categorical.find((column) => column >= columns);
  if (outside !== undefined) {
    throw new InvalidParameter(
      'gradientBoosting',
      'categorical',
      `names column ${outside} of ${columns}`,
    );
  }
  if (monotone.length > columns) {
    throw new InvalidParameter(
      'gradientBoosting',
      'monotone',
      `has ${monotone.length} for ${columns} columns`,
    );
  }
}

interface Rounds {
  readonly values: GradientBoostingValues;
  readonly examples: Examples;
  readonly options: FitOptions;
  readonly trainer: TreeTrainer;
  readonly outputs: number;
  readonly classes: number;
  readonly start: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** Of a ranking. */
  readonly lambda: LambdaGradients | undefined;
}

function lambdaOf(
  { objective }: GradientBoostingValues,
  { target, groups }: Examples,
): LambdaGradients | undefined {
  if (objective !== 'ranking') return undefined;
  if (!groups) throw new InvalidExamples('there are no groups; a ranking is learned by group');
  return new LambdaGradients({ target: target!, groups });
}

async function runRounds(run: Rounds): Promise<Boosted> {
  const { values, options, trainer, outputs, rows } = run;
  const trees = new EnsembleWriter();
  const held = heldRows(run);
  const random = seededRandom(options.seed ?? 0, 1);
  const loss = lossOf(values, run.examples, run.classes);
  const sample = shownRows(run);
  let [best, bestRounds] = [Infinity, 0];
  for (let round = 0; round < values.rounds; round++) {
    throwIfCancelled(options.signal, 'the fit');
    await derive(run);
    const { grown, rest } = roundRows(held, values.rowShare, () => random.uniform());
    const allowed = roundColumns(run, () => random.uniform());
    for (let output = 0; output < outputs; output++) {
      const tree = await trainer.grow(output, grown, rest, allowed);
      const leaves = leafValues(run, tree);
      await trainer.addLeafValues(output, leaves);
      trees.add(tree, leaves, trainer.table.features);
    }
    const watched = held.test.length > 0 ? loss(trainer.scores, rows, held.test) : undefined;
    // Not asked of anyone, the loss is not worked out.
    options.onProgress?.({
      ...{ step: 'rounds', done: round + 1, total: values.rounds },
      ...shownLoss(watched ?? loss(trainer.scores, rows, sample)),
    });
    if (watched === undefined) continue;
    if (watched < best) [best, bestRounds] = [watched, round + 1];
    else if (round + 1 - bestRounds >= values.patience) break;
  }
  const rounds = held.test.length > 0 ? bestRounds : values.rounds;
  trees.keep(rounds * outputs);
  return { start: run.start, trees: trees.tensors(trainer.table.features), rounds };
}

/** The most rows whose loss is shown where none are held out: all of them would cost as much as a round. */
const mostShown = 10_000;

/** Spread evenly over the rows. A ranking's loss is that of whole groups, so that all are shown. */
function shownRows({ rows, options, lambda }: Rounds): Int32Array {
  if (!options.onProgress) return new Int32Array(0);
  const count = lambda ? rows : Math.min(rows, mostShown);
  return Int32Array.from({ length: count }, (_, at) => Math.floor((at * rows) / count));
}

function shownLoss(loss: number): { readonly loss?: number } {
  return Number.isFinite(loss) ? { loss } : {};
}

async function derive({ values, examples, trainer, classes, lambda }: Rounds): Promise<void> {
  const { weights } = examples;
  if (lambda) {
    const { gradients, hessians } = trainer;
    lambda.write(trainer.scores, gradients, hessians);
    weights?.forEach((weight, row) => {
      gradients[row]! *= weight;
      hessians[row]! *= weight;
    });
    return trainer.derive('given');
  }
  const { objective } = values;
  assert(objective !== 'ranking', 'a ranking has its own gradients');
  const kernel = objective === 'classes' ? (classes > 2 ? 'softmax' : 'logistic') : objective;
  return trainer.derive(kernel, weights, values.quantile);
}

interface HeldRows {
  readonly train: Int32Array;
  /** Watched for early stopping; none without. */
  readonly test: Int32Array;
}

/** Whole groups are held out where there are some. */
function heldRows({ values, examples, options, rows }: Rounds): HeldRows {
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  if (values.validation === 0) return { train: all, test: new Int32Array(0) };
  const random = seededRandom(options.seed ?? 0);
  const sizes = examples.groups ?? new Int32Array(rows).fill(1);
  const inTest = new Uint8Array(rows);
  let row = 0;
  for (const size of sizes) {
    if (random.uniform() < values.validation) inTest.fill(1, row, row + size);
    row += size;
  }
  return { train: all.filter((one) => !inTest[one]), test: all.filter((one) => inTest[one]) };
}

/** The rows that a round grows on and those that only get its values, both ascending. */
function roundRows({ train, test }: HeldRows, share: number, uniform: () => number) {
  if (share === 1) return { grown: train, rest: test };
  const taken = train.map(() => (uniform() < share ? 1 : 0));
  const grown = train.filter((_, at) => taken[at]);
  const rest = train.filter((_, at) => !taken[at]);
  return {
    grown: grown.length > 0 ? grown : train,
    rest: grown.length > 0 ? Int32Array.from([...rest, ...test]).sort() : test,
  };
}

function roundColumns(
  { values, columns }: Rounds,
  uniform: () => number,
): ReadonlySet<number> | undefined {
  if (values.columnShare === 1) return undefined;
  const all = Array.from({ length: columns }, (_, column) => ({ column, place: uniform() }));
  all.sort((a, b) => a.place - b.place || a.column - b.column);
  const count = Math.max(1, Math.round(values.columnShare * columns));
  return new Set(all.slice(0, count).map(({ column }) => column));
}

/** Newton's step in each leaf; of quantiles the quantile of what is left, which the step only points to. */
function leafValues({ values, examples, trainer }: Rounds, tree: GrownTree): Float64Array {
  const rate = values.learningRate;
  if (values.objective === 'quantile') {
    return Float64Array.from(tree.leaves, ({ start, count }) => {
      const own = trainer.order.subarray(start, start + count);
      return rate * leftQuantile(own, examples, trainer.scores, values.quantile);
    });
  }
  return Float64Array.from(tree.leaves, ({ gradient, hessian, lower, upper }) => {
    const step = hessian + values.l2 > 0 ? -gradient / (hessian + values.l2) : 0;
    return rate * Math.max(lower, Math.min(upper, step));
  });
}

function leftQuantile(
  rows: Int32Array,
  { target, weights }: Examples,
  scores: Float64Array,
  share: number,
): number {
  const left = Array.from(rows, (row) => ({
    value: target![row]! - scores[row]!,
    weight: weights?.[row] ?? 1,
  }));
  left.sort((a, b) => a.value - b.value);
  const total = left.reduce((sum, { weight }) => sum + weight, 0);
  let passed = 0;
  for (const { value, weight } of left) {
    passed += weight;
    if (passed >= share * total) return value;
  }
  return left.at(-1)?.value ?? 0;
}
