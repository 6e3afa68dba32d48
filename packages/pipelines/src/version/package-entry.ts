/** What of a package's manifest says where its modules are. */
export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly exports?: unknown;
  readonly imports?: unknown;
  readonly main?: string;
}

/**
 * The file, relative to the manifest, that a specifier of the package stands for: through `exports`
 * (or `imports` for `#names`) under the conditions of an ES module in Node.
 *
 * @example
 * entryOf({ name: '@shop/x', version: '1', exports: { '.': './src/index.ts' } }, '@shop/x'); // './src/index.ts'
 */
export function entryOf(manifest: PackageManifest, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return lookUp(manifest.imports, specifier);
  const subpath = `.${specifier.slice(manifest.name.length)}`;
  if (manifest.exports === undefined) {
    return subpath === '.' ? (manifest.main ?? './index.js') : subpath;
  }
  if (isSubpathMap(manifest.exports)) return lookUp(manifest.exports, subpath);
  return subpath === '.' ? conditional(manifest.exports) : undefined;
}

const conditions = new Set(['node', 'import', 'module-sync', 'default']);

function isSubpathMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).some((key) => key.startsWith('.'))
  );
}

function lookUp(map: unknown, name: string): string | undefined {
  if (typeof map !== 'object' || map === null) return undefined;
  const entries = Object.entries(map);
  const exact = entries.find(([key]) => key === name);
  if (exact) return conditional(exact[1]);
  const patterns = entries
    .filter(([key]) => key.includes('*'))
    .sort(([a], [b]) => b.indexOf('*') - a.indexOf('*'));
  for (const [key, value] of patterns) {
    const [before = '', after = ''] = key.split('*');
    if (!name.startsWith(before) || !name.endsWith(after)) continue;
    if (name.length < before.length + after.length) continue;
    const middle = name.slice(before.length, name.length - after.length);
    return conditional(value)?.replaceAll('*', middle);
  }
  return undefined;
}

function conditional(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(conditional).find((found) => found !== undefined);
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [condition, target] of Object.entries(value)) {
    const found = conditions.has(condition) ? conditional(target) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
