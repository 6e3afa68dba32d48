import { BacklotError } from '@backlot/core';

/** Every expected failure of serving. */
export class ServingError extends BacklotError {}

/** Bytes that are no recommender bundle of ours; the place says which part. */
export class BundleRefused extends ServingError {
  constructor(place: string, why: string) {
    super({
      code: 'E-SERVING-001',
      kind: 'refused',
      reason: `the model bundle is refused: ${place} ${why}`,
      place,
    });
  }
}

/** A request that cannot be answered as asked. */
export class BadRequest extends ServingError {
  constructor(reason: string, place?: string) {
    super({
      ...{ code: 'E-SERVING-002', kind: 'usage', reason },
      ...(place !== undefined && { place }),
    });
  }
}

/** The endpoint holds no model. */
export class NotServing extends ServingError {
  constructor(endpoint: string, why: string) {
    super({
      code: 'E-SERVING-003',
      kind: 'unreachable',
      reason: `endpoint ${endpoint} serves nothing: ${why}`,
      mend: 'backlot approve, then deploy the approved version',
    });
  }
}

/** No endpoint of that name here, or none that serves that version. */
export class UnknownEndpoint extends ServingError {
  constructor() {
    super({
      ...{ code: 'E-SERVING-008', kind: 'notFound' },
      reason: 'there is no endpoint of that name here, or it serves another version',
    });
  }
}

/** The model answered with something that must not leave: not finite, repeated, too many. */
export class AnswerRefused extends ServingError {
  constructor(why: string) {
    super({
      code: 'E-SERVING-004',
      kind: 'failed',
      reason: `the model's answer is not served: ${why}`,
      mend: 'roll back to an earlier deployment',
    });
  }
}

/** A prediction that is not in the log: never made, or past its retention. */
export class PredictionMissing extends ServingError {
  constructor() {
    super({
      code: 'E-SERVING-005',
      kind: 'notFound',
      reason: 'no prediction of that id is kept here; predictions are kept for a bounded time',
    });
  }
}

/** A logged prediction whose bytes no longer match their checksum. */
export class PredictionDamaged extends ServingError {
  constructor(place: string) {
    super({
      ...{ code: 'E-SERVING-006', kind: 'failed', place },
      reason: 'the logged prediction no longer matches its checksum',
    });
  }
}

/** The prediction log cannot take more now; nothing was answered. */
export class LogUnavailable extends ServingError {
  constructor(why: string, cause?: unknown) {
    super({
      ...{ code: 'E-SERVING-007', kind: 'unreachable', cause },
      reason: `the prediction cannot be logged, so it is not answered: ${why}`,
      mend: 'free some space, or ask again later',
    });
  }
}
