import { BacklotError } from '@backlot/core';

/** The base of what can go wrong in computing. */
export class ComputeError extends BacklotError {}

/** The WebAssembly kernels were not built. */
export class KernelsNotBuilt extends ComputeError {
  constructor(cause: unknown) {
    super({
      code: 'E-COMPUTE-001',
      kind: 'config',
      reason: 'the WebAssembly kernels are not built',
      mend: 'npm run prepare',
      cause,
    });
  }
}

/** More memory was asked for than the kernels can address or the machine gives. */
export class OutOfMemory extends ComputeError {
  constructor(bytes: number, cause?: unknown) {
    super({
      code: 'E-COMPUTE-002',
      kind: 'failed',
      reason: `the kernels need ${bytes} bytes; at most 4 GiB can be addressed and this machine gave less than asked`,
      mend: 'use fewer factors or rows, or a machine with more memory',
      cause,
    });
  }
}

/** A worker thread stopped or threw while it computed. */
export class WorkerFailed extends ComputeError {
  constructor(reason: string, cause?: unknown) {
    super({
      code: 'E-COMPUTE-003',
      kind: 'failed',
      reason: `a worker thread failed: ${reason}`,
      cause,
    });
  }
}

/** A matrix that must be positive definite is not. */
export class NotPositiveDefinite extends ComputeError {
  readonly pivot: number;

  constructor(pivot: number) {
    super({
      code: 'E-COMPUTE-004',
      kind: 'refused',
      reason: `the matrix is not positive definite at row ${pivot}`,
      mend: 'raise the regularisation',
    });
    this.pivot = pivot;
  }
}

/** Bytes that are no ONNX file, or one with parts that are not taken from others. */
export class InvalidOnnx extends ComputeError {
  constructor(reason: string) {
    super({ code: 'E-COMPUTE-006', kind: 'refused', reason: `not a valid ONNX file: ${reason}` });
  }
}

/** ONNX Runtime did not take or run a graph. */
export class OnnxFailed extends ComputeError {
  constructor(reason: string, cause?: unknown) {
    const detail = cause instanceof Error ? `: ${cause.message.slice(0, 500)}` : '';
    super({ code: 'E-COMPUTE-007', kind: 'failed', reason: `${reason}${detail}`, cause });
  }
}

/** A tensor expression whose shapes or types do not fit, found as it is built. */
export class InvalidExpression extends ComputeError {
  constructor(op: string, reason: string) {
    super({ code: 'E-COMPUTE-008', kind: 'usage', reason: `${op}: ${reason}`, place: op });
  }
}

/** A parameter that no distribution of that kind has. */
export class InvalidDistribution extends ComputeError {
  constructor(kind: string, name: string, value: number, allowed: string) {
    super({
      code: 'E-COMPUTE-009',
      kind: 'usage',
      reason: `${kind}: ${name} is ${value}; it must be ${allowed}`,
      place: name,
    });
  }
}

/** Two ends of a root's bracket at which the function has the same sign. */
export class NotBracketed extends ComputeError {
  constructor(lower: number, upper: number, atLower: number, atUpper: number) {
    super({
      code: 'E-COMPUTE-010',
      kind: 'usage',
      reason:
        `the function is ${atLower} at ${lower} and ${atUpper} at ${upper}; ` +
        'its signs must differ, or one value be 0',
      mend: 'widen the bracket until the function changes its sign in it',
    });
  }
}

/** A function that has no finite value where an optimiser needs one. */
export class NotFinite extends ComputeError {
  constructor(optimiser: string, at?: number) {
    super({
      code: 'E-COMPUTE-011',
      kind: 'usage',
      reason: `${optimiser}: the function or its derivatives are not finite at ${at ?? 'the start'}`,
      mend: 'start where the function is finite, or narrow the range',
    });
  }
}
