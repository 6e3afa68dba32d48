export {
  ComputeError,
  InvalidOnnx,
  KernelsNotBuilt,
  NotPositiveDefinite,
  OnnxFailed,
  OutOfMemory,
  WorkerFailed,
} from './error.ts';
export { inverseFactor, plainInverseFactor } from './factor.ts';
export { gram } from './gram.ts';
export {
  type KernelSession,
  openKernels,
  type Region,
  type SessionOptions,
} from './kernel-session.ts';
export {
  type Cholesky,
  cholesky,
  choleskyInverse,
  choleskyLogDeterminant,
  choleskySolve,
} from './linear-algebra/cholesky.ts';
export type { DenseMatrix } from './linear-algebra/dense-matrix.ts';
export {
  type LeastSquaresOptions,
  type LeastSquaresSolution,
  leastSquares,
} from './linear-algebra/least-squares.ts';
export { applyQ, applyQTransposed, orthonormalColumns, type Qr, qr } from './linear-algebra/qr.ts';
export {
  solveLower,
  solveLowerTransposed,
  solveUpper,
  solveUpperTransposed,
} from './linear-algebra/triangular.ts';
export { type MatrixShape, multiply, packSquare } from './multiply.ts';
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
export { type OnnxOptions, type OnnxSession, openGraph } from './onnx/onnx-session.ts';
export { type MinimiseOptions, minimise, minimiseAsync } from './optimisers/lbfgs.ts';
export type {
  AsyncObjective,
  IterationProgress,
  Minimum,
  Objective,
  StopOptions,
  StopReason,
} from './optimisers/minimum.ts';
export { packedBytes, packRows, plainBest, type RankQuery, rank, rankScratch } from './rank.ts';
export {
  type RowSystem,
  type SolveOptions,
  type SolveScratch,
  solveRows,
  solveScratch,
} from './solve-rows.ts';
export { type SymmetricEigen, symmetricEigen } from './symmetric-eigen.ts';
