import type { Reader } from '@backlot/store';
import { type Approval, type ApprovalAuthority, findApproval } from './approval.ts';
import { approvalVerdict } from './deployment.ts';
import { latestProposal, type Proposal } from './proposal.ts';
import type { ApprovalVerdict } from './verify-approval.ts';

/**
 * Where a version stands: nobody proposed it, it waits, it was refused; or it was approved and that
 * approval is unused (`approved`), in use by its deployment (`consumed`), over (`expired`), or no
 * longer holds for another reason (`void`).
 */
export type ApprovalState =
  | 'none'
  | 'proposed'
  | 'refused'
  | 'approved'
  | 'consumed'
  | 'expired'
  | 'void';

/** A version's newest proposal and what came of it. */
export interface VersionApproval {
  readonly state: ApprovalState;
  readonly proposal?: Proposal;
  readonly approval?: Approval;
  readonly verdict?: ApprovalVerdict;
}

/** Where a version stands now, for the pages that show it. */
export async function versionApproval(
  reader: Reader,
  workspace: string,
  { model, version }: { readonly model: string; readonly version: number },
  authority: ApprovalAuthority,
  at: number,
): Promise<VersionApproval> {
  const proposal = await latestProposal(reader, workspace, model, version);
  if (!proposal) return { state: 'none' };
  const approval = await findApproval(reader, workspace, proposal.id);
  if (!approval)
    return { state: proposal.status === 'rejected' ? 'refused' : 'proposed', proposal };
  const verdict = await approvalVerdict(reader, workspace, approval.id, authority, at);
  return { state: stateOf(approval, verdict), proposal, approval, verdict };
}

function stateOf({ deployment }: Approval, verdict: ApprovalVerdict): ApprovalState {
  if (!verdict.valid) return verdict.fault === 'expired' ? 'expired' : 'void';
  return deployment === undefined ? 'approved' : 'consumed';
}
