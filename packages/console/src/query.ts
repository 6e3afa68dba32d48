import { useEffect, useSyncExternalStore } from 'react';
import { RequestFailed } from './api.ts';

/** What is known of an answer: its last value stays while a newer one is fetched or fails. */
export interface Query<Result> {
  readonly data?: Result;
  readonly error?: RequestFailed;
  readonly loading: boolean;
  /** When the value came, milliseconds. */
  readonly at?: number;
  readonly reload: () => void;
}

interface Slot {
  state: Query<unknown>;
  busy: boolean;
  readonly listeners: Set<() => void>;
}

const slots = new Map<string, Slot>();
const usualRefreshMs = 10_000;

/** Whether the server answers, and since when it does not. */
interface Connection {
  readonly live: boolean;
  readonly lastAnswerAt: number;
}

let connection: Connection = { live: true, lastAnswerAt: Date.now() };
const connectionListeners = new Set<() => void>();

/** Told by every request and stream: an answer of any kind means that the server is there. */
export function reportConnection(live: boolean): void {
  const changed = live !== connection.live;
  connection = { live, lastAnswerAt: live ? Date.now() : connection.lastAnswerAt };
  if (changed) for (const listener of connectionListeners) listener();
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => {
      connectionListeners.add(listener);
      return () => connectionListeners.delete(listener);
    },
    () => connection,
  );
}

function slotOf(key: string): Slot {
  const known = slots.get(key);
  if (known) return known;
  const slot: Slot = {
    state: { loading: true, reload: () => undefined },
    busy: false,
    listeners: new Set(),
  };
  slots.set(key, slot);
  return slot;
}

function publish(slot: Slot, state: Query<unknown>): void {
  slot.state = state;
  for (const listener of slot.listeners) listener();
}

async function fetchInto(slot: Slot, load: () => Promise<unknown>): Promise<void> {
  if (slot.busy) return;
  slot.busy = true;
  const reload = (): void => void fetchInto(slot, load);
  try {
    const data = await load();
    reportConnection(true);
    publish(slot, { data, loading: false, at: Date.now(), reload });
  } catch (cause) {
    const error =
      cause instanceof RequestFailed
        ? cause
        : new RequestFailed({ code: 'E-CONSOLE-002', reason: String(cause) }, 0);
    reportConnection(error.status !== 0);
    const { data, at } = slot.state;
    publish(slot, {
      ...(data !== undefined && { data }),
      ...(at !== undefined && { at }),
      error,
      loading: false,
      reload,
    });
  } finally {
    slot.busy = false;
  }
}

/**
 * An answer by its key, fetched when first read and again at an interval while the page is seen.
 * `load` must depend on nothing but the key.
 */
export function useQuery<Result>(
  key: string,
  load: () => Promise<Result>,
  refreshMs: number = usualRefreshMs,
): Query<Result> {
  const slot = slotOf(key);
  const state = useSyncExternalStore(
    (listener) => {
      slot.listeners.add(listener);
      return () => slot.listeners.delete(listener);
    },
    () => slot.state,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the loader
  useEffect(() => {
    void fetchInto(slot, load);
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void fetchInto(slot, load);
    }, refreshMs);
    return () => clearInterval(timer);
  }, [key, refreshMs]);
  return state as Query<Result>;
}

/** Puts a value that came another way, such as by a stream or as the answer of an act. */
export function putAnswer(key: string, data: unknown): void {
  const slot = slotOf(key);
  publish(slot, { data, loading: false, at: Date.now(), reload: slot.state.reload });
}

/** Fetches again whatever is on the page, after an act changed it. */
export function reloadAll(): void {
  for (const slot of slots.values()) if (slot.listeners.size > 0) slot.state.reload();
}

/** What was put under a key, without asking for it. */
export function useAnswer<Result>(
  key: string,
): { readonly data: Result; readonly at: number } | undefined {
  const slot = slotOf(key);
  const { data, at } = useSyncExternalStore(
    (listener) => {
      slot.listeners.add(listener);
      return () => slot.listeners.delete(listener);
    },
    () => slot.state,
  );
  return data === undefined || at === undefined ? undefined : { data: data as Result, at };
}
