import type { OnnxGraph } from '@backlot/compute';
import type { Constraints, ParameterValue, SpecificationData } from './constraint.ts';
import type { Examples, TargetKind } from './examples.ts';
import type { Features, Form } from './features.ts';
import type { FitOptions, TensorShape } from './fit-options.ts';
import type { Fact, FittedModel, TabularModel, TabularSignature, Tensor } from './fitted-model.ts';
import type { Matrix } from './matrix.ts';
import type { Specification } from './specification.ts';
import type { TreeEnsemble } from './trees/tree-ensemble.ts';

/** What an estimator of rows is for. */
export type Role =
  | 'regressor'
  | 'classifier'
  | 'ranker'
  | 'clusterer'
  | 'transformer'
  | 'detector'
  | 'density';

/** The family that pages and docs list it under. */
export type Family =
  | 'baseline'
  | 'linear'
  | 'trees'
  | 'neighbours'
  | 'clustering'
  | 'decomposition'
  | 'detection'
  | 'semi-supervised'
  | 'deep'
  | 'text'
  | 'preprocessing'
  | 'composition';

/** The size of what is fitted, for a bound on memory. */
export interface ExamplesSize {
  readonly rows: number;
  readonly columns: number;
  /** Numbers that are stored: rows x columns when dense; of texts, their characters. */
  readonly stored: number;
  readonly classes: number;
}

export type ApplyOptions = Omit<FitOptions, 'seed' | 'memoryLimit'>;

/** What a fit gives; the verb adds kind, specification, seed and signature. */
export interface Learned {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly facts?: Readonly<Record<string, Fact>>;
  readonly parts?: Readonly<Record<string, FittedModel>>;
  /** Numbers that `transform` gives a row; 1 when absent. */
  readonly outputs?: number;
}

/** A fitted transformer and the rows that it was fitted on, anew. */
export interface Transformed {
  readonly model: TabularModel;
  readonly features: Features;
}

/** What composed kinds ask of their parts before anything is fitted. */
export interface Parts {
  targetOf(part: SpecificationData): TargetKind;
  acceptsOf(part: SpecificationData): readonly Form[];
  memoryOf(part: SpecificationData, size: ExamplesSize): number;
  /** The size of what the part makes of data of a size, at most. */
  madeOf(part: SpecificationData, size: ExamplesSize): ExamplesSize;
}

/** The verbs of the package, given to a kind that fits and applies other estimators as its parts. */
export interface Verbs {
  fit(part: Specification, examples: Examples, options: FitOptions): Promise<TabularModel>;
  predict(model: TabularModel, features: Features, options: ApplyOptions): Promise<Float64Array>;
  predictProbabilities(
    model: TabularModel,
    features: Features,
    options: ApplyOptions,
  ): Promise<Matrix>;
  transform(model: TabularModel, features: Features, options: ApplyOptions): Promise<Features>;
  /** Fits a transformer and gives the rows it was fitted on anew, as its kind wants them for training. */
  fitTransform(part: Specification, examples: Examples, options: FitOptions): Promise<Transformed>;
  scoreRows(model: TabularModel, features: Features, options: ApplyOptions): Promise<Float64Array>;
  rolesOf(part: Specification): readonly Role[];
  acceptsOf(part: Specification): readonly Form[];
}

type Apply<Result, P extends object> = (
  model: TabularModel & { readonly specification: Specification<string, P> },
  features: Features,
  options: ApplyOptions,
  verbs: Verbs,
) => Promise<Result>;

/**
 * What each estimator of rows declares. The verbs of the package check arguments and call it; they never ask
 * which kind they hold. A kind leaves out the verbs that it does not have.
 */
export interface TabularKind<P extends object = Readonly<Record<string, ParameterValue>>> {
  readonly kind: string;
  readonly family: Family;
  readonly roles: readonly Role[];
  /** One sentence for people. */
  readonly summary: string;
  readonly constraints: Constraints;
  readonly accepts: readonly Form[];
  /** Of a composition: the forms that its first part takes. */
  acceptsBy?(parameters: P, parts: Parts): readonly Form[];
  /** Whether NaN may stand for a missing number in its features. */
  readonly missing: boolean;
  readonly target: TargetKind | ((parameters: P, parts: Parts) => TargetKind);
  /** The most bytes that a fit holds beside the examples, a bound rather than a guess. */
  memory(size: ExamplesSize, parameters: P, parts: Parts): number;
  /** The size of what `transform` makes of data of a size, at most; that size itself when absent. */
  made?(size: ExamplesSize, parameters: P, parts: Parts): ExamplesSize;
  fit(
    specification: Specification<string, P>,
    examples: Examples,
    options: FitOptions,
    verbs: Verbs,
  ): Promise<Learned>;
  /**
   * The training rows anew, where that is not `transform` of the fitted model: an encoder that looks at the
   * target must not show a row its own.
   */
  transformTrained?(
    specification: Specification<string, P>,
    examples: Examples,
    options: FitOptions,
    verbs: Verbs,
  ): Promise<Features>;
  /** The tensors of a model, by which untrusted ones are checked; -1 is any length. */
  tensors(
    signature: TabularSignature,
    parameters: P,
    facts: Readonly<Record<string, Fact>>,
  ): Readonly<Record<string, TensorShape>>;
  /** What shapes cannot say of a model from outside (indices, facts, parts); throws `InvalidModel`. */
  checkModel?(model: TabularModel): void;
  /** By row: a number, a class's index, a cluster (-1 for none), a rank's score, 1 or -1 (outlier). */
  readonly predict?: Apply<Float64Array, P>;
  /** Rows x classes (or clusters), each row adding up to 1. */
  readonly predictProbabilities?: Apply<Matrix, P>;
  /** The rows anew. */
  readonly transform?: Apply<Features, P>;
  /** By row: a margin, a log density, or how usual it is (higher is more usual). */
  readonly scoreRows?: Apply<Float64Array, P>;
  /**
   * The model as ONNX: input `features` (float, [rows, columns]); outputs named `prediction` (float
   * [rows] for numbers, int64 [rows] for classes), `probabilities`, `features_out`, `scores`, of those it has.
   * `graphOf` gives those of its parts, or throws `UnsupportedVerb` for one that ONNX cannot say.
   */
  onnx?(model: TabularModel, graphOf: (part: TabularModel) => OnnxGraph): OnnxGraph;
  /** Of a model of trees: the trees, for what explains them. */
  trees?(model: TabularModel): TreeEnsemble;
}
