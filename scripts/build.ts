import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Builds what is not committed: the WebAssembly kernels and the console's static files.
 * A part is built again only when its sources changed. Called by the root `prepare`, `start` and `test`.
 */
const root = join(import.meta.dirname, '..');
const parts = ['packages/compute/build.ts', 'packages/console/build.ts'];

for (const part of parts) {
  const path = join(root, part);
  if (!existsSync(path)) continue;
  const { build } = (await import(path)) as { build(): Promise<void> };
  await build();
}
