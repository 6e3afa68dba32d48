import { BacklotError, type Digest } from '@backlot/core';

/** A feature view or a training set that cannot be meant as it is written. */
export class BadFeatureView extends BacklotError {
  constructor(place: string, reason: string) {
    super({ code: 'E-FEATURES-001', kind: 'usage', reason, place });
  }
}

/** A model asks for a version of a view that is not the one served. */
export class FeatureVersionRefused extends BacklotError {
  constructor(view: string, wanted: string, served: Digest) {
    super({
      code: 'E-FEATURES-002',
      kind: 'conflict',
      reason: `view ${view} is served as ${short(served)}, asked for was ${short(wanted)}`,
      place: `features/${view}`,
      mend: 'use a model that was fitted with the served version, or serve the version of the model',
    });
  }
}

/** There is no feature view of that name. */
export class UnknownFeatureView extends BacklotError {
  constructor(known: readonly string[]) {
    super({
      code: 'E-FEATURES-003',
      kind: 'notFound',
      reason: `there is no such feature view; there are ${known.join(', ') || 'none'}`,
      mend: "add it to the project's features",
    });
  }
}

/** Rows that cannot be events of a view. */
export class BadEvent extends BacklotError {
  constructor(row: number, column: string, reason: string) {
    super({ code: 'E-FEATURES-004', kind: 'usage', reason, place: `rows.${row}.${column}` });
  }
}

/** A value of a feature that a served row has no room for. */
export class ValueTooLarge extends BacklotError {
  constructor(bytes: number) {
    super({
      code: 'E-FEATURES-007',
      kind: 'usage',
      reason: `a value of a feature takes ${bytes} bytes; ${1 << 20} are allowed`,
      mend: 'bound the texts in the contract, or keep fewer of them',
    });
  }
}

/** The store of online values cannot be reached or answers what it must not. */
export class OnlineStoreFailed extends BacklotError {
  constructor(what: string, cause?: unknown) {
    super({
      code: 'E-FEATURES-005',
      kind: 'unreachable',
      reason: `the online store failed to ${what}`,
      cause,
      mend: 'check that it runs and can be reached, then do it again',
    });
  }
}

/** Another build of the same view is at work. */
export class BuildUnderWay extends BacklotError {
  constructor(view: string) {
    super({
      code: 'E-FEATURES-006',
      kind: 'conflict',
      reason: `view ${view} is being built already`,
      place: `features/${view}`,
    });
  }
}

function short(digest: string): string {
  return /^sha256:[0-9a-f]{64}$/.test(digest) ? digest.slice(7, 15) : 'no digest';
}
