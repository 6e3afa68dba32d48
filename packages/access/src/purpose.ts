import { BacklotError } from '@backlot/core';

/** What data may be read for. A contract lists those it allows; each read names one. */
export const purposes = {
  recommend: 'choosing what to show a person',
  measure: 'counting and reporting in aggregates',
  train: 'fitting a model',
  serve: 'answering requests',
  analyse: 'exploring by a person',
  debug: 'finding a fault',
  audit: 'checking what was done',
  erase: 'erasing a person',
} as const;

/** The name of a purpose. */
export type Purpose = keyof typeof purposes;

/** Whether a text names a purpose. */
export function isPurpose(text: unknown): text is Purpose {
  return typeof text === 'string' && Object.hasOwn(purposes, text);
}

/** A read whose purpose its contract does not allow. */
export class PurposeRefused extends BacklotError {
  constructor(allowed: readonly string[], given: string | undefined) {
    super({
      code: 'E-ACCESS-003',
      kind: 'auth',
      reason:
        `${given === undefined ? 'no purpose was given' : `the purpose ${nameOf(given)} is not allowed`}; ` +
        `the contract allows ${allowed.length === 0 ? 'none' : allowed.join(', ')}`,
      mend:
        allowed.length === 0
          ? "add the purpose to the contract's purposes"
          : `read for one of: ${allowed.join(', ')}; or add the purpose to the contract's purposes`,
    });
  }
}

/** What is no purpose of ours may be anything, a secret included, so it is not repeated. */
function nameOf(given: string): string {
  return isPurpose(given) ? given : '(unknown)';
}

/** Throws `PurposeRefused` unless the purpose is one that the contract allows. */
export function assertPurpose(
  contractPurposes: readonly string[],
  purpose: string | undefined,
): asserts purpose is string {
  if (purpose === undefined || !contractPurposes.includes(purpose)) {
    throw new PurposeRefused(contractPurposes, purpose);
  }
}
