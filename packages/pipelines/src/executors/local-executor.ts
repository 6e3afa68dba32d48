import type { Processes } from '@backlot/core';
import type { Executor, Launch, Running } from './executor.ts';
import { redactor } from './redactor.ts';

export interface LocalExecutorOptions {
  readonly processes: Processes;
  /** What is started, before `task run <reference>`: the path of Node and of the program. */
  readonly command: readonly [string, ...string[]];
  /** Where workers reach the control port; asked at each start, since a port may be taken. */
  readonly api: () => string;
  readonly home: string;
  /** The process that workers belong to: they end themselves when it is gone. */
  readonly owner: number;
  /** A token that is good for this attempt alone. */
  readonly issueToken: (launch: Launch) => Promise<string>;
  /** The folder that workers start in. */
  readonly cwd?: string;
  /** The `PATH` that workers get. */
  readonly path: string;
  /** Further variables. Nothing else is inherited. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts each attempt as a process of its own, at the head of its own group. */
export function localExecutor(options: LocalExecutorOptions): Executor {
  return { start: (launch) => start(options, launch) };
}

async function start(options: LocalExecutorOptions, launch: Launch): Promise<Running> {
  const token = await options.issueToken(launch);
  const [command, ...args] = options.command;
  const stdout = redactor(token, launch.print);
  const stderr = redactor(token, launch.print);
  const child = options.processes.spawn(command, [...args, 'task', 'run', launch.reference], {
    env: {
      ...options.environment,
      BACKLOT_RUN: launch.run,
      BACKLOT_ATTEMPT: launch.attempt,
      BACKLOT_API: options.api(),
      BACKLOT_TOKEN: token,
      BACKLOT_HOME: options.home,
      BACKLOT_OWNER: String(options.owner),
      PATH: options.path,
    },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    onStdout: stdout.write,
    onStderr: stderr.write,
  });
  const exit = child.exit.then((exit) => {
    stdout.end();
    stderr.end();
    // A worker that died may leave what it had started itself: the group goes with it.
    child.kill('SIGKILL');
    return exit;
  });
  return {
    exit,
    terminate: () => child.kill('SIGTERM'),
    kill: () => child.kill('SIGKILL'),
  };
}
