export {
  ComputeError,
  KernelsNotBuilt,
  NotPositiveDefinite,
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
export { type MatrixShape, multiply, packSquare } from './multiply.ts';
export type {
  OnnxAttribute,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxType,
  OnnxValue,
} from './onnx/onnx-graph.ts';
export { packedBytes, packRows, plainBest, type RankQuery, rank, rankScratch } from './rank.ts';
export {
  type RowSystem,
  type SolveOptions,
  type SolveScratch,
  solveRows,
  solveScratch,
} from './solve-rows.ts';
export { type SymmetricEigen, symmetricEigen } from './symmetric-eigen.ts';
