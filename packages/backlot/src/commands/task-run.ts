import { present } from '@backlot/core';
import { httpControl, runWorker } from '@backlot/pipelines';
import { openFileObjects, openKeys, statePaths } from '@backlot/store';
import type { CommandCall } from '../cli/command.ts';
import { describeError } from '../cli/output.ts';
import { definitionsOf } from '../owner/definitions.ts';
import { taskServices } from '../owner/task-services.ts';
import { findProject } from '../project.ts';

const threads = 2;

/** `backlot task run`: one attempt of one task in this process; the exit code says what came of it. */
export async function run(call: CommandCall): Promise<number> {
  const { args, io, cwd, environment, signal, output } = call;
  const home = present(environment.BACKLOT_HOME, 'BACKLOT_HOME');
  const { objects, keys } = statePaths(home);
  const definitions = definitionsOf(await findProject(io, cwd));
  const code = await runWorker({
    ...{ reference: args[0]!, definitions, io, environment, signal, pid: process.pid },
    control: httpControl({
      api: present(environment.BACKLOT_API, 'BACKLOT_API'),
      token: present(environment.BACKLOT_TOKEN, 'BACKLOT_TOKEN'),
      fetch: globalThis.fetch,
    }),
    objects: await openFileObjects(io, objects),
    onFault: (error) => output.say(describeError(error, true).join('\n')),
    services: taskServices(io, openKeys(io, keys, { create: false }), definitions.tables, threads),
  });
  // A task that does not heed its signal may still run, and idle kernels keep nothing alive.
  process.exit(code);
}
