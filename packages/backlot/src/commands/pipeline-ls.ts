import type { CommandRun } from '../cli/command.ts';
import { connected } from './connected.ts';
import { listPipelines } from './run.ts';

/** `backlot pipeline ls`. */
export const run: CommandRun = connected(async (call, connection) =>
  listPipelines(call, connection),
);
