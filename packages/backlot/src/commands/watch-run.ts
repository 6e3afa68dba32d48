import type { RunView } from '@backlot/server/client';
import type { CommandCall } from '../cli/command.ts';
import { createRunDisplay } from '../cli/run-display.ts';
import type { Connection } from '../connect.ts';

/** The exit code of a command whose watching was interrupted. */
export const interrupted = 130;

/**
 * Shows a run until it ends and answers it as it ended, or `undefined` when the call was
 * interrupted: that ends the watching alone, and says what becomes of the run.
 */
export async function watchRun(
  call: CommandCall,
  connection: Connection,
  run: string,
): Promise<RunView | undefined> {
  const last = await show(call, connection, run);
  if (!call.signal.aborted) {
    // A stream has a longest life; whatever it showed last, the run itself is asked.
    return last && hasEnded(last) ? last : connection.api.readRun({ params: { run } });
  }
  const where = connection.address
    ? `goes on; backlot runs ${run.slice(0, 7)} shows it`
    : 'stops with this process and goes on with the next: backlot serve';
  call.output.say(`run ${run.slice(0, 7)} ${where}`);
  return undefined;
}

async function show(
  { output, io, signal }: CommandCall,
  { api }: Connection,
  run: string,
): Promise<RunView | undefined> {
  const display = createRunDisplay(output);
  const interruption = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const events = api.watchRun({ params: { run } }, { signal })[Symbol.asyncIterator]();
  let last: RunView | undefined;
  try {
    for (;;) {
      const event = await Promise.race([nextOf(events, signal), interruption]);
      if (!event || event.done) return last;
      last = event.value.data;
      display.show(last, io.clock.now());
      if (hasEnded(last)) return last;
    }
  } finally {
    display.end();
    // An interrupted stream may still wait for its next event, which nobody reads.
    if (!signal.aborted) await events.return?.();
  }
}

/** The next event; none when the signal is what broke the stream. */
async function nextOf<T>(
  events: AsyncIterator<T>,
  signal: AbortSignal,
): Promise<IteratorResult<T> | undefined> {
  try {
    return await events.next();
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

function hasEnded({ state }: RunView): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** Says why a run did not succeed and how to go on. */
export function sayFailure({ output }: CommandCall, run: RunView): void {
  for (const task of run.taskViews.filter(({ state }) => state === 'failed')) {
    const problem = task.attempts.at(-1)?.error;
    output.say(`${task.id} failed${problem ? `: ${problem.code} ${problem.reason}` : ''}`);
    if (problem?.place) output.say(`  at   ${problem.place}`);
    if (problem?.mend) output.say(`  try  ${problem.mend}`);
  }
  const next = run.resume ?? `backlot run --resume ${run.id.slice(0, 7)}`;
  if (run.state === 'failed') output.say(`go on from there: ${next}`);
}
