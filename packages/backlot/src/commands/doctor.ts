import { resolve } from 'node:path';
import { BacklotError, exitCodes } from '@backlot/core';
import type { CommandCall } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { homeOf } from '../owner/home.ts';
import { storageOf } from '../owner/storage.ts';
import { findProject } from '../project.ts';
import { type Finding, findings } from './doctor-checks.ts';
import { storageFindings } from './doctor-storage.ts';

/** `backlot doctor`: checks this machine and this state folder; a failed check is exit code 1. */
export async function run(call: CommandCall): Promise<number> {
  const { io, cwd, options, output } = call;
  const { home, config } = await placeOf(call);
  const checks = [...config, ...(await findings(io, resolve(cwd, String(options.home ?? home))))];
  const ok = checks.every(({ state }) => state !== 'fail');
  output.result(
    { ok, checks },
    table(checks.map(({ state, name, found }) => [state, name, found])),
  );
  for (const { name, mend } of checks) if (mend) output.say(`${name}: ${mend}`);
  return ok ? 0 : exitCodes.failed;
}

/** Where the state folder would be. A configuration that does not load is a finding here. */
async function placeOf({
  io,
  cwd,
  environment,
}: CommandCall): Promise<{ readonly home: string; readonly config: readonly Finding[] }> {
  try {
    const project = await findProject(io, cwd);
    const found = project.configured
      ? `${project.name} in ${project.folder}`
      : 'none, the defaults';
    const home = homeOf(project, undefined, cwd);
    const storage = await storageFindings(io, storageOf(project, environment), home);
    return { home, config: [{ name: 'project', state: 'ok', found }, ...storage] };
  } catch (error) {
    if (!(error instanceof BacklotError)) throw error;
    const { reason, mend } = error;
    const finding: Finding = {
      name: 'project',
      state: 'fail',
      found: reason,
      ...(mend && { mend }),
    };
    return { home: '.backlot', config: [finding] };
  }
}
