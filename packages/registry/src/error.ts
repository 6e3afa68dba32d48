import { BacklotError, type ErrorFields } from '@backlot/core';
import type { ApprovalFault } from './verify-approval.ts';

/** Every expected failure of the registry. */
export class RegistryError extends BacklotError {}

/** A run, model, version, proposal, approval, deployment or endpoint that this workspace lacks. */
export class NotRegistered extends RegistryError {
  constructor(what: string) {
    super({ code: 'E-REGISTRY-001', kind: 'notFound', reason: `there is no ${what} here` });
  }
}

/** A compare-and-set met another value than the caller had seen. */
export class MovedMeanwhile extends RegistryError {
  constructor(what: string, expected: string, found: string) {
    super({
      code: 'E-REGISTRY-002',
      kind: 'conflict',
      reason: `${what} was expected at ${expected} and is at ${found}`,
      mend: 'read it again, then decide again',
    });
  }
}

/** An approval that does not hold, and the one reason why. */
export class ApprovalRefused extends RegistryError {
  readonly fault: ApprovalFault;

  constructor(fault: ApprovalFault, detail: string) {
    super({
      code: 'E-REGISTRY-003',
      kind: 'refused',
      reason: `the approval does not hold (${fault}): ${detail}`,
      mend: 'propose the version again and let someone outside its authors approve it',
    });
    this.fault = fault;
  }
}

/** A proposal that was already decided, or whose checks forbid approval. */
export class ProposalClosed extends RegistryError {
  constructor(id: string, why: string) {
    super({
      code: 'E-REGISTRY-004',
      kind: 'conflict',
      reason: `proposal ${id} cannot be decided: ${why}`,
    });
  }
}

/** Who asks may not decide: not an approver, or one of the version's authors. */
export class MayNotApprove extends RegistryError {
  constructor(why: string) {
    super({
      code: 'E-REGISTRY-005',
      kind: 'auth',
      reason: `this principal may not decide: ${why}`,
      mend: 'ask a person with the approver role who is outside the authors of this lineage',
    });
  }
}

/** A value outside what the registry accepts. */
export class BadRegistration extends RegistryError {
  constructor(reason: string, place?: string) {
    const fields: ErrorFields = { code: 'E-REGISTRY-006', kind: 'usage', reason };
    super(place === undefined ? fields : { ...fields, place });
  }
}

/** The same identifier was registered before with other content. */
export class AlreadyRegistered extends RegistryError {
  constructor(what: string) {
    super({
      code: 'E-REGISTRY-007',
      kind: 'conflict',
      reason: `${what} is registered already with other content`,
    });
  }
}
