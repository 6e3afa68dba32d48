import { canonicalJson } from '@backlot/core';
import {
  type ApprovalStatement,
  type ApprovalSubject,
  type ApprovalTarget,
  openStatement,
} from './approval-statement.ts';
import type { Keyring } from './envelope.ts';

/** Why an approval does not hold. */
export type ApprovalFault =
  | 'missing'
  | 'malformed'
  | 'unknown-key'
  | 'bad-signature'
  | 'wrong-version'
  | 'model-changed'
  | 'data-changed'
  | 'evaluation-changed'
  | 'card-changed'
  | 'policy-changed'
  | 'wrong-target'
  | 'self-approval'
  | 'not-yet-valid'
  | 'expired'
  | 'consumed'
  | 'approver-suspended'
  | 'approver-removed';

/** How an approver stands today; an approval outlives neither suspension nor removal. */
export type ApproverStanding = 'allowed' | 'suspended' | 'removed';

/** Everything a verdict depends on, as it is now. */
export interface ApprovalCheck {
  /** The signed envelope, as it was stored or sent. */
  readonly envelope: unknown;
  readonly keyring: Keyring;
  readonly subject: ApprovalSubject;
  readonly target: ApprovalTarget;
  /** Every principal in the version's lineage. */
  readonly authors: readonly string[];
  /** How the approver that the statement names stands. */
  readonly standing: (approver: string) => ApproverStanding | Promise<ApproverStanding>;
  /** Milliseconds UTC. */
  readonly now: number;
  /** The deployment that consumed the approval, `null` while none has. */
  readonly consumedBy: string | null;
  /** The deployment that asks; absent when none may have consumed it yet. */
  readonly deployment?: string;
}

/** An approval that holds, or the first reason why it does not. */
export type ApprovalVerdict =
  | { readonly valid: true; readonly statement: ApprovalStatement }
  | { readonly valid: false; readonly fault: ApprovalFault; readonly detail: string };

/**
 * Decides whether a signed approval holds for what is asked now. It reads no store and no clock, so
 * that the one function decides at approval, at deployment and at each load.
 */
export async function verifyApproval(check: ApprovalCheck): Promise<ApprovalVerdict> {
  const opened = await openStatement(check.envelope, check.keyring);
  if ('fault' in opened) return { valid: false, ...opened };
  const { statement } = opened;
  const fault =
    subjectFault(statement, check.subject) ??
    useFault(statement, check) ??
    standingFault(await check.standing(statement.approver));
  return fault ? { valid: false, ...fault } : { valid: true, statement };
}

interface Fault {
  readonly fault: ApprovalFault;
  readonly detail: string;
}

function subjectFault(signed: ApprovalSubject, now: ApprovalSubject): Fault | undefined {
  const named = (subject: ApprovalSubject): string =>
    canonicalJson([subject.workspace, subject.model, subject.version]);
  if (named(signed) !== named(now)) {
    return { fault: 'wrong-version', detail: 'it was signed for another version' };
  }
  const bound = ['digest', 'data', 'evaluation', 'card', 'policy'] as const;
  const changed = bound.find((part) => canonicalJson(signed[part]) !== canonicalJson(now[part]));
  if (changed === undefined) return undefined;
  const fault = changed === 'digest' ? 'model-changed' : (`${changed}-changed` as const);
  return { fault, detail: `the ${changed} is not the one that was signed` };
}

/** Wall clocks are set back by small steps; a signature a minute ahead of now is still believed. */
const clockAllowanceMs = 60_000;

function useFault(signed: ApprovalStatement, check: ApprovalCheck): Fault | undefined {
  if (canonicalJson(signed.target) !== canonicalJson(check.target)) {
    return { fault: 'wrong-target', detail: 'it was signed for another endpoint or storefronts' };
  }
  if (check.authors.includes(signed.approver)) {
    return { fault: 'self-approval', detail: 'the approver is an author of this lineage' };
  }
  if (check.now < signed.signedAt - clockAllowanceMs) {
    return { fault: 'not-yet-valid', detail: 'it was signed later than now' };
  }
  if (check.now >= signed.expiresAt) {
    return { fault: 'expired', detail: 'its time is over' };
  }
  if (check.consumedBy !== null && check.consumedBy !== check.deployment) {
    return { fault: 'consumed', detail: 'another deployment has used it' };
  }
  return undefined;
}

function standingFault(standing: ApproverStanding): Fault | undefined {
  if (standing === 'allowed') return undefined;
  return { fault: `approver-${standing}`, detail: `the approver is ${standing} today` };
}
