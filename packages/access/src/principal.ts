import type { Action } from './actions.ts';
import type { Role } from './role.ts';

/** Who acts. Only authentication and the principals' table make one; a payload never does. */
export interface Principal {
  readonly organisation: string;
  /** The tenant. Whatever a principal touches lies in this workspace. */
  readonly workspace: string;
  readonly project: string;
  readonly id: string;
  readonly kind: PrincipalKind;
  /** What it may do now: a token can narrow it below what the principal was granted. */
  readonly roles: readonly Role[];
  /** A suspended principal may do nothing. */
  readonly suspended?: boolean;
  /**
   * What the credential allows, when it allows less than the principal may do. It travels with the
   * principal so that no caller can forget to pass it on.
   */
  readonly scope?: Scope;
}

export type PrincipalKind = 'person' | 'service' | 'worker';

/** The limits of a credential. */
export interface Scope {
  /** The token's or session's id, for the audit trail. It is no secret. */
  readonly credential: string;
  /** Milliseconds since 1970, UTC. */
  readonly expiresAt: number;
  /** Whether it allows less than its principal may do. */
  readonly restricted: boolean;
  /** The only actions allowed; all that the roles allow when absent. */
  readonly actions?: readonly Action[];
  /** The only attempt that may be touched. */
  readonly attempt?: AttemptScope;
}

/** One attempt of one task of one run. */
export interface AttemptScope {
  readonly run: string;
  readonly task: string;
  readonly attempt: string;
}
