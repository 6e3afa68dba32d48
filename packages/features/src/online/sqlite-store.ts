import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { KeyPage, OnlineStore, RowChange } from './online-store.ts';

/**
 * Rows in a SQLite file, read through a memory map. Every row can be computed again from the tables,
 * so a commit waits for the operating system alone (`synchronous = NORMAL`): a crash of the process
 * loses nothing, a loss of power at most the last pushes.
 */
export class SqliteStore implements OnlineStore {
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #keys: StatementSync;

  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      PRAGMA busy_timeout = 10000; PRAGMA mmap_size = 1073741824;
      CREATE TABLE IF NOT EXISTS online_rows (
        entity TEXT NOT NULL, key TEXT NOT NULL, row BLOB NOT NULL, PRIMARY KEY (entity, key)
      ) WITHOUT ROWID`);
    const prepare = (sql: string) => this.#database.prepare(sql);
    this.#get = prepare('SELECT row FROM online_rows WHERE entity = ? AND key = ?');
    this.#put = prepare(`INSERT INTO online_rows (entity, key, row) VALUES (?, ?, ?)
      ON CONFLICT (entity, key) DO UPDATE SET row = excluded.row`);
    this.#remove = prepare('DELETE FROM online_rows WHERE entity = ? AND key = ?');
    this.#keys = prepare(
      'SELECT key FROM online_rows WHERE entity = ? AND key >= ? ORDER BY key LIMIT ?',
    );
  }

  async get(entity: string, keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return keys.map((key) => this.#row(entity, key));
  }

  async update(entity: string, keys: readonly string[], change: RowChange): Promise<void> {
    this.#transaction(() => {
      for (const key of keys) {
        const row = change(key, this.#row(entity, key));
        if (row) this.#put.run(entity, key, row);
        else this.#remove.run(entity, key);
      }
    });
  }

  async erase(entity: string, keys: readonly string[]): Promise<number> {
    return this.#transaction(() =>
      keys.reduce((sum, key) => sum + Number(this.#remove.run(entity, key).changes), 0),
    );
  }

  async keys(entity: string, { after, limit }: KeyPage): Promise<readonly string[]> {
    // The least text above another is that with a NUL behind it; below all stands the empty one.
    const from = after === undefined ? '' : `${after}\0`;
    return this.#keys.all(entity, from, limit).map(({ key }) => key as string);
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #row(entity: string, key: string): Uint8Array | undefined {
    return this.#get.get(entity, key)?.row as Uint8Array | undefined;
  }

  #transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}
