import type { Principal } from '@backlot/access';
import { canonicalJson, type Digest, digestHex, digestOf, parseName } from '@backlot/core';
import type { Reader, Transaction } from '@backlot/store';
import {
  type Approval,
  type ApprovalAuthority,
  approvalSubject,
  getApproval,
  lineageAuthors,
} from './approval.ts';
import type { ApprovalTarget } from './approval-statement.ts';
import { ApprovalRefused, MovedMeanwhile, NotRegistered } from './error.ts';
import { getProposal, readStorefronts } from './proposal.ts';
import { type ApprovalVerdict, verifyApproval } from './verify-approval.ts';
import { aliasVersion, getVersion, type ModelVersion, moveAlias } from './version.ts';

/** A version that was put behind an endpoint, with the approval that it used up. */
export interface Deployment {
  readonly id: string;
  readonly endpoint: string;
  readonly model: string;
  readonly version: number;
  readonly digest: Digest;
  readonly storefronts: readonly string[];
  readonly approval: string;
  readonly deployedBy: string;
  readonly deployedAt: number;
}

export interface DeploymentRequest {
  readonly endpoint: string;
  readonly storefronts: readonly string[];
  readonly model: string;
  readonly version: number;
  readonly approval: string;
  /** The alias that moves with it; `production` when absent. */
  readonly alias?: string;
  /** The deployment the caller saw behind the endpoint, `null` for none; unchecked when absent. */
  readonly expected?: string | null;
  readonly at: number;
}

/**
 * Puts an approved version behind an endpoint: verifies the approval, uses it up, moves the endpoint
 * and the alias, all in the given transaction. Repeating the request that made the endpoint's
 * current deployment changes nothing; an approval that any other deployment used is refused.
 */
export async function deploy(
  tx: Transaction,
  principal: Principal,
  request: DeploymentRequest,
  authority: ApprovalAuthority,
): Promise<Deployment> {
  const { workspace } = principal;
  const endpoint = parseName(request.endpoint, 'endpoint');
  const current = await currentDeployment(tx, workspace, endpoint);
  const id = deploymentId(endpoint, request.approval);
  await mustHold(tx, workspace, await checkedRequest(tx, workspace, request), authority, {
    at: request.at,
    ...(current?.id === id && { deployment: id }),
  });
  if (current?.id === id) return current;
  mustStandAt(endpoint, request.expected, current?.id ?? null);
  await insertDeployment(tx, principal, request, id);
  await consume(tx, workspace, request.approval, id, request.at);
  await moveEndpoint(tx, principal, endpoint, id, request.at);
  await flipAlias(tx, principal, request);
  await recordMove(tx, principal, 'endpoint.deploy', endpoint, id, current?.id);
  return getDeployment(tx, workspace, id);
}

export interface RollbackRequest {
  readonly endpoint: string;
  /** An earlier deployment of the same endpoint. */
  readonly deployment: string;
  readonly alias?: string;
  readonly expected?: string | null;
  readonly at: number;
}

/** Moves an endpoint back to an earlier deployment, whose own approval must still hold. */
export async function rollback(
  tx: Transaction,
  principal: Principal,
  request: RollbackRequest,
  authority: ApprovalAuthority,
): Promise<Deployment> {
  const { workspace } = principal;
  const { endpoint, at } = request;
  const target = await getDeployment(tx, workspace, request.deployment);
  if (target.endpoint !== endpoint)
    throw new NotRegistered('deployment of that id at the endpoint');
  const current = await currentDeployment(tx, workspace, endpoint);
  mustStandAt(endpoint, request.expected, current?.id ?? null);
  await mustHold(tx, workspace, target, authority, { at, deployment: target.id });
  if (current?.id === target.id) return target;
  await moveEndpoint(tx, principal, endpoint, target.id, at);
  const alias = request.alias ?? defaultAlias;
  await flipAlias(tx, principal, { ...target, alias, at });
  await recordMove(tx, principal, 'endpoint.rollback', endpoint, target.id, current?.id);
  return target;
}

/** A deployment whose approval holds now: what an endpoint may load. */
export interface VerifiedDeployment {
  readonly deployment: Deployment;
  readonly version: ModelVersion;
  readonly approval: Approval;
}

/**
 * The endpoint's current deployment, its approval verified for now; `ApprovalRefused` otherwise.
 * Serving calls it at each load.
 */
export async function verifyDeployment(
  reader: Reader,
  workspace: string,
  endpoint: string,
  authority: ApprovalAuthority,
  at: number,
): Promise<VerifiedDeployment> {
  const deployment = await currentDeployment(reader, workspace, endpoint);
  if (!deployment) throw new ApprovalRefused('missing', `nothing is deployed at ${endpoint}`);
  await mustHold(reader, workspace, deployment, authority, { at, deployment: deployment.id });
  const version = await getVersion(reader, workspace, deployment.model, deployment.version);
  if (version.digest !== deployment.digest) {
    throw new ApprovalRefused('model-changed', 'the deployment names another digest');
  }
  return {
    deployment,
    version,
    approval: await getApproval(reader, workspace, deployment.approval),
  };
}

/** The verdict on an approval as it stands, for a page that shows whether it still holds. */
export async function approvalVerdict(
  reader: Reader,
  workspace: string,
  id: string,
  authority: ApprovalAuthority,
  at: number,
): Promise<ApprovalVerdict> {
  const approval = await getApproval(reader, workspace, id);
  const { endpoint, storefronts } = await getProposal(reader, workspace, approval.proposal);
  const { deployment } = approval;
  const use = { at, ...(deployment !== undefined && { deployment }) };
  return verdict(
    reader,
    workspace,
    { ...approval, approval: id, endpoint, storefronts },
    authority,
    use,
  );
}

const defaultAlias = 'production';

type Placement = ApprovalTarget & Pick<Deployment, 'model' | 'version' | 'approval'>;
type Use = { readonly at: number; readonly deployment?: string };

async function checkedRequest(
  reader: Reader,
  workspace: string,
  request: DeploymentRequest,
): Promise<Placement> {
  const approval = await reader.get(
    'SELECT id FROM approvals WHERE workspace = ? AND id = ?',
    ...[workspace, request.approval],
  );
  if (!approval) throw new ApprovalRefused('missing', 'there is no approval of that id');
  return { ...request, storefronts: readStorefronts(request.storefronts) };
}

async function mustHold(
  reader: Reader,
  workspace: string,
  placement: Placement,
  authority: ApprovalAuthority,
  use: Use,
): Promise<void> {
  const found = await verdict(reader, workspace, placement, authority, use);
  if (!found.valid) throw new ApprovalRefused(found.fault, found.detail);
}

async function verdict(
  reader: Reader,
  workspace: string,
  { model, version, endpoint, storefronts, approval: id }: Placement,
  authority: ApprovalAuthority,
  { at, deployment }: Use,
): Promise<ApprovalVerdict> {
  const approval = await getApproval(reader, workspace, id);
  const found = await getVersion(reader, workspace, model, version);
  const proposal = await getProposal(reader, workspace, approval.proposal);
  return verifyApproval({
    envelope: approval.envelope,
    keyring: authority.keyring,
    subject: approvalSubject(workspace, found, authority.policy),
    target: { endpoint, storefronts },
    authors: lineageAuthors(found, proposal),
    standing: (approver) => authority.standing(reader, workspace, approver),
    now: at,
    consumedBy: approval.deployment ?? null,
    ...(deployment !== undefined && { deployment }),
  });
}

/** One approval leads to one deployment, so its id follows from the approval. */
function deploymentId(endpoint: string, approval: string): string {
  return digestHex(digestOf({ endpoint, approval })).slice(0, 20);
}

function mustStandAt(
  endpoint: string,
  expected: string | null | undefined,
  found: string | null,
): void {
  if (expected !== undefined && expected !== found) {
    throw new MovedMeanwhile(`endpoint ${endpoint}`, String(expected), String(found));
  }
}

async function insertDeployment(
  tx: Transaction,
  { workspace, id: actor }: Principal,
  { endpoint, storefronts, model, version, approval, at }: DeploymentRequest,
  id: string,
): Promise<void> {
  const { digest } = await getVersion(tx, workspace, model, version);
  await tx.run(
    `INSERT INTO deployments (workspace, id, endpoint, model, version, digest, storefronts,
       approval, deployed_by, deployed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[workspace, id, endpoint, model, version, digest],
    ...[canonicalJson(readStorefronts(storefronts)), approval, actor, at],
  );
}

async function consume(
  tx: Transaction,
  workspace: string,
  approval: string,
  deployment: string,
  at: number,
): Promise<void> {
  const used = await tx.run(
    `UPDATE approvals SET deployment = ?, consumed_at = ?
     WHERE workspace = ? AND id = ? AND deployment IS NULL`,
    ...[deployment, at, workspace, approval],
  );
  if (used !== 1) throw new ApprovalRefused('consumed', 'another deployment has used it');
}

async function moveEndpoint(
  tx: Transaction,
  { workspace, id: actor }: Principal,
  endpoint: string,
  deployment: string,
  at: number,
): Promise<void> {
  await tx.run(
    `INSERT INTO endpoints (workspace, id, deployment, revision, moved_by, moved_at)
     VALUES (?, ?, ?, 1, ?, ?)
     ON CONFLICT (workspace, id) DO UPDATE SET deployment = excluded.deployment,
       revision = endpoints.revision + 1, moved_by = excluded.moved_by, moved_at = excluded.moved_at`,
    ...[workspace, endpoint, deployment, actor, at],
  );
}

async function flipAlias(
  tx: Transaction,
  principal: Principal,
  move: {
    readonly model: string;
    readonly version: number;
    readonly alias?: string;
    readonly at: number;
  },
): Promise<void> {
  const { model, version, alias = defaultAlias, at } = move;
  const expected = await aliasVersion(tx, principal.workspace, model, alias);
  await moveAlias(tx, principal, { model, alias, version, expected, at });
}

async function recordMove(
  tx: Transaction,
  { workspace, id: actor }: Principal,
  action: 'endpoint.deploy' | 'endpoint.rollback',
  endpoint: string,
  deployment: string,
  previous: string | undefined,
): Promise<void> {
  const { model, version, digest, approval } = await getDeployment(tx, workspace, deployment);
  await tx.record({
    ...{ workspace, actor, action, resource: `endpoint/${endpoint}` },
    facts: { deployment, model, version, digest, approval, previous: previous ?? null },
  });
}

/** What stands behind an endpoint, unverified: for pages, never for loading. */
export async function currentDeployment(
  reader: Reader,
  workspace: string,
  endpoint: string,
): Promise<Deployment | undefined> {
  const row = await reader.get<DeploymentRow>(
    `SELECT deployments.* FROM endpoints
     JOIN deployments ON deployments.workspace = endpoints.workspace
       AND deployments.id = endpoints.deployment
     WHERE endpoints.workspace = ? AND endpoints.id = ?`,
    ...[workspace, endpoint],
  );
  return row && toDeployment(row);
}

export async function getDeployment(
  reader: Reader,
  workspace: string,
  id: string,
): Promise<Deployment> {
  const row = await reader.get<DeploymentRow>(
    'SELECT * FROM deployments WHERE workspace = ? AND id = ?',
    ...[workspace, id],
  );
  if (!row) throw new NotRegistered('deployment of that id');
  return toDeployment(row);
}

const maxHistory = 200;

/** An endpoint's deployments, newest first, at most 200. */
export async function listDeployments(
  reader: Reader,
  workspace: string,
  endpoint: string,
): Promise<readonly Deployment[]> {
  const rows = await reader.all<DeploymentRow>(
    `SELECT * FROM deployments WHERE workspace = ? AND endpoint = ?
     ORDER BY deployed_at DESC, id DESC LIMIT ${maxHistory}`,
    ...[workspace, endpoint],
  );
  return rows.map(toDeployment);
}

/** An endpoint's name and the deployment behind it. */
export interface EndpointPlace {
  readonly endpoint: string;
  readonly deployment: string;
  /** Counts the moves, from 1. */
  readonly revision: number;
  readonly movedBy: string;
  readonly movedAt: number;
}

/** The endpoints of a workspace, by name. */
export function listEndpoints(
  reader: Reader,
  workspace: string,
): Promise<readonly EndpointPlace[]> {
  return reader.all<EndpointPlace>(
    `SELECT id AS endpoint, deployment, revision, moved_by AS "movedBy", moved_at AS "movedAt"
     FROM endpoints WHERE workspace = ? ORDER BY id`,
    workspace,
  );
}

interface DeploymentRow {
  readonly id: string;
  readonly endpoint: string;
  readonly model: string;
  readonly version: number;
  readonly digest: Digest;
  readonly storefronts: string;
  readonly approval: string;
  readonly deployed_by: string;
  readonly deployed_at: number;
}

function toDeployment(row: DeploymentRow): Deployment {
  const { id, endpoint, model, version, digest, approval } = row;
  return {
    ...{ id, endpoint, model, version, digest, approval },
    storefronts: JSON.parse(row.storefronts),
    deployedBy: row.deployed_by,
    deployedAt: row.deployed_at,
  };
}
