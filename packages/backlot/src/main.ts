import { commands } from './cli/commands.ts';
import { runProgram } from './cli/program.ts';
import { version } from './version.ts';

// The first signal asks for an orderly end; a second one ends at once.
const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(signal);
  });
}

process.exitCode = await runProgram({
  commands,
  argv: process.argv.slice(2),
  environment: process.env,
  cwd: process.cwd(),
  signal: controller.signal,
  stdout: process.stdout,
  stderr: process.stderr,
  version,
});
