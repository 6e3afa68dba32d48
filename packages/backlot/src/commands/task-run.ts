import { present } from '@backlot/core';
import { httpControl, runWorker } from '@backlot/pipelines';
import { openKeys, statePaths } from '@backlot/store';
import type { CommandCall } from '../cli/command.ts';
import { describeError } from '../cli/output.ts';
import { definitionsOf } from '../owner/definitions.ts';
import { storageOf } from '../owner/storage.ts';
import { taskServices } from '../owner/task-services.ts';
import { findProject } from '../project.ts';

const threads = 2;

/** `backlot task run`: one attempt of one task in this process; the exit code says what came of it. */
export async function run(call: CommandCall): Promise<number> {
  const { args, io, cwd, environment, signal, output } = call;
  const home = present(environment.BACKLOT_HOME, 'BACKLOT_HOME');
  const paths = statePaths(home);
  const project = await findProject(io, cwd);
  const definitions = definitionsOf(project);
  const code = await runWorker({
    ...{ reference: args[0]!, definitions, io, environment, signal, pid: process.pid },
    control: httpControl({
      api: present(environment.BACKLOT_API, 'BACKLOT_API'),
      token: present(environment.BACKLOT_TOKEN, 'BACKLOT_TOKEN'),
      fetch: globalThis.fetch,
    }),
    objects: await storageOf(project, environment).openObjects(io, paths, false),
    onFault: (error) => output.say(describeError(error, true).join('\n')),
    services: taskServices(
      io,
      openKeys(io, paths.keys, { create: false }),
      definitions.tables,
      threads,
    ),
  });
  // A task that does not heed its signal may still run, and idle kernels keep nothing alive.
  process.exit(code);
}
