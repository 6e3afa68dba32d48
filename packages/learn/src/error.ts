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

/** Rows to learn from or to predict for that break their rules: lengths, ranges, form, NaN. */
export class InvalidExamples extends LearnError {
  constructor(reason: string) {
    super({
      code: 'E-LEARN-007',
      kind: 'refused',
      reason: `the examples are not valid: ${reason}`,
    });
  }
}

/** A verb that the model's estimator does not have. */
export class UnsupportedVerb extends LearnError {
  constructor(kind: string, verb: string, reason?: string) {
    super({
      code: 'E-LEARN-008',
      kind: 'usage',
      reason: `${kind} cannot ${verb}${reason ? `: ${reason}` : ''}`,
      place: kind,
    });
  }
}

/** A fit that went to no solution: it diverged, or its numbers left the range of doubles. */
export class NotConverged extends LearnError {
  constructor(kind: string, reason: string, mend: string) {
    super({
      code: 'E-LEARN-009',
      kind: 'failed',
      reason: `${kind} found no solution: ${reason}`,
      mend,
    });
  }
}

/** A fit whose bound on memory is above the limit that it was given; nothing was fitted. */
export class MemoryExceeded extends LearnError {
  /** Bytes. */
  readonly needed: number;
  readonly limit: number;

  constructor(kind: string, needed: number, limit: number) {
    const [asked, allowed] = [needed, limit].map((bytes) => `${Math.ceil(bytes / 2 ** 20)} MiB`);
    super({
      code: 'E-LEARN-020',
      kind: 'refused',
      reason: `${kind} may hold ${asked} beside the data; memoryLimit allows ${allowed}`,
      place: kind,
      mend: 'raise memoryLimit, fit fewer rows, or choose smaller parameters',
    });
    this.needed = needed;
    this.limit = limit;
  }
}
