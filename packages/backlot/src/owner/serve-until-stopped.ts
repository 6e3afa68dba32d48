import type { Io } from '@backlot/core';
import { readStateOwner, StateFolderOwned, type StateOwner } from '@backlot/store';
import type { CommandCall } from '../cli/command.ts';
import { describeError } from '../cli/output.ts';
import { findProject, type Project } from '../project.ts';
import { homeOf } from './home.ts';
import { type Owner, openOwner } from './owner.ts';
import { storageOf } from './storage.ts';

/** An owner that serves the console, with a promise of how it ends. */
export interface Serving {
  readonly owner: Owner;
  readonly project: Project;
  /** Resolves with the exit code once the owner was asked to stop and has stopped. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

/** Opens the owner of the call's project with the console, or answers who owns it already. */
export async function openServing(call: CommandCall): Promise<Serving | StateOwner> {
  const { io, cwd, options, output, environment, signal } = call;
  const project = await findProject(io, cwd);
  const home = homeOf(project, options.home as string | undefined, cwd);
  const faulted = new AbortController();
  let owner: Owner;
  try {
    owner = await openOwner({
      ...{ io, home, project, console: true, path: environment.PATH ?? '' },
      storage: storageOf(project, environment),
      port: Number(options.port ?? 7400),
      log: (event) => {
        if (event.event === 'port-taken')
          output.say(`port ${event.asked} is taken, took ${event.port}`);
        if (event.event === 'failed') output.say(describeError(event.error, true).join('\n'));
      },
      onFault: (error) => {
        output.say(describeError(error, true).join('\n'));
        faulted.abort();
      },
    });
  } catch (error) {
    const other = error instanceof StateFolderOwned ? await whoOwns(io, home, error) : undefined;
    if (!other) throw error;
    return other;
  }
  let closing: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    closing ??= owner.close();
    return closing;
  };
  const ended = untilStopped(signal, faulted.signal).then(async (code) => {
    await stop();
    return code;
  });
  return { owner, project, ended, stop };
}

async function whoOwns(
  io: Io,
  home: string,
  error: StateFolderOwned,
): Promise<StateOwner | undefined> {
  return error.owner ?? (await readStateOwner(io, home));
}

/** 0 when the process was asked to stop, 1 when it cannot go on. */
function untilStopped(asked: AbortSignal, faulted: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    const on = (signal: AbortSignal, code: number): void => {
      if (signal.aborted) resolve(code);
      else signal.addEventListener('abort', () => resolve(code), { once: true });
    };
    on(faulted, 1);
    on(asked, 0);
  });
}

/** The console's address with a one-time code in its fragment: it signs in the owner, once. */
export async function signInAddress({ state, people, address }: Owner): Promise<string> {
  const { text } = await state.access.sessions.createBootstrapSecret(people.owner);
  return `${address}/#code=${text}`;
}

/** What a second start says: where the first one answers. */
export function sayOwner(call: CommandCall, owner: StateOwner): void {
  const { output } = call;
  const address = owner.address ?? '';
  output.result({ running: true, pid: owner.pid, address }, [
    `process ${owner.pid} owns this state folder already`,
    ...(address ? [address] : []),
  ]);
}
