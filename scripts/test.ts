import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runTests } from './run-tests.ts';

/**
 * Runs every check and every test: `npm test`, or `npm test -- packages/core` for a part of them.
 * Ends with the summary of Node's own test runner.
 */
const root = join(import.meta.dirname, '..');
const wanted = process.argv.slice(2);
const run = (...args: readonly string[]): void => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

run('scripts/build.ts');
if (wanted.length === 0) run('scripts/check.ts');
const folders = wanted.length > 0 ? wanted : ['packages', 'scripts', 'benchmarks', 'examples'];
const files = folders.map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.test.ts`));
process.exitCode = await runTests(files, 300_000);
