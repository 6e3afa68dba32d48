/**
 * Where served values lie: one row of bytes for each key of an entity. What is in a row is not the
 * store's affair.
 */
export interface OnlineStore {
  /** The rows of the keys, in their order; `undefined` where there is none. One look-up for each. */
  get(entity: string, keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  /**
   * Changes rows one by one: `change` is given the row as it stands and answers what shall stand, or
   * `undefined` for none. Each row changes at once and as a whole, whoever else writes; `change` may be
   * called again where another was faster, so it has no effect but its answer.
   */
  update(entity: string, keys: readonly string[], change: RowChange): Promise<void>;
  /** Removes rows; answers how many there were. */
  erase(entity: string, keys: readonly string[]): Promise<number>;
  /** The keys after one of them, in the order of their bytes. */
  keys(entity: string, page: KeyPage): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Answers the row that shall stand in the place of `row`. */
export type RowChange = (key: string, row: Uint8Array | undefined) => Uint8Array | undefined;

export interface KeyPage {
  readonly after?: string;
  readonly limit: number;
}
