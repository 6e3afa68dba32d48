import { posix } from 'node:path';
import { levels, peers, testOnly, typesOnly } from './rules.ts';
import type { ImportLine, SourceFile } from './source.ts';

/** The package an import names: `core` for `@backlot/core` or `@backlot/core/x`. */
export function importedPackage(specifier: string): string | undefined {
  return (
    /^@backlot\/([^/]+)/.exec(specifier)?.[1] ?? (specifier === 'backlot' ? 'backlot' : undefined)
  );
}

/** The file a relative import names. */
function importedFile(from: SourceFile, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.normalize(posix.join(posix.dirname(from.path), specifier));
}

/** Imports that point up, sideways, into a package's inside, or at what only tests may use. */
export function layerBreaks(sources: readonly SourceFile[]): readonly string[] {
  return sources
    .filter((file) => file.package !== '')
    .flatMap((file) =>
      file.imports.map((line) => breakOf(file, line)).filter((text) => text !== undefined),
    );
}

function breakOf(file: SourceFile, line: ImportLine): string | undefined {
  const inside = importedFile(file, line.specifier);
  if (
    inside &&
    !inside.startsWith(`packages/${file.package}/`) &&
    !file.test &&
    !file.path.endsWith('build.ts')
  ) {
    return `${file.path} reaches into ${inside}: import the package by its name`;
  }
  const target = importedPackage(line.specifier);
  if (target === undefined || target === file.package) return undefined;
  if (levels[target] === undefined) return `${file.path} imports ${target}, which has no layer`;
  if (testOnly.includes(target)) {
    return file.test ? undefined : `${file.path} imports ${target}, which is for tests`;
  }
  if (file.test) return undefined;
  if (typesOnly[file.package]?.includes(target)) return typesOnlyBreak(file, line);
  const below = levels[target] < levels[file.package]!;
  if (below || peers[file.package]?.includes(target)) return undefined;
  const [from, to] = [levels[file.package], levels[target]];
  return `${file.path} (layer ${from}) imports ${target} (layer ${to}): imports point down only`;
}

function typesOnlyBreak(file: SourceFile, line: ImportLine): string | undefined {
  if (line.typeOnly || line.specifier.endsWith('/client')) return undefined;
  return `${file.path} imports values from ${line.specifier}: types only`;
}

/** Rings of files that import each other's values, each as `a -> b -> a`. */
export function valueCycles(sources: readonly SourceFile[]): readonly string[] {
  const edges = new Map(
    sources.map((file) => [
      file.path,
      file.imports
        .filter((line) => !line.typeOnly)
        .map((line) => importedFile(file, line.specifier)),
    ]),
  );
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) cycles.push([...trail.slice(at), path].join(' -> '));
    if (at >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) if (next) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
}

/** Exports that no other file imports and no entry point lists. */
export function deadExports(sources: readonly SourceFile[]): readonly string[] {
  const used = new Set<string>();
  for (const file of sources) {
    for (const line of file.imports) {
      const target = importedFile(file, line.specifier);
      if (target) for (const name of line.names) used.add(`${target}#${name}`);
    }
  }
  return sources
    .filter((file) => !isEntry(file) && !file.test)
    .flatMap((file) =>
      file.exports
        .filter((name) => !used.has(`${file.path}#${name}`) && !used.has(`${file.path}#*`))
        .map((name) => `${file.path} exports ${name}, which nothing imports`),
    );
}

function isEntry(file: SourceFile): boolean {
  return /\/src\/(?:index|client|main)\.tsx?$|\/build\.ts$|^benchmarks\/|^examples\/|\.config\.ts$/.test(
    file.path,
  );
}
