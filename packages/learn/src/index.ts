export { type Constant, constant } from './baseline/constant.ts';
export {
  type CalibratedClassifier,
  calibratedClassifier,
} from './calibration/calibrated-classifier.ts';
export {
  conformalIntervals,
  conformalMargin,
  conformalQuantiles,
  conformalSets,
  type Intervals,
} from './calibration/conformal.ts';
export { fitIsotonic, type Isotonic, isotonicAt } from './calibration/isotonic.ts';
export { fitPlatt, type Platt, plattAt } from './calibration/platt.ts';
export { chooseThreshold, type ThresholdAim } from './calibration/threshold.ts';
export { type Agglomerative, agglomerative } from './clustering/agglomerative.ts';
export { type Dbscan, dbscan } from './clustering/dbscan.ts';
export { type GaussianMixture, gaussianMixture } from './clustering/gaussian-mixture.ts';
export { type Hdbscan, hdbscan } from './clustering/hdbscan.ts';
export { type KMeans, kMeans } from './clustering/k-means.ts';
export { type MiniBatchKMeans, miniBatchKMeans } from './clustering/mini-batch-k-means.ts';
export { type Spectral, spectral } from './clustering/spectral.ts';
export { type Chain, chain } from './composition/chain.ts';
export { type Columns, columns } from './composition/columns.ts';
export type { Constraint, Constraints, Parameters, ParameterValue } from './constraint.ts';
export { describeConstraint } from './constraint.ts';
export { type AudioFeaturesOptions, audioFeatures } from './content/audio/audio-features.ts';
export {
  type DuplicateRecordings,
  type DuplicateRecordingsOptions,
  duplicateRecordings,
  type FingerprintMatch,
  type MatchOptions,
  matchFingerprints,
} from './content/audio/duplicate-recordings.ts';
export { type Fingerprint, fingerprint } from './content/audio/fingerprint.ts';
export { type Loudness, loudness } from './content/audio/loudness.ts';
export { type LogMelOptions, logMel, type MelOptions, mfcc } from './content/audio/mel.ts';
export { resample } from './content/audio/resample.ts';
export type { Samples } from './content/audio/samples.ts';
export {
  type SoundFaults,
  type SoundFaultsOptions,
  type Span,
  soundFaults,
} from './content/audio/sound-faults.ts';
export { type FrameOptions, powerSpectrogram } from './content/audio/spectra.ts';
export { truePeak } from './content/audio/true-peak.ts';
export { type ContentVector, contentRows } from './content/content-rows.ts';
export { duplicateGroups } from './content/duplicate-groups.ts';
export { type Colour, dominantColours } from './content/image/dominant-colours.ts';
export { type ImageFeaturesOptions, imageFeatures } from './content/image/image-features.ts';
export {
  type NearDuplicateImagesOptions,
  nearDuplicateImages,
} from './content/image/near-duplicate-images.ts';
export {
  hammingDistance,
  type PerceptualHashOptions,
  perceptualHash,
} from './content/image/perceptual-hash.ts';
export type { Pixels } from './content/image/pixels.ts';
export { type ResizeOptions, resizePixels } from './content/image/resize-pixels.ts';
export { type FourierFeatures, fourierFeatures } from './decomposition/fourier-features.ts';
export {
  fitIncrementalPca,
  type IncrementalPca,
  incrementalPca,
} from './decomposition/incremental-pca.ts';
export { type Nmf, nmf } from './decomposition/nmf.ts';
export { type Pca, pca } from './decomposition/pca.ts';
export { type Topics, topics } from './decomposition/topics.ts';
export { type TruncatedSvd, truncatedSvd } from './decomposition/truncated-svd.ts';
export { type Tsne, tsne } from './decomposition/tsne.ts';
export {
  causalBias,
  type MultiHeadOptions,
  multiHeadAttention,
  paddingBias,
} from './deep/attention-layer.ts';
export { type Autoencoder, autoencoder } from './deep/autoencoder.ts';
export {
  type ConsistencyClassifier,
  consistencyClassifier,
} from './deep/consistency-classifier.ts';
export {
  type EmbeddingClassifier,
  type EmbeddingRegressor,
  embeddingClassifier,
  embeddingRegressor,
} from './deep/entity-embeddings.ts';
export { gru } from './deep/gru-layer.ts';
export {
  type Activation,
  activation,
  convolution,
  dropoutLayer,
  embeddingTable,
  type LinearOptions,
  layerNorm,
  linear,
  rmsNorm,
  sequential,
} from './deep/layers.ts';
export { type MlpClassifier, type MlpRegressor, mlpClassifier, mlpRegressor } from './deep/mlp.ts';
export {
  type BoundModule,
  bindModule,
  defineModule,
  type Module,
  type ModuleScope,
  moduleParameters,
  type ParameterPlan,
  type ParameterValues,
  startParameters,
} from './deep/module.ts';
export { type MultVae, multVae } from './deep/mult-vae.ts';
export { type SasRec, sasRec } from './deep/sas-rec.ts';
export { type TextClassifier, textClassifier } from './deep/text-classifier.ts';
export {
  type Batches,
  type EarlyStopping,
  type TrainedModule,
  type TrainModuleOptions,
  trainModule,
} from './deep/train-module.ts';
export { type TwoTower, twoTower } from './deep/two-tower.ts';
export { type IsolationForest, isolationForest } from './detection/isolation-forest.ts';
export { decodeModel, decodeRecommender, encodeModel, type ModelLimits } from './encode-model.ts';
export {
  EmptyInput,
  InvalidArgument,
  InvalidExamples,
  InvalidInteractions,
  InvalidModel,
  InvalidParameter,
  LearnError,
  MemoryExceeded,
  NotConverged,
  UnknownEstimator,
  UnsupportedVerb,
} from './error.ts';
export { describeEstimators, type EstimatorDescription } from './estimators.ts';
export { exampleOf } from './example-of.ts';
export { type Examples, takeExamples, takeGroups } from './examples.ts';
export { type FairnessReport, fairness, type GroupTreatment } from './explanation/fairness.ts';
export { partialDependence } from './explanation/partial-dependence.ts';
export {
  type ColumnImportance,
  permutationImportance,
} from './explanation/permutation-importance.ts';
export {
  meanContributions,
  type TreeContributions,
  treeContributions,
} from './explanation/tree-contributions.ts';
export { type Features, type Field, type Frame, type Texts, takeRows } from './features.ts';
export { fit } from './fit.ts';
export { type FitSize, fitMemory } from './fit-memory.ts';
export type { FitOptions, Progress } from './fit-options.ts';
export {
  type FittedModel,
  isRecommender,
  type RecommenderModel,
  type TabularModel,
  type Tensor,
  type TensorType,
} from './fitted-model.ts';
export { type ElasticNet, elasticNet, lasso } from './linear/elastic-net.ts';
export {
  type GammaRegression,
  gammaRegression,
  type PoissonRegression,
  poissonRegression,
  type TweedieRegression,
  tweedieRegression,
} from './linear/generalised-linear.ts';
export { type LeastSquares, leastSquares } from './linear/least-squares.ts';
export { type LinearSvm, linearSvm } from './linear/linear-svm.ts';
export { type LinearSvr, linearSvr } from './linear/linear-svr.ts';
export { type LogisticRegression, logisticRegression } from './linear/logistic-regression.ts';
export { type Ridge, ridge } from './linear/ridge.ts';
export { densify, type Matrix, matrixFromRows, type SparseMatrix } from './matrix.ts';
export {
  accuracy,
  balancedAccuracy,
  brierScore,
  type ClassScores,
  classScores,
  confusionMatrix,
  logLoss,
  macroF1,
  matthewsCorrelation,
} from './metrics/classification.ts';
export {
  adjustedRandIndex,
  normalisedMutualInformation,
  silhouette,
} from './metrics/clusters.ts';
export {
  averagePrecision,
  macroAuc,
  type Reliability,
  reliability,
  rocAuc,
  type ThresholdCurve,
  thresholdCurve,
} from './metrics/curves.ts';
export {
  compareRows,
  type EvaluateRowsOptions,
  evaluateRows,
  type Measured,
  type RowsComparison,
  type RowsEvaluation,
} from './metrics/evaluate-rows.ts';
export { type MeasureName, measureNames, measureOf, usualMeasures } from './metrics/measure.ts';
export { groupNdcg, meanReciprocalRank, ndcg, type RankedGroups } from './metrics/ranking.ts';
export {
  gammaDeviance,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  medianAbsoluteError,
  pinballLoss,
  poissonDeviance,
  r2,
  rootMeanSquaredError,
} from './metrics/regression.ts';
export {
  type BernoulliNaiveBayes,
  bernoulliNaiveBayes,
} from './naive-bayes/bernoulli-naive-bayes.ts';
export {
  type ComplementNaiveBayes,
  complementNaiveBayes,
  type MultinomialNaiveBayes,
  multinomialNaiveBayes,
} from './naive-bayes/count-naive-bayes.ts';
export { type GaussianNaiveBayes, gaussianNaiveBayes } from './naive-bayes/gaussian-naive-bayes.ts';
export { type KNearestClassifier, kNearestClassifier } from './neighbours/k-nearest-classifier.ts';
export { type KNearestRegressor, kNearestRegressor } from './neighbours/k-nearest-regressor.ts';
export { type KernelDensity, kernelDensity } from './neighbours/kernel-density.ts';
export { type LocalOutlierFactor, localOutlierFactor } from './neighbours/local-outlier-factor.ts';
export type { FoundRows } from './neighbours/nearest-list.ts';
export { type NearestNeighbours, nearestNeighbours } from './neighbours/nearest-neighbours.ts';
export {
  addRows,
  type NearestRowsOptions,
  type NearestSearcher,
  nearestRows,
  openNearest,
} from './neighbours/nearest-rows.ts';
export { type Binner, binner } from './preprocessing/binner.ts';
export { type Imputer, imputer } from './preprocessing/imputer.ts';
export { type MinMaxScaler, minMaxScaler } from './preprocessing/min-max-scaler.ts';
export { type OneHotEncoder, oneHotEncoder } from './preprocessing/one-hot-encoder.ts';
export { type OrdinalEncoder, ordinalEncoder } from './preprocessing/ordinal-encoder.ts';
export { type RobustScaler, robustScaler } from './preprocessing/robust-scaler.ts';
export { type RowNormaliser, rowNormaliser } from './preprocessing/row-normaliser.ts';
export { type StandardScaler, standardScaler } from './preprocessing/standard-scaler.ts';
export { type TargetEncoder, targetEncoder } from './preprocessing/target-encoder.ts';
export { type AddItemsOptions, addItems } from './recommenders/cold-start/add-items.ts';
export {
  type EvaluateOptions,
  evaluateUsers,
  measureLists,
  type UserMetrics,
} from './recommenders/evaluate.ts';
export { type Bpr, bpr } from './recommenders/gradient/bpr.ts';
export {
  type FactorisationMachineClassifier,
  type FactorisationMachineRegressor,
  factorisationMachineClassifier,
  factorisationMachineRegressor,
} from './recommenders/gradient/factorisation-machine.ts';
export { type UltraGCN, ultraGCN } from './recommenders/gradient/ultra-gcn.ts';
export { type ImplicitALS, implicitALS } from './recommenders/implicit-als.ts';
export {
  checkInteractions,
  type Interactions,
  interactionsFromPairs,
  itemsOf,
  type Pairs,
  sequenceOf,
  transpose,
} from './recommenders/interactions.ts';
export { type ItemKnn, itemKnn } from './recommenders/item-knn.ts';
export { type Ease, ease } from './recommenders/linear-items/ease.ts';
export { type Slim, slim } from './recommenders/linear-items/slim.ts';
export {
  type CalibrateOptions,
  calibratedList,
  calibrationDivergence,
  categoryShares,
} from './recommenders/lists/calibrated-list.ts';
export { type CapExposureOptions, capExposure } from './recommenders/lists/cap-exposure.ts';
export { contentSimilarity } from './recommenders/lists/content-similarity.ts';
export { determinantalList } from './recommenders/lists/determinantal-list.ts';
export { type FuseOptions, fuseRanks } from './recommenders/lists/fuse-ranks.ts';
export {
  coverageOf,
  exposureGini,
  exposures,
  intraListDiversity,
} from './recommenders/lists/list-measures.ts';
export {
  type DiversifyOptions,
  maximalMarginalRelevance,
} from './recommenders/lists/maximal-marginal-relevance.ts';
export { type RankFusion, rankFusion } from './recommenders/lists/rank-fusion.ts';
export { rerank, type ScoredList, type Similarity } from './recommenders/lists/scored-list.ts';
export { popularity } from './recommenders/popularity.ts';
export {
  foldIn,
  type RecommendOneOptions,
  recommend,
  recommendOne,
  score,
} from './recommenders/recommend.ts';
export type {
  Recommendations,
  RecommendOptions,
  Subject,
} from './recommenders/recommender-kind.ts';
export {
  activityOf,
  comparePaired,
  type Estimate,
  type EvaluationSummary,
  type MetricSummary,
  type PairedDifference,
  type SummariseOptions,
  summarise,
} from './recommenders/summarise.ts';
export type { Axis, Space } from './selection/axis.ts';
export {
  type CrossValidateOptions,
  type CrossValidation,
  crossValidate,
} from './selection/cross-validate.ts';
export {
  type CurveEstimate,
  type LearningCurve,
  type LearningCurveOptions,
  type LearningPoint,
  learningCurve,
} from './selection/learning-curve.ts';
export {
  type SearchOptions,
  type SearchResult,
  type Strategy,
  searchParameters,
  type Trial,
} from './selection/search.ts';
export { type Split, type SplitInputs, type SplitPlan, splits } from './selection/splits.ts';
export { type CoTraining, coTraining } from './semi-supervised/co-training.ts';
export { spreadLabels } from './semi-supervised/graph-labels.ts';
export { type LabelPropagation, labelPropagation } from './semi-supervised/label-propagation.ts';
export { type LabelSpreading, labelSpreading } from './semi-supervised/label-spreading.ts';
export {
  type PositiveUnlabelled,
  positiveUnlabelled,
} from './semi-supervised/positive-unlabelled.ts';
export { type SelfTraining, selfTraining } from './semi-supervised/self-training.ts';
export type { Specification } from './specification.ts';
export {
  predict,
  predictProbabilities,
  scoreRows,
  transform,
} from './tabular-verbs.ts';
export { type EncodeRowsOptions, encodeRows } from './text/encode-rows.ts';
export { type HashedText, hashedText } from './text/hashed-text.ts';
export { type LanguageIdentifier, languageIdentifier } from './text/language-identifier.ts';
export { type MinHashOptions, minHash, type Signatures } from './text/min-hash.ts';
export {
  type NearDuplicatesOptions,
  nearDuplicates,
  type SimilarPairs,
} from './text/near-duplicates.ts';
export { type TfIdf, tfIdf } from './text/tf-idf.ts';
export { type TokeniseOptions, type TokenKind, tokenise } from './text/tokenise.ts';
export { toOnnx } from './to-onnx.ts';
export {
  type DecisionTreeClassifier,
  type DecisionTreeRegressor,
  decisionTreeClassifier,
  decisionTreeRegressor,
} from './trees/decision-tree.ts';
export {
  type ExtraTreesClassifier,
  type ExtraTreesRegressor,
  extraTreesClassifier,
  extraTreesRegressor,
} from './trees/extra-trees.ts';
export { type GradientBoosting, gradientBoosting } from './trees/gradient-boosting.ts';
export {
  type RandomForestClassifier,
  type RandomForestRegressor,
  randomForestClassifier,
  randomForestRegressor,
} from './trees/random-forest.ts';
