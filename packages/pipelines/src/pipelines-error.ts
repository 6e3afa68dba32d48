import { BacklotError } from '@backlot/core';

/** Every expected failure of pipelines. */
export class PipelinesError extends BacklotError {}

/** A task, pipeline or artifact kind that is written wrong; it shows when its module is loaded. */
export class BadDefinition extends PipelinesError {
  constructor(place: string, reason: string) {
    super({ code: 'E-PIPELINES-001', kind: 'config', reason, place });
  }
}

/** Parameters of a run or of a task that its schema refuses. */
export class BadParameters extends PipelinesError {
  constructor(place: string, reason: string) {
    super({
      code: 'E-PIPELINES-002',
      kind: 'usage',
      reason: `the parameters do not fit: ${reason}`,
      place,
    });
  }
}

/** A text that is no task reference. */
export class BadTaskReference extends PipelinesError {
  constructor() {
    super({
      code: 'E-PIPELINES-003',
      kind: 'usage',
      reason: 'a task reference is <workspace>/<pipeline>@<plan digest>/<task>[#<shard>]',
    });
  }
}

/** An attempt that is no longer the newest, or has ended: what it says comes too late. */
export class StaleAttempt extends PipelinesError {
  constructor(attempt: string, found: string) {
    super({
      code: 'E-PIPELINES-004',
      kind: 'conflict',
      reason: `the attempt ${attempt} cannot go on: it ${found}`,
    });
  }
}

/** A run or task is not in a state from which it could be moved so. */
export class IllegalMove extends PipelinesError {
  constructor(what: string, found: string, wanted: string) {
    super({
      code: 'E-PIPELINES-005',
      kind: 'conflict',
      reason: `${what} is ${found} and cannot become ${wanted}`,
    });
  }
}

/** A run, task, attempt, pipeline or source that is not here. */
export class NotFound extends PipelinesError {
  constructor(what: string) {
    super({ code: 'E-PIPELINES-006', kind: 'notFound', reason: `there is no ${what} here` });
  }
}

/** The pipeline's plan is another one than the run began with. */
export class PlanChanged extends PipelinesError {
  constructor(pipeline: string) {
    super({
      code: 'E-PIPELINES-007',
      kind: 'conflict',
      reason: `the plan of ${pipeline} changed since the run began`,
      mend: `backlot run ${pipeline}`,
    });
  }
}

/** A module that a task imports cannot be found, so that its version is unknown. */
export class UnresolvedImport extends PipelinesError {
  constructor(place: string, specifier: string, cause?: unknown) {
    super({
      code: 'E-PIPELINES-008',
      kind: 'config',
      reason: `${specifier} cannot be resolved`,
      place,
      cause,
    });
  }
}

/** What a task handed over does not fit what it declares, or what the owner can apply. */
export class BadCommit extends PipelinesError {
  constructor(place: string, reason: string) {
    super({ code: 'E-PIPELINES-009', kind: 'refused', reason, place });
  }
}

/** The owner did not answer, or not in its protocol. Trying again may help. */
export class ControlUnreachable extends PipelinesError {
  constructor(reason: string, cause?: unknown) {
    super({ code: 'E-PIPELINES-010', kind: 'unreachable', reason, cause });
  }
}

/** A task ended in a way that its executor can only describe. */
export class TaskEnded extends PipelinesError {
  constructor(place: string, reason: string) {
    super({ code: 'E-PIPELINES-011', kind: 'failed', reason, place });
  }
}

/** What the owner answered with, as it was said. */
export class ControlRefused extends PipelinesError {}
