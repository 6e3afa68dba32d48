import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where `scripts/setup-integration` keeps what it installs. */
function integrationFolder(): string {
  return process.env.BACKLOT_INTEGRATION ?? join(homedir(), '.cache', 'backlot-integration');
}

/**
 * The folder of an installed part that integration tests need, or why it is missing. Where
 * continuous integration runs (`CI=true`) a missing part is a failure, so that no test is skipped
 * there unseen.
 *
 * @example
 * const spark = integrationPart('spark');
 * test('runs on Spark', { skip: typeof spark !== 'string' && spark.missing }, async () => {});
 */
export function integrationPart(name: string): string | { readonly missing: string } {
  const folder = join(integrationFolder(), name);
  if (existsSync(join(folder, 'installed'))) return folder;
  const reason = `${name} is not installed: run scripts/setup-integration`;
  if (process.env.CI === 'true') throw new Error(`${reason}; continuous integration must have it`);
  return { missing: reason };
}
