import type { KeyPage, OnlineStore, RowChange } from './online-store.ts';

/** Rows in memory, for tests and for a process that builds what it serves. */
export class MemoryStore implements OnlineStore {
  readonly #entities = new Map<string, Map<string, Uint8Array>>();

  async get(entity: string, keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    const rows = this.#entities.get(entity);
    return keys.map((key) => rows?.get(key));
  }

  async update(entity: string, keys: readonly string[], change: RowChange): Promise<void> {
    const rows = this.#entities.get(entity) ?? new Map<string, Uint8Array>();
    this.#entities.set(entity, rows);
    for (const key of keys) {
      const row = change(key, rows.get(key));
      if (row) rows.set(key, row.slice());
      else rows.delete(key);
    }
  }

  async erase(entity: string, keys: readonly string[]): Promise<number> {
    const rows = this.#entities.get(entity);
    return keys.filter((key) => rows?.delete(key)).length;
  }

  async keys(entity: string, { after, limit }: KeyPage): Promise<readonly string[]> {
    const all = [...(this.#entities.get(entity)?.keys() ?? [])].map((key) => Buffer.from(key));
    const start = after === undefined ? undefined : Buffer.from(after);
    return all
      .filter((key) => start === undefined || Buffer.compare(key, start) > 0)
      .sort(Buffer.compare)
      .slice(0, limit)
      .map(String);
  }

  async close(): Promise<void> {
    this.#entities.clear();
  }
}
