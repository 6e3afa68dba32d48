import { seededRandom } from '@backlot/core';
import {
  calibratedClassifier,
  chain,
  columns,
  coTraining,
  describeEstimators,
  type EstimatorDescription,
  type Examples,
  type Features,
  type Field,
  type Interactions,
  interactionsFromPairs,
  logisticRegression,
  oneHotEncoder,
  positiveUnlabelled,
  ridge,
  type Specification,
  selfTraining,
  standardScaler,
} from './index.ts';

/** What an estimator is fitted to when its memory is measured: large enough that its own share shows. */
export interface MemoryCase {
  readonly label: string;
  readonly specification: Specification;
  /** Data of this many rows (or users), drawn by a seed. */
  data(rows: number): Examples | Interactions;
  readonly rows: number;
  /** Whether more rows may be fitted in a short while. */
  readonly grows: boolean;
}

interface Size {
  readonly rows?: number;
  readonly columns?: number;
  readonly parameters?: Specification['parameters'];
}

const fewEpochs = { epochs: 1 } as const;

/** Where the usual size is too slow, too small to show, or the defaults fit nothing. */
const sizes: Readonly<Record<string, Size>> = {
  agglomerative: { rows: 6000 },
  autoencoder: { rows: 20_000, parameters: { ...fewEpochs, hidden: [1024], batch: 2048 } },
  consistencyClassifier: { rows: 8000, parameters: { ...fewEpochs, hidden: [1024], batch: 1024 } },
  chain: { rows: 20_000 },
  bpr: { rows: 20_000, parameters: { epochs: 1 } },
  dbscan: { rows: 20_000 },
  ease: { rows: 9000 },
  elasticNet: { rows: 100_000, parameters: { penalty: 0.01 } },
  embeddingClassifier: { rows: 8000, columns: 8, parameters: fewEpochs },
  embeddingRegressor: { rows: 8000, columns: 8, parameters: fewEpochs },
  extraTreesClassifier: { parameters: { trees: 8 } },
  extraTreesRegressor: { rows: 20_000, parameters: { trees: 4 } },
  gaussianMixture: { parameters: { components: 8, rounds: 3 } },
  gradientBoosting: { parameters: { rounds: 10 } },
  hdbscan: { rows: 8000 },
  implicitALS: { parameters: { factors: 64, iterations: 2 } },
  isolationForest: { parameters: { trees: 400, sample: 2048 } },
  itemKnn: { rows: 20_000 },
  kMeans: { parameters: { rounds: 5, restarts: 1 } },
  labelPropagation: { rows: 5000 },
  labelSpreading: { rows: 5000 },
  mlpClassifier: { rows: 20_000, parameters: { ...fewEpochs, hidden: [1024], batch: 2048 } },
  mlpRegressor: { rows: 20_000, parameters: { ...fewEpochs, hidden: [1024], batch: 2048 } },
  multVae: { rows: 2000, parameters: fewEpochs },
  nmf: { rows: 20_000, parameters: { rounds: 5 } },
  pca: { parameters: { components: 10 } },
  randomForestClassifier: { parameters: { trees: 8 } },
  randomForestRegressor: { rows: 20_000, parameters: { trees: 4 } },
  sasRec: { rows: 400, parameters: fewEpochs },
  spectral: { rows: 2500 },
  textClassifier: { rows: 1000, parameters: fewEpochs },
  tfIdf: { rows: 8000 },
  topics: { rows: 10_000 },
  truncatedSvd: { parameters: { components: 10 } },
  tsne: { rows: 1500, parameters: { perplexity: 30 } },
  slim: { rows: 12_000 },
  ultraGCN: { rows: 2000, parameters: fewEpochs },
  twoTower: { rows: 2000, parameters: fewEpochs },
};

const half = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, at) => `${from + at}`);

/** Of a drawn frame: every second column holds words. */
const words = ['0', '2', '4', '6', '8', '10'];
const numbers = ['1', '3', '5', '7', '9', '11'];

/** Those that need parts. */
const composed: Readonly<Record<string, readonly Specification[]>> = {
  chain: [
    chain(standardScaler(), ridge()),
    chain(columns({ columns: words, estimator: oneHotEncoder() }), logisticRegression()),
  ],
  columns: [
    columns(
      { columns: words, estimator: oneHotEncoder() },
      { columns: numbers, estimator: standardScaler() },
    ),
  ],
  calibratedClassifier: [calibratedClassifier({ estimator: logisticRegression() })],
  coTraining: [
    coTraining({
      views: [
        { columns: half(0, 10), estimator: logisticRegression() },
        { columns: half(10, 20), estimator: logisticRegression() },
      ],
      rounds: 2,
    }),
  ],
  positiveUnlabelled: [positiveUnlabelled({ estimator: logisticRegression() })],
  selfTraining: [selfTraining({ estimator: logisticRegression(), rounds: 2 })],
};

/** Every estimator with every form and number type that it takes. */
export function memoryCases(): readonly MemoryCase[] {
  return describeEstimators().flatMap((one) => {
    const { kind } = one;
    const specifications = composed[kind] ?? [
      { kind, parameters: sizes[kind]?.parameters ?? {} } as Specification,
    ];
    return specifications.flatMap((given, at) => casesOf(one, completed(given, one), at));
  });
}

/** With the defaults written out, and what depends on the target set. */
function completed(given: Specification, one: EstimatorDescription): Specification {
  const defaults = Object.entries(one.constraints).map(([name, constraint]) => [
    name,
    constraint.default,
  ]);
  return {
    kind: given.kind,
    parameters: { ...Object.fromEntries(defaults), ...given.parameters },
  };
}

function casesOf(
  one: EstimatorDescription,
  specification: Specification,
  at: number,
): readonly MemoryCase[] {
  const framed = at > 0 || one.kind === 'columns';
  const forms = one.accepts.flatMap((form) =>
    form === 'dense' ? (['doubles', 'floats'] as const) : ([form] as const),
  );
  const able = forms.filter((form) => {
    if (one.family === 'composition') {
      return framed ? form === 'frame' : form === 'doubles' || form === 'floats';
    }
    if (one.accepts.includes('interactions')) return true;
    // Their parts are linear.
    return !(one.kind in composed && (form === 'frame' || form === 'texts'));
  });
  const { rows = usualRows[one.accepts[0]!] ?? 100_000, columns: width = 40 } =
    sizes[one.kind] ?? {};
  return able
    .filter((form) => !(form === 'sparse' && one.kind === 'standardScaler'))
    .map((form) => ({
      label: `${one.kind}${at > 0 ? ` ${at + 1}` : ''} ${form}`,
      specification,
      rows,
      grows: sizes[one.kind]?.rows === undefined,
      data: (count: number) =>
        form === 'interactions'
          ? drawnInteractions(count)
          : drawnExamples(form, count, width, targetOf(one)),
    }));
}

const usualRows: Readonly<Record<string, number>> = {
  dense: 100_000,
  sparse: 100_000,
  frame: 20_000,
  texts: 10_000,
  interactions: 60_000,
};

type Target = 'classes' | 'numbers' | 'partial' | 'positives';

function targetOf({ kind, family, roles }: EstimatorDescription): Target {
  if (kind === 'positiveUnlabelled') return 'positives';
  if (family === 'semi-supervised' || kind === 'consistencyClassifier') return 'partial';
  return roles.includes('classifier') ? 'classes' : 'numbers';
}

type Drawn = 'doubles' | 'floats' | 'sparse' | 'frame' | 'texts';

function drawnExamples(form: Drawn, rows: number, width: number, kind: Target): Examples {
  const random = seededRandom(1);
  const known = (row: number): boolean => row < 10 || row % 5 === 0;
  const target = Float64Array.from({ length: rows }, (_, row) => {
    if (kind === 'partial') return known(row) ? row % 2 : -1;
    if (kind === 'positives') return known(row) && row % 2 === 0 ? 1 : -1;
    return kind === 'classes' ? row % 2 : 1 + random.uniform();
  });
  return { features: drawnFeatures(form, rows, width), target };
}

function drawnFeatures(form: Drawn, rows: number, width: number): Features {
  const random = seededRandom(2);
  if (form === 'texts') return { texts: drawnTexts(rows) };
  if (form === 'frame') return { rows, fields: drawnFields(rows, width) };
  if (form === 'sparse') return drawnSparse(rows, 10 * width, width);
  const length = rows * width;
  const values = form === 'floats' ? new Float32Array(length) : new Float64Array(length);
  // Not negative: counts and factorisations refuse what is.
  for (let at = 0; at < length; at++) {
    const row = Math.floor(at / width);
    values[at] = random.uniform() + (row % 2) * (at % 3 === 0 ? 0.5 : 0);
  }
  return { rows, columns: width, values };
}

function drawnSparse(rows: number, columns: number, each: number): Features {
  const random = seededRandom(3);
  const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => row * each);
  const step = Math.floor(columns / each);
  const indices = Int32Array.from(
    { length: rows * each },
    (_, at) => (at % each) * step + random.below(step),
  );
  const values = Float64Array.from(indices, () => 1 + random.below(5));
  return { rows, columns, offsets, indices, values };
}

/** Every second column words, of which there are many. */
function drawnFields(rows: number, width: number): readonly Field[] {
  const random = seededRandom(4);
  const most = Math.max(5, Math.floor(rows / 20));
  return Array.from({ length: width }, (_, column): Field => {
    const name = `${column}`;
    if (column % 2 === 1) {
      return { name, numbers: Float64Array.from({ length: rows }, () => random.uniform()) };
    }
    return { name, words: Array.from({ length: rows }, () => `word ${random.below(most)}`) };
  });
}

function drawnTexts(rows: number): readonly string[] {
  const random = seededRandom(5);
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const word = (number: number): string =>
    [0, 1, 2, 3].map((at) => letters[(number >> (at * 4)) % 26]).join('') + (number % 7);
  return Array.from({ length: rows }, () =>
    Array.from({ length: 40 }, () => word(Math.floor(20_000 * random.uniform() ** 2))).join(' '),
  );
}

function drawnInteractions(users: number): Interactions {
  const random = seededRandom(6);
  const items = Math.max(20, Math.floor(users / 6));
  const each = 20;
  const userIndices = Int32Array.from({ length: users * each }, (_, at) => Math.floor(at / each));
  const itemIndices = userIndices.map(() => Math.floor(items * random.uniform() ** 2));
  const times = Float64Array.from(userIndices, () => random.uniform());
  return interactionsFromPairs({ users, items, userIndices, itemIndices, times });
}
