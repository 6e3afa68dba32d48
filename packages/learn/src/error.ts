import { BacklotError } from '@backlot/core';

/** The base of what can go wrong in learning. */
export class LearnError extends BacklotError {}

/** Interactions that break their rules: lengths, ranges, order, NaN. */
export class InvalidInteractions extends LearnError {
  constructor(reason: string, place?: string) {
    super({
      code: 'E-LEARN-001',
      kind: 'refused',
      reason: `interactions are not valid: ${reason}`,
      ...(place !== undefined && { place }),
    });
  }
}

/** Nothing to learn from. */
export class EmptyInput extends LearnError {
  constructor(what: string) {
    super({
      code: 'E-LEARN-002',
      kind: 'refused',
      reason: `${what} is empty; at least one is needed`,
    });
  }
}

/** A hyper-parameter outside its constraint. */
export class InvalidParameter extends LearnError {
  readonly parameter: string;

  constructor(estimator: string, parameter: string, reason: string) {
    super({
      code: 'E-LEARN-003',
      kind: 'usage',
      reason: `${parameter} of ${estimator} ${reason}`,
      place: `${estimator}.${parameter}`,
    });
    this.parameter = parameter;
  }
}

/** Bytes that are not a fitted model, or a model whose parts do not fit together. */
export class InvalidModel extends LearnError {
  constructor(reason: string, cause?: unknown) {
    super({ code: 'E-LEARN-004', kind: 'refused', reason: `not a valid model: ${reason}`, cause });
  }
}

/** An argument of a verb that is out of its range. */
export class InvalidArgument extends LearnError {
  constructor(name: string, reason: string) {
    super({ code: 'E-LEARN-005', kind: 'usage', reason: `${name} ${reason}`, place: name });
  }
}

/** An estimator's kind that nothing here knows. */
export class UnknownEstimator extends LearnError {
  constructor(kind: string, known: readonly string[]) {
    super({
      code: 'E-LEARN-006',
      kind: 'usage',
      reason: `no estimator is called ${JSON.stringify(kind.slice(0, 60))}; there are ${known.join(', ')}`,
    });
  }
}
