import type { Executor, Launch } from './executor.ts';

/**
 * Runs attempts in this process, for tests and for tasks that must not have one of their own.
 * Nothing can end them but themselves: `kill` asks once more.
 */
export function inProcessExecutor(
  work: (launch: Launch, signal: AbortSignal) => Promise<number>,
): Executor {
  return {
    start: async (launch) => {
      const controller = new AbortController();
      const exit = work(launch, controller.signal).then(
        (code) => ({ code, signal: null }),
        (error: unknown) => ({
          code: null,
          signal: null,
          failure: error instanceof Error ? error.message : String(error),
        }),
      );
      return {
        exit,
        terminate: () => controller.abort(),
        kill: () => controller.abort(),
      };
    },
  };
}
