import type { Principal } from '@backlot/access';
import {
  canonicalJson,
  type Digest,
  digestHex,
  digestOf,
  type Json,
  parseName,
} from '@backlot/core';
import type { Reader, Transaction } from '@backlot/store';
import { BadRegistration, NotRegistered } from './error.ts';
import { type Page, type PageRequest, pageOf, readPageRequest } from './page.ts';
import { getVersion, type ModelVersion } from './version.ts';

export type ProposalStatus = 'waiting' | 'approved' | 'rejected';

/** A check that ran before a person looks; one that failed forbids approval. */
export interface ProposalCheck {
  readonly name: string;
  readonly status: 'passed' | 'warned' | 'failed';
  readonly detail: string;
}

/** The wish that a version serve somewhere. */
export interface Proposal {
  readonly id: string;
  readonly model: string;
  readonly version: number;
  readonly endpoint: string;
  readonly storefronts: readonly string[];
  readonly checks: readonly ProposalCheck[];
  readonly note: string;
  readonly author: string;
  readonly status: ProposalStatus;
  readonly proposedAt: number;
  readonly decidedBy?: string;
  readonly decidedAt?: number;
  readonly reason?: string;
}

export interface ProposalDraft {
  readonly model: string;
  readonly version: number;
  readonly endpoint: string;
  readonly storefronts: readonly string[];
  readonly checks?: readonly ProposalCheck[];
  readonly note?: string;
  /**
   * Tells two proposals of the same version and target apart, such as a second one after a
   * rejection. The version's evaluation and card always do.
   */
  readonly key?: string;
  readonly at: number;
}

const maxNoteLength = 4_000;
const maxChecks = 100;
const storefrontPattern = /^[A-Z]{2}$/;

/** Proposes a version for an endpoint. The same proposal again answers with the one that is there. */
export async function propose(
  tx: Transaction,
  principal: Principal,
  draft: ProposalDraft,
): Promise<Proposal> {
  const version = await getVersion(tx, principal.workspace, draft.model, draft.version);
  const storefronts = readStorefronts(draft.storefronts);
  checkDraft(draft);
  const id = proposalId(version, draft, storefronts);
  const known = await findProposal(tx, principal.workspace, id);
  if (known) return known;
  await tx.run(
    `INSERT INTO proposals (workspace, id, model, version, endpoint, storefronts, checks, note,
       author, status, proposed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?)`,
    ...[principal.workspace, id, draft.model, draft.version],
    ...[parseName(draft.endpoint, 'endpoint'), canonicalJson(storefronts)],
    ...[canonicalJson(draft.checks ?? []), draft.note ?? '', principal.id, draft.at],
  );
  await recordProposal(tx, principal, 'proposal.open', id, {
    ...{ model: draft.model, version: draft.version, digest: version.digest },
    target: { endpoint: draft.endpoint, storefronts },
  });
  return getProposal(tx, principal.workspace, id);
}

function checkDraft({ checks = [], note = '' }: ProposalDraft): void {
  if (note.length > maxNoteLength)
    throw new BadRegistration(`a note over ${maxNoteLength} characters`);
  if (checks.length > maxChecks)
    throw new BadRegistration(`${checks.length} checks, at most ${maxChecks} are allowed`);
  for (const { name, status } of checks) {
    if (!['passed', 'warned', 'failed'].includes(status)) {
      throw new BadRegistration('a check is passed, warned or failed', name);
    }
  }
}

/** Storefronts as a statement binds them: ISO 3166 codes, sorted, without repeats. */
export function readStorefronts(storefronts: readonly string[]): readonly string[] {
  for (const storefront of storefronts) {
    if (!storefrontPattern.test(storefront)) {
      throw new BadRegistration('a storefront is two capital letters, such as US');
    }
  }
  return [...new Set(storefronts)].sort();
}

function proposalId(
  { model, version, digest, evaluation, card }: ModelVersion,
  { endpoint, key = '' }: ProposalDraft,
  storefronts: readonly string[],
): string {
  const facts = { model, version, digest, evaluation, card, endpoint, storefronts, key };
  return digestHex(digestOf(facts)).slice(0, 20);
}

export async function getProposal(
  reader: Reader,
  workspace: string,
  id: string,
): Promise<Proposal> {
  const found = await findProposal(reader, workspace, id);
  if (!found) throw new NotRegistered('proposal of that id');
  return found;
}

async function findProposal(
  reader: Reader,
  workspace: string,
  id: string,
): Promise<Proposal | undefined> {
  const row = await reader.get<ProposalRow>(
    'SELECT * FROM proposals WHERE workspace = ? AND id = ?',
    ...[workspace, id],
  );
  return row && toProposal(row);
}

/** Proposals, newest first; of one status when asked. */
export async function listProposals(
  reader: Reader,
  workspace: string,
  request: PageRequest & { readonly status?: ProposalStatus } = {},
): Promise<Page<Proposal>> {
  const { limit, after } = readPageRequest(request);
  const rows = await reader.all<ProposalRow>(
    `SELECT * FROM proposals WHERE workspace = ? AND (? = '' OR status = ?)
       AND (proposed_at < ? OR (proposed_at = ? AND id < ?))
     ORDER BY proposed_at DESC, id DESC LIMIT ?`,
    ...[workspace, request.status ?? '', request.status ?? '', after.at, after.at, after.id],
    limit + 1,
  );
  return pageOf(rows.map(toProposal), limit, ({ proposedAt, id }) => ({ at: proposedAt, id }));
}

/** The newest proposal of a version, when it has one. */
export async function latestProposal(
  reader: Reader,
  workspace: string,
  model: string,
  version: number,
): Promise<Proposal | undefined> {
  const row = await reader.get<ProposalRow>(
    `SELECT * FROM proposals WHERE workspace = ? AND model = ? AND version = ?
     ORDER BY proposed_at DESC, id DESC LIMIT 1`,
    ...[workspace, model, version],
  );
  return row && toProposal(row);
}

/** The ledger entry of something that happened to a proposal. */
export async function recordProposal(
  tx: Transaction,
  { workspace, id: actor }: Principal,
  action: string,
  proposal: string,
  facts: { readonly [key: string]: Json | Digest },
): Promise<void> {
  await tx.record({ workspace, actor, action, resource: `proposal/${proposal}`, facts });
}

interface ProposalRow {
  readonly id: string;
  readonly model: string;
  readonly version: number;
  readonly endpoint: string;
  readonly storefronts: string;
  readonly checks: string;
  readonly note: string;
  readonly author: string;
  readonly status: ProposalStatus;
  readonly proposed_at: number;
  readonly decided_by: string | null;
  readonly decided_at: number | null;
  readonly reason: string | null;
}

function toProposal(row: ProposalRow): Proposal {
  const { id, model, version, endpoint, note, author, status } = row;
  return {
    ...{ id, model, version, endpoint, note, author, status },
    storefronts: JSON.parse(row.storefronts),
    checks: JSON.parse(row.checks),
    proposedAt: row.proposed_at,
    ...(row.decided_by !== null && { decidedBy: row.decided_by }),
    ...(row.decided_at !== null && { decidedAt: row.decided_at }),
    ...(row.reason !== null && { reason: row.reason }),
  };
}
