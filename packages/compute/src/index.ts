export { type CentredRows, centredRows } from './clustering/centred-rows.ts';
export { type Assignment, LloydRounds } from './clustering/lloyd-rounds.ts';
export { type Scatter, scatterOf } from './clustering/scatter.ts';
export { type CoOccurrence, coOccurrence } from './co-occurrence/co-occurrence.ts';
export {
  type ColumnWeights,
  type ColumnWeightsOptions,
  columnWeights,
} from './co-occurrence/column-weights.ts';
export { betaDistribution } from './distributions/beta.ts';
export {
  binomialDistribution,
  negativeBinomialDistribution,
  poissonDistribution,
} from './distributions/counts.ts';
export type {
  ContinuousDistribution,
  DiscreteDistribution,
  Distribution,
} from './distributions/distribution.ts';
export { fDistribution } from './distributions/fisher-f.ts';
export { chiSquareDistribution, gammaDistribution } from './distributions/gamma-family.ts';
export { hypergeometricDistribution } from './distributions/hypergeometric.ts';
export { kolmogorovDistribution } from './distributions/kolmogorov.ts';
export {
  laplaceDistribution,
  logisticDistribution,
  uniformDistribution,
} from './distributions/location-scale.ts';
export { logNormalDistribution } from './distributions/log-normal.ts';
export { noncentralChiSquareDistribution } from './distributions/noncentral-chi-square.ts';
export { noncentralFDistribution } from './distributions/noncentral-f.ts';
export { noncentralTDistribution } from './distributions/noncentral-t.ts';
export { normalDistribution } from './distributions/normal.ts';
export { studentTDistribution } from './distributions/student-t.ts';
export { studentisedRangeDistribution } from './distributions/studentised-range.ts';
export { exponentialDistribution, weibullDistribution } from './distributions/weibull.ts';
export {
  ComputeError,
  InvalidDistribution,
  InvalidExpression,
  InvalidOnnx,
  KernelsNotBuilt,
  NotBracketed,
  NotFinite,
  NotPositiveDefinite,
  OnnxFailed,
  OutOfMemory,
  WorkerFailed,
} from './error.ts';
export { inverseFactor, plainInverseFactor } from './factor.ts';
export {
  type SweepScratch,
  sweepBlocks,
  sweepScratch,
} from './factorisation/block-sweep.ts';
export { type ConstrainedModel, constrainedEpoch } from './factorisation/constrained-steps.ts';
export {
  type MachineProblem,
  MachineSweeps,
  machineWidth,
} from './factorisation/machine-sweep.ts';
export { PairCells } from './factorisation/pair-cells.ts';
export { type PairwiseModel, pairwiseEpoch } from './factorisation/pairwise-steps.ts';
export { gram } from './gram.ts';
export {
  absolute,
  add,
  clamp,
  divide,
  erf,
  exp,
  gelu,
  greater,
  log,
  multiplyElements,
  negate,
  relu,
  sigmoid,
  sign,
  silu,
  softplus,
  sqrt,
  square,
  stopGradient,
  subtract,
  tanh,
  where,
} from './graph/elementwise.ts';
export { constant, type Expression, input, parameter, scalar } from './graph/expression.ts';
export { gradients } from './graph/gradients.ts';
export {
  concat,
  embedding,
  pad,
  pick,
  reshape,
  slice,
  stretch,
  transposeAxes,
} from './graph/layout.ts';
export { convolve, dense, type MatmulOptions, matmul } from './graph/linear.ts';
export {
  attention,
  crossEntropy,
  dropout,
  dropoutMask,
  type GruWeights,
  gruStep,
  layerNormalise,
  logSoftmax,
  rmsNormalise,
  softmax,
  standardise,
} from './graph/network.ts';
export { adagrad, adam, adamW, type Optimiser, sgd } from './graph/optimiser.ts';
export {
  type ClippedGradients,
  clippedGradients,
  perExampleGradients,
  perExampleNorms,
} from './graph/per-example.ts';
export { type PrintOptions, printGraph } from './graph/print-graph.ts';
export { maximum, mean, sum } from './graph/reduce.ts';
export { type SampledLossOptions, sampledCrossEntropy } from './graph/sampled-loss.ts';
export { rateAt, type Schedule } from './graph/schedule.ts';
export type { Shape, Size } from './graph/shape.ts';
export { type Start, startValues } from './graph/start-values.ts';
export {
  type Checkpoint,
  type Feeds,
  openTraining,
  type StepResult,
  type Training,
  type TrainingOptions,
  type TrainingPlan,
} from './graph/training.ts';
export type { TrainedParameter } from './graph/training-slot.ts';
export {
  type KernelSession,
  openKernels,
  type Region,
  type SessionOptions,
} from './kernel-session.ts';
export { type DualProblem, type DualSolution, dualDescent } from './linear/dual-descent.ts';
export type { LinearRows, LossQuery } from './linear/linear-rows.ts';
export { openRows } from './linear/open-rows.ts';
export type { RowLoss } from './linear/row-loss.ts';
export { outputStride, ScoreLosses, type ScoreQuery } from './linear/score-losses.ts';
export {
  type Cholesky,
  cholesky,
  choleskyInverse,
  choleskyLogDeterminant,
  choleskySolve,
} from './linear-algebra/cholesky.ts';
export {
  type ConjugateGradientOptions,
  conjugateGradient,
  type IterativeSolution,
} from './linear-algebra/conjugate-gradient.ts';
export {
  invertStrips,
  type SymmetricStrips,
  stripRows,
  symmetricStrips,
} from './linear-algebra/definite-inverse.ts';
export type { DenseMatrix } from './linear-algebra/dense-matrix.ts';
export { multiplyDense, multiplyDenseTransposed } from './linear-algebra/dense-product.ts';
export {
  type LeastSquaresOptions,
  type LeastSquaresSolution,
  leastSquares,
} from './linear-algebra/least-squares.ts';
export {
  centredOperator,
  denseOperator,
  type LinearOperator,
  sparseOperator,
} from './linear-algebra/linear-operator.ts';
export { type LsmrOptions, type LsmrSolution, lsmr } from './linear-algebra/lsmr.ts';
export { multiplyMatrices } from './linear-algebra/multiply-matrices.ts';
export { applyQ, applyQTransposed, orthonormalColumns, type Qr, qr } from './linear-algebra/qr.ts';
export {
  type AsyncOperator,
  productsOperator,
  type RandomisedSvdOptions,
  randomisedSvd,
  randomisedSvdAsync,
} from './linear-algebra/randomised-svd.ts';
export {
  multiplySparse,
  multiplySparseTransposed,
  type SparseMatrix,
  transposeSparse,
} from './linear-algebra/sparse-matrix.ts';
export {
  openSparseProducts,
  type SparseProducts,
} from './linear-algebra/sparse-products.ts';
export { type Svd, svd } from './linear-algebra/svd.ts';
export {
  solveLower,
  solveLowerTransposed,
  solveUpper,
  solveUpperTransposed,
} from './linear-algebra/triangular.ts';
export { type MatrixShape, multiply, packSquare } from './multiply.ts';
export {
  addToHnsw,
  buildHnsw,
  type HnswBuildOptions,
  type HnswOptions,
} from './neighbours/build-hnsw.ts';
export {
  type CandidateQuery,
  findHnsw,
  type HnswQuery,
  type HnswSearcher,
  hnswCandidates,
  openHnsw,
} from './neighbours/find-hnsw.ts';
export type { Coding, HnswGraph } from './neighbours/hnsw-graph.ts';
export { type Metric, type NearestQuery, nearest } from './neighbours/nearest.ts';
export type { Neighbours } from './neighbours/neighbours.ts';
export { decodeOnnx, type OnnxLimits } from './onnx/decode-onnx.ts';
export { encodeOnnx } from './onnx/encode-onnx.ts';
export type {
  OnnxAttribute,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxType,
  OnnxValue,
} from './onnx/onnx-graph.ts';
export {
  type OnnxOptions,
  type OnnxSession,
  openGraph,
} from './onnx/onnx-session.ts';
export {
  type BrentOptions,
  type BrentSolution,
  brentMinimum,
  brentRoot,
} from './optimisers/brent.ts';
export { type CentredSparse, centredSparse } from './optimisers/centred-sparse.ts';
export type { ElasticNetOptions, ElasticNetSolution } from './optimisers/coordinate-descent.ts';
export { type DesignColumns, denseColumns, sparseColumns } from './optimisers/design-columns.ts';
export {
  elasticNet,
  elasticNetFromProducts,
  elasticNetSparse,
  type NormalProducts,
} from './optimisers/elastic-net.ts';
export { type MinimiseOptions, minimise, minimiseAsync } from './optimisers/lbfgs.ts';
export { type BoundedOptions, lbfgsb, lbfgsbAsync } from './optimisers/lbfgsb.ts';
export {
  type CurveFit,
  type CurveOptions,
  levenbergMarquardt,
} from './optimisers/levenberg-marquardt.ts';
export type {
  AsyncObjective,
  IterationProgress,
  Minimum,
  Objective,
  StopOptions,
  StopReason,
} from './optimisers/minimum.ts';
export {
  type NelderMeadOptions,
  nelderMead,
  type SimplexMinimum,
} from './optimisers/nelder-mead.ts';
export { type NewtonOptions, newton } from './optimisers/newton.ts';
export { drawBeta, drawBinomial, drawGamma, drawPoisson } from './random/draw.ts';
export { type RandomStream, randomStream, type StreamPart } from './random/random-stream.ts';
export {
  type AliasTable,
  aliasTable,
  permutation,
  sampleDistinct,
  sampleWeighted,
} from './random/sample.ts';
export { packedBytes, packRows, plainBest, type RankQuery, rank, rankScratch } from './rank.ts';
export {
  type RowSystem,
  type SolveOptions,
  type SolveScratch,
  solveRows,
  solveScratch,
} from './solve-rows.ts';
export { besselI0Scaled, besselI1Scaled } from './special/bessel.ts';
export { bivariateNormalCdf } from './special/bivariate-normal.ts';
export { digamma } from './special/digamma.ts';
export { erfc, erfcx, errorFunction, logErfc } from './special/error-function.ts';
export { gamma } from './special/gamma.ts';
export {
  betaI,
  betaIComplement,
  logBetaI,
  logBetaIComplement,
} from './special/incomplete-beta.ts';
export {
  betaIComplementInverse,
  betaIInverse,
  logBetaIComplementInverse,
  logBetaIInverse,
} from './special/incomplete-beta-inverse.ts';
export { gammaP, gammaQ, logGammaP, logGammaQ } from './special/incomplete-gamma.ts';
export {
  gammaPInverse,
  gammaQInverse,
  logGammaPInverse,
  logGammaQInverse,
} from './special/incomplete-gamma-inverse.ts';
export { logBeta } from './special/log-beta.ts';
export { log1mExp, log1pExp, logSumExp } from './special/log-exp.ts';
export { logGamma, logGamma1p, logGammaRise } from './special/log-gamma.ts';
export { log1pmx } from './special/log1pmx.ts';
export { logNormalCdf, normalCdf } from './special/normal-cdf.ts';
export { normalQuantile, normalQuantileLog } from './special/normal-quantile.ts';
export { trigamma } from './special/trigamma.ts';
export { type SymmetricEigen, symmetricEigen } from './symmetric-eigen.ts';
export { type BinnedTable, binTable } from './trees/binned-table.ts';
export { type ForestLimits, ForestTrainer } from './trees/forest-trainer.ts';
export type { ForestTree } from './trees/forest-tree.ts';
export type { GrownLeaf, GrownNode, GrownTree } from './trees/grown-tree.ts';
export { denseSource, sparseSource, type TableSource } from './trees/table-source.ts';
export { type GrowLimits, TreeTrainer } from './trees/tree-trainer.ts';
export { type NumberTrees, walkTrees, walkTreesOn } from './trees/walk-trees.ts';
