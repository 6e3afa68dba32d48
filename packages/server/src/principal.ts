export type { Principal } from '@backlot/access';

import type { Principal } from '@backlot/access';

/** The tenant that storage keys begin with; derived from the principal, never from a payload. */
export interface Scope {
  readonly organisation: string;
  readonly workspace: string;
  readonly project: string;
}

/**
 * What a request wants to touch, as the policies see it; it lies in the principal's workspace. The
 * optional facts come from the server's own tables, never from a payload.
 */
export interface Resource {
  /** The noun of the action. */
  readonly type: string;
  readonly id: string;
  readonly project?: string;
  /** A table: the purposes of its contract. */
  readonly purposes?: readonly string[];
  /** A model: all who had a hand in its lineage. */
  readonly authors?: readonly string[];
  /** An attempt: which one it is. */
  readonly attempt?: { readonly run: string; readonly task: string; readonly attempt: string };
  /** A token or session: whose it is, or will be. */
  readonly owner?: { readonly id: string; readonly kind: Principal['kind'] };
}
