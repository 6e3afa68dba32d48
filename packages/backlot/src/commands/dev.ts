import type { CommandCall } from '../cli/command.ts';
import { watchSources } from '../cli/watch-sources.ts';
import {
  openServing,
  type Serving,
  sayOwner,
  signInAddress,
} from '../owner/serve-until-stopped.ts';

/**
 * `backlot dev`: serves, and when a definition of the project changed, opens the state anew in a
 * fresh process of its own so that the new code is what runs. Cached tasks are not run again.
 */
export async function run(call: CommandCall): Promise<number> {
  const serving = await openServing(call);
  if (!('owner' in serving)) {
    sayOwner(call, serving);
    return 0;
  }
  const { owner, project, ended } = serving;
  call.output.result({ api: owner.address }, [await signInAddress(owner)]);
  call.output.say(`watching ${project.folder}`);
  const changed = watchSources(call.io, project.folder, call.signal);
  const code = await Promise.race([ended, changed.then(() => undefined)]);
  return code ?? restart(call, serving);
}

/** Node keeps modules for the life of a process, so changed ones need another process. */
async function restart(call: CommandCall, { stop }: Serving): Promise<number> {
  call.output.say('a definition changed: starting again');
  await stop();
  const env = Object.fromEntries(
    Object.entries(call.environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  const child = call.io.processes.spawn(process.execPath, process.argv.slice(1), {
    ...{ env, cwd: call.cwd },
    onStdout: (chunk) => void process.stdout.write(chunk),
    onStderr: (chunk) => void process.stderr.write(chunk),
  });
  const end = (): void => child.kill('SIGTERM');
  call.signal.addEventListener('abort', end, { once: true });
  return (await child.exit).code ?? 1;
}
