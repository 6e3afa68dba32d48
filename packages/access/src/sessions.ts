import { assert, type Clock, type Randomness } from '@backlot/core';
import type { Metadata, Transaction } from '@backlot/store';
import type { Principal, Scope } from './principal.ts';
import { findPrincipal } from './principals.ts';
import { createSecret, secretId, secretMatches } from './secret.ts';
import type { Authenticated } from './tokens.ts';

/** A bootstrap secret just made, to be shown once to whoever sits at this machine. */
export interface BootstrapSecret {
  readonly text: string;
  readonly expiresAt: number;
}

/** A session just opened. The text goes into an HttpOnly cookie and nowhere else. */
export interface OpenedSession {
  readonly id: string;
  readonly text: string;
  readonly expiresAt: number;
  readonly principal: Principal;
}

const bootstrapLifetimeMs = 15 * 60_000;
const sessionLifetimeMs = 12 * 3_600_000;

/** One-time bootstrap secrets, and the console sessions they are swapped for. */
export class Sessions {
  readonly #metadata: Metadata;
  readonly #clock: Clock;
  readonly #random: Randomness;

  constructor(metadata: Metadata, clock: Clock, random: Randomness) {
    this.#metadata = metadata;
    this.#clock = clock;
    this.#random = random;
  }

  /** Makes a secret that opens one session of the principal within 15 minutes. */
  async createBootstrapSecret(principal: Principal): Promise<BootstrapSecret> {
    assert(principal.kind !== 'worker', 'a worker has no console session');
    assert(!principal.scope?.restricted, 'a restricted credential opens no session');
    const { id, text, hash } = createSecret('bootstrap', this.#random);
    const now = this.#clock.now();
    const expiresAt = now + bootstrapLifetimeMs;
    await this.#metadata.write(async (tx) => {
      await tx.run(
        `INSERT INTO access_bootstrap_secrets
           (workspace, id, principal, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)`,
        principal.workspace,
        id,
        principal.id,
        hash,
        now,
        expiresAt,
      );
      await recordFor(tx, principal, 'session.offer', `bootstrap-secret/${id}`);
    });
    return { text, expiresAt };
  }

  /**
   * Swaps a bootstrap secret for a session. Garbage, unknown, late, used and suspended all answer
   * `undefined`. The secret is spent and the session made in one transaction.
   */
  async open(secret: string): Promise<OpenedSession | undefined> {
    const id = secretId('bootstrap', secret);
    if (id === undefined) return undefined;
    const row = await this.#metadata.get<CredentialRow>(
      'SELECT * FROM access_bootstrap_secrets WHERE id = ?',
      id,
    );
    if (!row || !secretMatches(secret, row.hash)) return undefined;
    return this.#metadata.write((tx) => this.#swap(tx, row));
  }

  /** Who the session speaks for, or `undefined` for any reason at all. */
  async authenticate(text: string): Promise<Authenticated | undefined> {
    const id = secretId('session', text);
    if (id === undefined) return undefined;
    const row = await this.#metadata.get<CredentialRow & { readonly revoked_at: number | null }>(
      'SELECT * FROM access_sessions WHERE id = ?',
      id,
    );
    if (!row || !secretMatches(text, row.hash)) return undefined;
    if (row.revoked_at !== null || row.expires_at <= this.#clock.now()) return undefined;
    const principal = await findPrincipal(this.#metadata, row.workspace, row.principal);
    if (!principal || principal.suspended) return undefined;
    const scope: Scope = { credential: id, expiresAt: row.expires_at, restricted: false };
    return { principal: { ...principal, scope }, scope };
  }

  /** Ends a session of the principal's own; nothing happens when there is none of that id. */
  async close(by: Principal, id: string): Promise<void> {
    await this.#metadata.write(async (tx) => {
      const changed = await tx.run(
        `UPDATE access_sessions SET revoked_at = ?
         WHERE workspace = ? AND id = ? AND principal = ? AND revoked_at IS NULL`,
        this.#clock.now(),
        by.workspace,
        id,
        by.id,
      );
      if (changed > 0) await recordFor(tx, by, 'session.close', `session/${id}`);
    });
  }

  async #swap(tx: Transaction, secret: CredentialRow): Promise<OpenedSession | undefined> {
    const now = this.#clock.now();
    const principal = await findPrincipal(tx, secret.workspace, secret.principal);
    if (!principal || principal.suspended) return undefined;
    // The guard spends the secret: of two that come at once, one changes a row.
    const spent = await tx.run(
      `UPDATE access_bootstrap_secrets SET used_at = ?
       WHERE workspace = ? AND id = ? AND used_at IS NULL AND expires_at > ?`,
      now,
      secret.workspace,
      secret.id,
      now,
    );
    if (spent !== 1) return undefined;
    const { id, text, hash } = createSecret('session', this.#random);
    const expiresAt = now + sessionLifetimeMs;
    await tx.run(
      `INSERT INTO access_sessions (workspace, id, principal, hash, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
      principal.workspace,
      id,
      principal.id,
      hash,
      now,
      expiresAt,
    );
    await recordFor(tx, principal, 'session.open', `session/${id}`);
    return { id, text, expiresAt, principal };
  }
}

interface CredentialRow {
  readonly workspace: string;
  readonly id: string;
  readonly principal: string;
  readonly hash: string;
  readonly expires_at: number;
}

function recordFor(
  tx: Transaction,
  principal: Principal,
  action: string,
  resource: string,
): Promise<void> {
  return tx.record({ workspace: principal.workspace, actor: principal.id, action, resource });
}
