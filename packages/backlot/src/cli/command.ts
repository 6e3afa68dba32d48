import type { Io } from '@backlot/core';
import type { Output } from './output.ts';

/** A verb of the command line, as data: help, parsing and documentation come from it. */
export interface Command {
  /** One word or two: `runs`, `audit verify`. */
  readonly name: string;
  readonly summary: string;
  readonly arguments?: readonly CommandArgument[];
  readonly options?: readonly CommandOption[];
  /** A call that works as it stands. */
  readonly example: string;
  /** Only programs call it; help does not list it. */
  readonly hidden?: boolean;
  /** The code behind the verb, loaded when it is called, so that help is quick. */
  readonly load: () => Promise<{ readonly run: CommandRun }>;
}

interface CommandArgument {
  readonly name: string;
  readonly summary: string;
  readonly optional?: boolean;
}

interface CommandOption {
  /** As commander writes it: `--data <folder>`. */
  readonly flags: string;
  readonly summary: string;
  readonly choices?: readonly string[];
  readonly default?: string;
}

/** Runs a verb; what it answers is the exit code, 0 when nothing. */
export type CommandRun = (call: CommandCall) => Promise<number | undefined>;

export interface CommandCall {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly output: Output;
  readonly io: Io;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Fires on the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}
