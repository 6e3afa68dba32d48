import { createRequire, findPackageJSON } from 'node:module';
import { dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BadDefinition } from '../pipelines-error.ts';

/**
 * A module as its package and the path in it: the same on every machine, which a file's address is
 * not. Reading a package's manifest is part of loading code, so it does not go through the io port.
 */
export function moduleReference(moduleUrl: string): string {
  const manifest = manifestOf(moduleUrl);
  const path = fileURLToPath(moduleUrl);
  const { name } = createRequire(moduleUrl)(manifest) as { readonly name?: unknown };
  if (typeof name !== 'string') throw new BadDefinition(manifest, 'the package has no name');
  return `${name}/${relative(dirname(manifest), path).split(sep).join('/')}`;
}

function manifestOf(moduleUrl: string): string {
  if (!moduleUrl.startsWith('file:')) {
    throw new BadDefinition(moduleUrl, 'a task says its module by import.meta.url');
  }
  const manifest = findPackageJSON(moduleUrl);
  if (manifest === undefined) {
    throw new BadDefinition(moduleUrl, 'the module lies in no package: there is no package.json');
  }
  return manifest;
}
