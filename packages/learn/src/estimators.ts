import { constantKind } from './baseline/constant.ts';
import { calibratedClassifierKind } from './calibration/calibrated-classifier.ts';
import { agglomerativeKind } from './clustering/agglomerative.ts';
import { dbscanKind } from './clustering/dbscan.ts';
import { gaussianMixtureKind } from './clustering/gaussian-mixture.ts';
import { hdbscanKind } from './clustering/hdbscan.ts';
import { kMeansKind } from './clustering/k-means.ts';
import { miniBatchKMeansKind } from './clustering/mini-batch-k-means.ts';
import { spectralKind } from './clustering/spectral.ts';
import { chainKind } from './composition/chain.ts';
import { columnsKind } from './composition/columns.ts';
import type { Constraints } from './constraint.ts';
import { fourierFeaturesKind } from './decomposition/fourier-features.ts';
import { incrementalPcaKind } from './decomposition/incremental-pca.ts';
import { nmfKind } from './decomposition/nmf.ts';
import { pcaKind } from './decomposition/pca.ts';
import { topicsKind } from './decomposition/topics.ts';
import { truncatedSvdKind } from './decomposition/truncated-svd.ts';
import { tsneKind } from './decomposition/tsne.ts';
import { autoencoderKind } from './deep/autoencoder.ts';
import { consistencyClassifierKind } from './deep/consistency-classifier.ts';
import { embeddingClassifierKind, embeddingRegressorKind } from './deep/entity-embeddings.ts';
import { mlpClassifierKind, mlpRegressorKind } from './deep/mlp.ts';
import { multVaeKind } from './deep/mult-vae.ts';
import { sasRecKind } from './deep/sas-rec.ts';
import { textClassifierKind } from './deep/text-classifier.ts';
import { twoTowerKind } from './deep/two-tower.ts';
import { isolationForestKind } from './detection/isolation-forest.ts';
import { InvalidModel, UnknownEstimator } from './error.ts';
import type { Form } from './features.ts';
import { elasticNetKind } from './linear/elastic-net.ts';
import {
  gammaRegressionKind,
  poissonRegressionKind,
  tweedieRegressionKind,
} from './linear/generalised-linear.ts';
import { leastSquaresKind } from './linear/least-squares.ts';
import { linearSvmKind } from './linear/linear-svm.ts';
import { linearSvrKind } from './linear/linear-svr.ts';
import { logisticRegressionKind } from './linear/logistic-regression.ts';
import { ridgeKind } from './linear/ridge.ts';
import { bernoulliNaiveBayesKind } from './naive-bayes/bernoulli-naive-bayes.ts';
import {
  complementNaiveBayesKind,
  multinomialNaiveBayesKind,
} from './naive-bayes/count-naive-bayes.ts';
import { gaussianNaiveBayesKind } from './naive-bayes/gaussian-naive-bayes.ts';
import { kNearestClassifierKind } from './neighbours/k-nearest-classifier.ts';
import { kNearestRegressorKind } from './neighbours/k-nearest-regressor.ts';
import { kernelDensityKind } from './neighbours/kernel-density.ts';
import { localOutlierFactorKind } from './neighbours/local-outlier-factor.ts';
import { nearestNeighboursKind } from './neighbours/nearest-neighbours.ts';
import { binnerKind } from './preprocessing/binner.ts';
import { imputerKind } from './preprocessing/imputer.ts';
import { minMaxScalerKind } from './preprocessing/min-max-scaler.ts';
import { oneHotEncoderKind } from './preprocessing/one-hot-encoder.ts';
import { ordinalEncoderKind } from './preprocessing/ordinal-encoder.ts';
import { robustScalerKind } from './preprocessing/robust-scaler.ts';
import { rowNormaliserKind } from './preprocessing/row-normaliser.ts';
import { standardScalerKind } from './preprocessing/standard-scaler.ts';
import { targetEncoderKind } from './preprocessing/target-encoder.ts';
import { bprKind } from './recommenders/gradient/bpr.ts';
import {
  factorisationMachineClassifierKind,
  factorisationMachineRegressorKind,
} from './recommenders/gradient/factorisation-machine.ts';
import { ultraGCNKind } from './recommenders/gradient/ultra-gcn.ts';
import { implicitALSKind } from './recommenders/implicit-als.ts';
import { itemKnnKind } from './recommenders/item-knn.ts';
import { easeKind } from './recommenders/linear-items/ease.ts';
import { slimKind } from './recommenders/linear-items/slim.ts';
import { rankFusionKind } from './recommenders/lists/rank-fusion.ts';
import { popularityKind } from './recommenders/popularity.ts';
import type { RecommenderKind } from './recommenders/recommender-kind.ts';
import { coTrainingKind } from './semi-supervised/co-training.ts';
import { labelPropagationKind } from './semi-supervised/label-propagation.ts';
import { labelSpreadingKind } from './semi-supervised/label-spreading.ts';
import { positiveUnlabelledKind } from './semi-supervised/positive-unlabelled.ts';
import { selfTrainingKind } from './semi-supervised/self-training.ts';
import type { Family, Role, TabularKind } from './tabular-kind.ts';
import { hashedTextKind } from './text/hashed-text.ts';
import { languageIdentifierKind } from './text/language-identifier.ts';
import { tfIdfKind } from './text/tf-idf.ts';
import { decisionTreeClassifierKind, decisionTreeRegressorKind } from './trees/decision-tree.ts';
import { extraTreesClassifierKind, extraTreesRegressorKind } from './trees/extra-trees.ts';
import { gradientBoostingKind } from './trees/gradient-boosting.ts';
import { randomForestClassifierKind, randomForestRegressorKind } from './trees/random-forest.ts';

const recommenders = [
  popularityKind,
  itemKnnKind,
  slimKind,
  rankFusionKind,
  easeKind,
  implicitALSKind,
  bprKind,
  ultraGCNKind,
  multVaeKind,
  sasRecKind,
  twoTowerKind,
] as const;

const tabular = [
  labelPropagationKind,
  labelSpreadingKind,
  selfTrainingKind,
  coTrainingKind,
  positiveUnlabelledKind,
  embeddingRegressorKind,
  embeddingClassifierKind,
  textClassifierKind,
  tfIdfKind,
  hashedTextKind,
  languageIdentifierKind,
  consistencyClassifierKind,
  autoencoderKind,
  mlpRegressorKind,
  mlpClassifierKind,
  constantKind,
  gradientBoostingKind,
  decisionTreeClassifierKind,
  decisionTreeRegressorKind,
  randomForestClassifierKind,
  randomForestRegressorKind,
  extraTreesClassifierKind,
  extraTreesRegressorKind,
  kMeansKind,
  miniBatchKMeansKind,
  spectralKind,
  nmfKind,
  fourierFeaturesKind,
  topicsKind,
  tsneKind,
  gaussianMixtureKind,
  hdbscanKind,
  agglomerativeKind,
  dbscanKind,
  isolationForestKind,
  kNearestClassifierKind,
  kNearestRegressorKind,
  localOutlierFactorKind,
  kernelDensityKind,
  nearestNeighboursKind,
  pcaKind,
  incrementalPcaKind,
  truncatedSvdKind,
  chainKind,
  calibratedClassifierKind,
  columnsKind,
  standardScalerKind,
  minMaxScalerKind,
  robustScalerKind,
  rowNormaliserKind,
  imputerKind,
  binnerKind,
  oneHotEncoderKind,
  ordinalEncoderKind,
  targetEncoderKind,
  gammaRegressionKind,
  linearSvmKind,
  logisticRegressionKind,
  poissonRegressionKind,
  ridgeKind,
  tweedieRegressionKind,
  bernoulliNaiveBayesKind,
  complementNaiveBayesKind,
  gaussianNaiveBayesKind,
  multinomialNaiveBayesKind,
  elasticNetKind,
  factorisationMachineClassifierKind,
  factorisationMachineRegressorKind,
  leastSquaresKind,
  linearSvrKind,
] as const;

/** Every estimator, by kind. */
const estimators: ReadonlyMap<string, RecommenderKind | TabularKind> = new Map(
  [...recommenders, ...tabular].map((kind) => [kind.kind, kind as RecommenderKind | TabularKind]),
);

/** What an estimator declares of itself, for pages, forms and search spaces. */
export interface EstimatorDescription {
  readonly kind: string;
  readonly family: Family | 'recommenders';
  readonly roles: readonly (Role | 'recommender')[];
  readonly summary: string;
  readonly constraints: Constraints;
  /** The forms of data that it is fitted to. */
  readonly accepts: readonly (Form | 'interactions')[];
  /** Whether NaN may stand for a missing number. */
  readonly missing: boolean;
  /** Whether its models can be written as ONNX. */
  readonly onnx: boolean;
}

/** The estimators there are. */
export function describeEstimators(): readonly EstimatorDescription[] {
  return Array.from(estimators.values(), (kind) => ({
    kind: kind.kind,
    family: 'family' in kind ? kind.family : 'recommenders',
    roles: 'roles' in kind ? kind.roles : ['recommender'],
    summary: kind.summary,
    constraints: kind.constraints,
    accepts: 'accepts' in kind ? kind.accepts : ['interactions'],
    missing: 'missing' in kind && kind.missing,
    onnx: 'onnx' in kind,
  }));
}

/** The estimator of a kind; throws `UnknownEstimator`. */
export function kindOf(kind: string): RecommenderKind | TabularKind {
  const found = estimators.get(kind);
  if (!found) throw new UnknownEstimator(kind, [...estimators.keys()]);
  return found;
}

/** The recommender of a kind; throws `UnknownEstimator`, or `InvalidModel` for one of rows. */
export function recommenderKindOf(kind: string): RecommenderKind {
  const found = kindOf(kind);
  if ('recommend' in found) return found;
  throw new InvalidModel(`${kind} is no recommender`);
}

/** The estimator of rows of a kind; throws `UnknownEstimator`, or `InvalidModel` for a recommender. */
export function tabularKindOf(kind: string): TabularKind {
  const found = kindOf(kind);
  if (!('recommend' in found)) return found;
  throw new InvalidModel(`${kind} is a recommender`);
}
