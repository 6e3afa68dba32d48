import { BacklotError } from '@backlot/core';

/** The object store did not answer, or not usefully, however often it was asked. */
export class ObjectStoreUnreachable extends BacklotError {
  constructor(place: string, reason: string, cause?: unknown) {
    super({
      ...{ code: 'E-STORE-016', kind: 'unreachable', place, cause },
      reason: `the object store cannot be used now: ${reason}`,
      mend: 'backlot doctor',
    });
  }
}

/** The object store refused a request: its bucket, its credentials, or what they allow. */
export class ObjectStoreRefused extends BacklotError {
  constructor(place: string, reason: string) {
    super({
      ...{ code: 'E-STORE-017', kind: 'config', place },
      reason: `the object store refused: ${reason}`,
      mend: 'check the bucket, its region, and that the credentials may list, get, put and delete in it',
    });
  }
}
