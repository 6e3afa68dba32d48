import { type Access, policies } from '@backlot/access';
import { type Digest, digestOf, type Io } from '@backlot/core';
import { type ApprovalAuthority, keyringOf } from '@backlot/registry';
import type { Keys } from '@backlot/store';

/** The digest of the policies in force: an approval binds it. */
export const policyDigest: Digest = digestOf(policies);

/** Who may sign approvals, with which keys, and how they stand today. */
export async function approvalAuthority(
  io: Io,
  access: Access,
  keys: Keys,
  approvers: readonly string[],
): Promise<ApprovalAuthority> {
  const written = await Promise.all(
    approvers.map(async (owner) => {
      const { id, publicKey } = await keys.signer(owner);
      return { keyId: id, owner, publicKey };
    }),
  );
  return {
    signer: async (approver) => {
      const { id, sign } = await keys.signer(approver);
      return { keyId: id, sign };
    },
    keyring: keyringOf(written),
    random: io.random,
    policy: policyDigest,
    standing: async (_reader, workspace, approver) => {
      const found = await access.principals.find(workspace, approver);
      if (!found?.roles.includes('approver')) return 'removed';
      return found.suspended ? 'suspended' : 'allowed';
    },
  };
}
