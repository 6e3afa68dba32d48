import type { Principal } from '@backlot/access';
import {
  canonicalJson,
  createId,
  type Digest,
  digestOfBytes,
  type Randomness,
} from '@backlot/core';
import type { Reader, Transaction } from '@backlot/store';
import { type ApprovalSubject, signStatement } from './approval-statement.ts';
import { type Envelope, type Keyring, type Signer, statementDigest } from './envelope.ts';
import {
  BadRegistration,
  MayNotApprove,
  MovedMeanwhile,
  NotRegistered,
  ProposalClosed,
} from './error.ts';
import { getProposal, type Proposal, recordProposal } from './proposal.ts';
import type { ApproverStanding } from './verify-approval.ts';
import { getVersion, type ModelVersion } from './version.ts';

/** What approving and verifying need from outside the registry. */
export interface ApprovalAuthority {
  /** The signer of an approver's own key. */
  signer(approver: string): Signer | Promise<Signer>;
  readonly keyring: Keyring;
  readonly random: Randomness;
  /** The digest of the policies in force. */
  readonly policy: Digest;
  /**
   * How a principal stands today, read in the caller's transaction where there is one. It is
   * `removed` also when it no longer holds the approver role.
   */
  standing(reader: Reader, workspace: string, approver: string): Promise<ApproverStanding>;
}

/** A signed approval as it is kept. */
export interface Approval {
  readonly id: string;
  readonly proposal: string;
  readonly model: string;
  readonly version: number;
  readonly envelope: Envelope;
  readonly approver: string;
  readonly signedAt: number;
  readonly expiresAt: number;
  /** The one deployment that used it. */
  readonly deployment?: string;
  readonly consumedAt?: number;
}

export interface ApprovalDecision {
  readonly proposal: string;
  readonly reason: string;
  /** The digests that the approver looked at; signing is refused when the version has others now. */
  readonly seen: Pick<ModelVersion, 'digest' | 'evaluation' | 'card'>;
  /** Milliseconds UTC, at most 366 days after `at`. */
  readonly expiresAt: number;
  readonly at: number;
}

const maxValidityMs = 366 * 86_400_000;
const maxReasonLength = 4_000;

/**
 * Signs an approval of a waiting proposal. Refused when the principal is not a person with the
 * approver role in good standing, is an author of the lineage or the proposer, when a check failed,
 * or when the version is no longer what the approver looked at.
 */
export async function approve(
  tx: Transaction,
  principal: Principal,
  decision: ApprovalDecision,
  authority: ApprovalAuthority,
): Promise<Approval> {
  const { workspace } = principal;
  const proposal = await waitingProposal(tx, workspace, decision.proposal);
  const version = await getVersion(tx, workspace, proposal.model, proposal.version);
  await mustBeApprover(tx, principal, lineageAuthors(version, proposal), authority);
  checkDecision(decision, proposal, version);
  const envelope = await sign(principal, decision, proposal, version, authority);
  const id = createId(authority.random);
  await tx.run(
    `INSERT INTO approvals (workspace, id, proposal, model, version, envelope, approver, signed_at,
       expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[workspace, id, proposal.id, version.model, version.version, canonicalJson(envelope)],
    ...[principal.id, decision.at, decision.expiresAt],
  );
  await decide(tx, principal, decision, 'approved');
  await recordProposal(tx, principal, 'proposal.approve', proposal.id, {
    ...{ approval: id, statement: statementDigest(envelope), digest: version.digest },
    ...{ keyId: envelope.signatures[0].keyid, expiresAt: decision.expiresAt },
  });
  return getApproval(tx, workspace, id);
}

/** Turns a proposal down. Any approver may, its authors too: saying no needs no distance. */
export async function reject(
  tx: Transaction,
  principal: Principal,
  decision: Pick<ApprovalDecision, 'proposal' | 'reason' | 'at'>,
): Promise<Proposal> {
  const { workspace } = principal;
  await waitingProposal(tx, workspace, decision.proposal);
  if (!principal.roles.includes('approver')) throw new MayNotApprove('it lacks the approver role');
  checkReason(decision.reason);
  await decide(tx, principal, decision, 'rejected');
  await recordProposal(tx, principal, 'proposal.reject', decision.proposal, {
    reason: digestOfBytes(decision.reason),
  });
  return getProposal(tx, workspace, decision.proposal);
}

async function waitingProposal(reader: Reader, workspace: string, id: string): Promise<Proposal> {
  const proposal = await getProposal(reader, workspace, id);
  if (proposal.status !== 'waiting') throw new ProposalClosed(id, `it is ${proposal.status}`);
  return proposal;
}

/** Everyone who may not approve a version: its authors, who registered it and who proposed it. */
export function lineageAuthors(version: ModelVersion, proposal: Proposal): readonly string[] {
  return [...new Set([...version.authors, version.createdBy, proposal.author])].sort();
}

/**
 * Why a principal may not approve a version with these authors, `undefined` when it may. It is the
 * rule that `approve` holds to, for pages that show the reason instead of the button.
 */
export function approvalObstacle(
  { id, kind, roles }: Pick<Principal, 'id' | 'kind' | 'roles'>,
  authors: readonly string[],
): string | undefined {
  if (kind !== 'person') return 'only a person may sign';
  if (!roles.includes('approver')) return 'it lacks the approver role';
  if (!authors.includes(id)) return undefined;
  return 'it is an author of this lineage (code, data, run, evaluation or proposal)';
}

async function mustBeApprover(
  reader: Reader,
  principal: Principal,
  authors: readonly string[],
  authority: ApprovalAuthority,
): Promise<void> {
  const obstacle = approvalObstacle(principal, authors);
  if (obstacle !== undefined) throw new MayNotApprove(obstacle);
  const standing = await authority.standing(reader, principal.workspace, principal.id);
  if (standing !== 'allowed') throw new MayNotApprove(`it is ${standing}`);
}

function checkDecision(
  decision: ApprovalDecision,
  proposal: Proposal,
  version: ModelVersion,
): void {
  checkReason(decision.reason);
  const failed = proposal.checks.filter(({ status }) => status === 'failed');
  if (failed.length > 0) {
    throw new ProposalClosed(
      proposal.id,
      `check failed: ${failed.map(({ name }) => name).join(', ')}`,
    );
  }
  for (const part of ['digest', 'evaluation', 'card'] as const) {
    if (decision.seen[part] !== version[part]) {
      throw new MovedMeanwhile(`the ${part} of the version`, decision.seen[part], version[part]);
    }
  }
  const validity = decision.expiresAt - decision.at;
  if (!(validity > 0 && validity <= maxValidityMs)) {
    throw new BadRegistration('an approval is valid for more than 0 and at most 366 days');
  }
}

function checkReason(reason: string): void {
  if (reason.trim().length === 0 || reason.length > maxReasonLength) {
    throw new BadRegistration(`a reason of 1 to ${maxReasonLength} characters is required`);
  }
}

async function sign(
  principal: Principal,
  { reason, at, expiresAt }: ApprovalDecision,
  proposal: Proposal,
  version: ModelVersion,
  authority: ApprovalAuthority,
): Promise<Envelope> {
  const signer = await authority.signer(principal.id);
  const { random, policy } = authority;
  const statement = {
    ...approvalSubject(principal.workspace, version, policy),
    target: { endpoint: proposal.endpoint, storefronts: proposal.storefronts },
    ...{ proposal: proposal.id, approver: principal.id, keyId: signer.keyId },
    ...{ reason: digestOfBytes(reason), nonce: createId(random), signedAt: at, expiresAt },
  };
  return signStatement(statement, signer);
}

/** What an approval of a version binds, as the version is now. */
export function approvalSubject(
  workspace: string,
  version: ModelVersion,
  policy: Digest,
): ApprovalSubject {
  const { model, digest, inputs, evaluation, card } = version;
  return {
    workspace,
    model,
    version: version.version,
    digest,
    data: inputs,
    evaluation,
    card,
    policy,
  };
}

async function decide(
  tx: Transaction,
  principal: Principal,
  { proposal, reason, at }: Pick<ApprovalDecision, 'proposal' | 'reason' | 'at'>,
  status: 'approved' | 'rejected',
): Promise<void> {
  const moved = await tx.run(
    `UPDATE proposals SET status = ?, decided_by = ?, decided_at = ?, reason = ?
     WHERE workspace = ? AND id = ? AND status = 'waiting'`,
    ...[status, principal.id, at, reason, principal.workspace, proposal],
  );
  if (moved !== 1) throw new ProposalClosed(proposal, 'it was decided meanwhile');
}

export async function getApproval(
  reader: Reader,
  workspace: string,
  id: string,
): Promise<Approval> {
  const row = await reader.get<ApprovalRow>(
    'SELECT * FROM approvals WHERE workspace = ? AND id = ?',
    ...[workspace, id],
  );
  if (!row) throw new NotRegistered('approval of that id');
  return toApproval(row);
}

/** The approval of a proposal, when it has one. */
export async function findApproval(
  reader: Reader,
  workspace: string,
  proposal: string,
): Promise<Approval | undefined> {
  const row = await reader.get<ApprovalRow>(
    'SELECT * FROM approvals WHERE workspace = ? AND proposal = ?',
    ...[workspace, proposal],
  );
  return row && toApproval(row);
}

interface ApprovalRow {
  readonly id: string;
  readonly proposal: string;
  readonly model: string;
  readonly version: number;
  readonly envelope: string;
  readonly approver: string;
  readonly signed_at: number;
  readonly expires_at: number;
  readonly deployment: string | null;
  readonly consumed_at: number | null;
}

function toApproval(row: ApprovalRow): Approval {
  const { id, proposal, model, version, approver } = row;
  return {
    ...{ id, proposal, model, version, approver },
    envelope: JSON.parse(row.envelope),
    signedAt: row.signed_at,
    expiresAt: row.expires_at,
    ...(row.deployment !== null && { deployment: row.deployment }),
    ...(row.consumed_at !== null && { consumedAt: row.consumed_at }),
  };
}
