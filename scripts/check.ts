import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Formatter, linter and types over the whole tree; ends with 1 when anything is to be mended. */
const root = join(import.meta.dirname, '..');
const packages = readdirSync(join(root, 'packages'))
  .map((name) => `packages/${name}`)
  .filter((path) => existsSync(join(root, path, 'tsconfig.json')));

const commands: readonly (readonly [string, ...string[]])[] = [
  ['biome', 'check', '.'],
  ['tsc', '--project', 'tsconfig.json'],
  ...packages.map((path) => ['tsc', '--project', path] as const),
];

for (const [command, ...args] of commands) {
  const { status } = spawnSync(join(root, 'node_modules/.bin', command), args, {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
}
