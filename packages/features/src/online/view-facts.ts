import type { OnlineStore } from './online-store.ts';

/** What is known of a served view as a whole; times in microseconds since 1970, UTC. */
export interface ViewFacts {
  /** Events before this moment come from the tables; absent before the first build. */
  readonly through?: number;
  readonly builtAt?: number;
  readonly newestEvent?: number;
  /** In the last whole build, and those that builds added since. */
  readonly keys: number;
  readonly pushed: number;
  /** A build that began and has not ended. */
  readonly building?: BuildProgress;
}

export interface BuildProgress {
  /** Absent: from the first event on. */
  readonly from?: number;
  readonly to: number;
  /** Keys up to this one, in the order of their code units, are done; absent: none. */
  readonly cursor?: string;
}

const entity = 'facts';
const nothing: ViewFacts = { keys: 0, pushed: 0 };

/** The facts of each of some views, which are named by workspace, name and version. */
export async function readFacts(
  store: OnlineStore,
  views: readonly string[],
): Promise<readonly ViewFacts[]> {
  return (await store.get(entity, views)).map(parsed);
}

/** Changes a view's facts, whoever else does. */
export async function changeFacts(
  store: OnlineStore,
  view: string,
  change: (facts: ViewFacts) => ViewFacts,
): Promise<void> {
  await store.update(entity, [view], (_, row) => Buffer.from(JSON.stringify(change(parsed(row)))));
}

function parsed(row: Uint8Array | undefined): ViewFacts {
  return row ? JSON.parse(Buffer.from(row).toString()) : nothing;
}
