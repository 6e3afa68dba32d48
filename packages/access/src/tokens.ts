import { BacklotError, type Clock, type Randomness } from '@backlot/core';
import type { Metadata } from '@backlot/store';
import { type Action, isAction } from './actions.ts';
import type { AttemptScope, Principal, Scope } from './principal.ts';
import { findPrincipal, NotInWorkspace } from './principals.ts';
import { isRole, type Role } from './role.ts';
import { createSecret, secretId, secretMatches } from './secret.ts';

/** A token to be issued. */
export interface NewToken {
  /** Whose token it is: an id in the workspace of whoever asks. */
  readonly principal: string;
  /** What it is for, in a few words; shown where tokens are listed. */
  readonly title?: string;
  /** How long it lives, at most 366 days. */
  readonly lifetimeMs: number;
  /** Narrows the principal's roles to these. */
  readonly roles?: readonly Role[];
  /** Narrows what the roles allow to these actions. */
  readonly actions?: readonly Action[];
  /** Narrows to one attempt; a worker's token must say which. */
  readonly attempt?: AttemptScope;
}

/** A token just issued. The text is shown this once. */
export interface IssuedToken {
  readonly id: string;
  readonly text: string;
  readonly expiresAt: number;
}

/** A token as it is listed: without its text, which nobody has kept. */
export interface TokenSummary {
  readonly id: string;
  readonly principal: string;
  readonly title?: string;
  readonly roles?: readonly Role[];
  readonly actions?: readonly Action[];
  readonly attempt?: AttemptScope;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revokedAt?: number;
}

/** Who a credential speaks for, and within which limits; the same scope is on the principal. */
export interface Authenticated {
  readonly principal: Principal;
  readonly scope: Scope;
}

/** A token that would say more than its principal or issuer may, or that lives too long. */
export class TokenRefused extends BacklotError {
  constructor(reason: string) {
    super({ code: 'E-ACCESS-007', kind: 'refused', reason });
  }
}

const maxLifetimeMs = 366 * 86_400_000;

/** Random, hashed, narrowed, expiring, revocable tokens. */
export class Tokens {
  readonly #metadata: Metadata;
  readonly #clock: Clock;
  readonly #random: Randomness;

  constructor(metadata: Metadata, clock: Clock, random: Randomness) {
    this.#metadata = metadata;
    this.#clock = clock;
    this.#random = random;
  }

  /** Issues a token. Whether `by` may is for `authorize` to say; here it can only get narrower. */
  async issue(by: Principal, request: NewToken): Promise<IssuedToken> {
    const owner = await findPrincipal(this.#metadata, by.workspace, request.principal);
    if (!owner) throw new NotInWorkspace('principal', request.principal);
    checkRequest(by, owner, request);
    const { id, text, hash } = createSecret('token', this.#random);
    const now = this.#clock.now();
    const expiresAt = now + request.lifetimeMs;
    await this.#metadata.write(async (tx) => {
      await tx.run(
        `INSERT INTO access_tokens
           (workspace, id, principal, hash, title, roles, actions, attempt, created_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        by.workspace,
        id,
        owner.id,
        hash,
        request.title ?? null,
        jsonOrNull(request.roles),
        jsonOrNull(request.actions),
        jsonOrNull(request.attempt),
        now,
        expiresAt,
      );
      await tx.record({
        workspace: by.workspace,
        actor: by.id,
        action: 'token.issue',
        resource: `token/${id}`,
        facts: { principal: owner.id, expiresAt },
      });
    });
    return { id, text, expiresAt };
  }

  /**
   * Who the token speaks for. Garbage, unknown, expired, revoked and suspended all answer
   * `undefined`: a caller learns nothing of why.
   */
  async authenticate(text: string): Promise<Authenticated | undefined> {
    const id = secretId('token', text);
    if (id === undefined) return undefined;
    const row = await this.#metadata.get<TokenRow & { readonly hash: string }>(
      'SELECT * FROM access_tokens WHERE id = ?',
      id,
    );
    if (!row || !secretMatches(text, row.hash)) return undefined;
    if (row.revoked_at !== null || row.expires_at <= this.#clock.now()) return undefined;
    const principal = await findPrincipal(this.#metadata, row.workspace, row.principal);
    if (!principal || principal.suspended) return undefined;
    return narrowed(principal, summaryOf(row));
  }

  /** Revokes a token of the workspace; revoking twice changes nothing. */
  async revoke(by: Principal, id: string): Promise<void> {
    await this.#metadata.write(async (tx) => {
      const known = await tx.get(
        'SELECT id FROM access_tokens WHERE workspace = ? AND id = ?',
        by.workspace,
        id,
      );
      if (!known) throw new NotInWorkspace('token', id);
      const changed = await tx.run(
        `UPDATE access_tokens SET revoked_at = ?
         WHERE workspace = ? AND id = ? AND revoked_at IS NULL`,
        this.#clock.now(),
        by.workspace,
        id,
      );
      if (changed === 0) return;
      await tx.record({
        workspace: by.workspace,
        actor: by.id,
        action: 'token.revoke',
        resource: `token/${id}`,
      });
    });
  }

  /** One token of the workspace, so that a route can tell whose it is before it is revoked. */
  async find(by: Principal, id: string): Promise<TokenSummary | undefined> {
    const row = await this.#metadata.get<TokenRow>(
      'SELECT * FROM access_tokens WHERE workspace = ? AND id = ?',
      by.workspace,
      id,
    );
    return row && summaryOf(row);
  }

  /** The tokens of one principal of the workspace, or of all, newest first. */
  async list(by: Principal, principal?: string): Promise<readonly TokenSummary[]> {
    const order = 'ORDER BY created_at DESC, id';
    const rows = await (principal === undefined
      ? this.#metadata.all<TokenRow>(
          `SELECT * FROM access_tokens WHERE workspace = ? ${order}`,
          by.workspace,
        )
      : this.#metadata.all<TokenRow>(
          `SELECT * FROM access_tokens WHERE workspace = ? AND principal = ? ${order}`,
          by.workspace,
          principal,
        ));
    return rows.map(summaryOf);
  }
}

function checkRequest(by: Principal, owner: Principal, request: NewToken): void {
  const { lifetimeMs, roles, actions, attempt } = request;
  if (!(Number.isInteger(lifetimeMs) && lifetimeMs > 0 && lifetimeMs <= maxLifetimeMs)) {
    throw new TokenRefused('a token lives for 1 ms to 366 days');
  }
  if (by.scope?.restricted) throw new TokenRefused('a restricted token cannot issue tokens');
  if (owner.suspended) throw new TokenRefused('a suspended principal gets no tokens');
  if (owner.kind === 'person' && owner.id !== by.id) {
    throw new TokenRefused('a token of a person is issued at the wish of that person alone');
  }
  if (roles?.some((role) => !owner.roles.includes(role))) {
    throw new TokenRefused('a token cannot have a role that its principal has not');
  }
  if (actions?.some((action) => !isAction(action))) {
    throw new TokenRefused('a token names an action that does not exist');
  }
  if ((owner.kind === 'worker') !== (attempt !== undefined)) {
    throw new TokenRefused('a token of a worker, and no other, is for one attempt');
  }
}

function narrowed(owner: Principal, token: TokenSummary): Authenticated {
  const { roles, actions, attempt } = token;
  const scope: Scope = {
    credential: token.id,
    expiresAt: token.expiresAt,
    restricted: roles !== undefined || actions !== undefined || attempt !== undefined,
    ...(actions && { actions }),
    ...(attempt && { attempt }),
  };
  // The roles are met with those of today: a role taken from the principal is gone from its tokens.
  const granted = roles ? owner.roles.filter((role) => roles.includes(role)) : owner.roles;
  return { principal: { ...owner, roles: granted, scope }, scope };
}

interface TokenRow {
  readonly workspace: string;
  readonly id: string;
  readonly principal: string;
  readonly title: string | null;
  readonly roles: string | null;
  readonly actions: string | null;
  readonly attempt: string | null;
  readonly created_at: number;
  readonly expires_at: number;
  readonly revoked_at: number | null;
}

function summaryOf(row: TokenRow): TokenSummary {
  return {
    id: row.id,
    principal: row.principal,
    ...(row.title !== null && { title: row.title }),
    ...(row.roles !== null && { roles: (JSON.parse(row.roles) as unknown[]).filter(isRole) }),
    // An action that a later version dropped stays out: the token gets narrower, never wider.
    ...(row.actions !== null && {
      actions: (JSON.parse(row.actions) as unknown[]).filter(isAction),
    }),
    ...(row.attempt !== null && { attempt: JSON.parse(row.attempt) as AttemptScope }),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
  };
}

function jsonOrNull(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
