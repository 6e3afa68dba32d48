import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { noSpark, sparkEnvironment, startSparkServer } from '@backlot/testing';

const root = join(import.meta.dirname, '..');

/**
 * Runs test files with Node's runner and answers its exit code. Where some of them need Spark, one
 * server is started for all, and is stopped however the tests end. Where Spark is not installed the
 * tests that need it say so themselves.
 */
export async function runTests(files: readonly string[], timeoutMs: number): Promise<number> {
  const needed = globSync([...files], { cwd: root }).some((file) =>
    file.endsWith('.spark.test.ts'),
  );
  if (!needed || noSpark()) return runNode(files, timeoutMs, {});
  const server = await startSparkServer();
  try {
    return await runNode(files, timeoutMs, {
      [sparkEnvironment.address]: server.address,
      [sparkEnvironment.token]: server.token,
    });
  } finally {
    await server.stop();
  }
}

function runNode(
  files: readonly string[],
  timeoutMs: number,
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn(process.execPath, ['--test', `--test-timeout=${timeoutMs}`, ...files], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  // A signal is for the tests; we stay until they have ended, to stop what they were given.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}
