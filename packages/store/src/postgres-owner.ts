import { BacklotError } from '@backlot/core';
import pg from 'pg';
import { postgresError } from './postgres-error.ts';

/** Another process owns the metadata: it schedules and serves, and there is one that does. */
export class MetadataOwned extends BacklotError {
  constructor(place: string) {
    super({
      ...{ code: 'E-STORE-018', kind: 'conflict', place },
      reason: 'another process owns this metadata; nothing was changed',
      mend: 'use its address, or stop it',
    });
  }
}

/**
 * The ownership of metadata that several machines can reach. A session's lock says that the owner
 * lives: the server drops it with the connection. A number in a row says who owned it last: an owner
 * whose connection broke unnoticed writes nothing more once another one has taken over.
 */
export class PostgresOwner {
  readonly #config: pg.ClientConfig;
  readonly #place: string;
  #client: pg.Client | undefined;
  #term: number | undefined;

  constructor(config: pg.ClientConfig, place: string) {
    this.#config = config;
    this.#place = place;
  }

  /** @throws MetadataOwned when another session holds the lock */
  async hold(): Promise<void> {
    if (this.#client) return;
    const client = new pg.Client(this.#config);
    client.on('error', () => undefined);
    client.on('end', () => {
      if (this.#client === client) this.#client = undefined;
    });
    try {
      await client.connect();
      const { rows } = await client.query(takeOwnership);
      if (!rows[0].held) throw new MetadataOwned(this.#place);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw postgresError(error, this.#place);
    }
    this.#client = client;
  }

  /** Begins a term, within a transaction; those before it are over. */
  async begin(client: pg.ClientBase): Promise<void> {
    const { rows } = await client.query(
      `INSERT INTO metadata_owner (id, term) VALUES (1, 1)
       ON CONFLICT (id) DO UPDATE SET term = metadata_owner.term + 1 RETURNING term`,
    );
    this.#term = rows[0].term;
  }

  /** Checks within a transaction that the term is still this owner's. */
  async check(client: pg.ClientBase): Promise<void> {
    const { rows } = await client.query('SELECT term FROM metadata_owner WHERE id = 1');
    if (rows[0]?.term !== this.#term) throw new MetadataOwned(this.#place);
  }

  async release(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }
}

/** The table of terms; it stands outside the schemas, which both databases have. */
export const ownerTable: string =
  'CREATE TABLE IF NOT EXISTS metadata_owner (id BIGINT PRIMARY KEY, term BIGINT NOT NULL)';

const takeOwnership =
  'SELECT pg_try_advisory_lock(1113680749, hashtext(current_schema())) = true AS held';
