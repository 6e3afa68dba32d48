import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deadExports, importedPackage, layerBreaks, valueCycles } from './imports.ts';
import { levels } from './rules.ts';
import { blankComments, readSources, root, type SourceFile } from './source.ts';
import { bannedCalls, functionLengths, longFunctionBreaks, longLines } from './text.ts';

const sources = readSources();

function none(found: readonly string[]): void {
  assert.equal(found.length, 0, `\n${found.join('\n')}\n`);
}

test('imports point down only', () => none(layerBreaks(sources)));
test('no two files import each other as values', () => none(valueCycles(sources)));
test('every export has a user or an entry point that lists it', () => none(deadExports(sources)));
test('banned calls are replaced', () => none(bannedCalls(sources)));
test('lines are short', () => none(longLines(sources)));
test('functions are short, and long ones only become fewer', () =>
  none(longFunctionBreaks(sources)));

test('every package has a layer, a README and declares what it imports', () => {
  const packages = [...new Set(sources.map((file) => file.package))].filter((name) => name !== '');
  const found = packages.flatMap((name) => {
    const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
    const declared = { ...manifest.dependencies, ...manifest.devDependencies };
    const imported = sources
      .filter((file) => file.package === name)
      .flatMap((file) => file.imports.map((line) => importedPackage(line.specifier)))
      .filter((target) => target !== undefined && target !== name);
    return [
      ...(levels[name] === undefined ? [`${name} has no layer`] : []),
      ...(existsSync(join(root, 'packages', name, 'README.md'))
        ? []
        : [`packages/${name} has no README.md`]),
      ...[...new Set(imported)]
        .filter((target) => target !== 'backlot' && !declared[`@backlot/${target}`])
        .map((target) => `packages/${name}/package.json does not declare @backlot/${target}`),
    ];
  });
  none(found);
});

test('the repository names no machine, registry or download address', () => {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
  const patterns = [
    /\/(?:home|root|work|Users)\/[\w.-]+/,
    /registry\.npmjs|pypi\.org|"resolved": "http/,
  ];
  const found = tracked
    .split('\0')
    .filter((path) => path && !path.includes('tidy.test.ts') && existsSync(join(root, path)))
    .flatMap((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return patterns
        .map((pattern) => pattern.exec(text)?.[0])
        .filter((hit) => hit !== undefined)
        .map((hit) => `${path} names ${hit}`);
    });
  none(found);
});

test('the checks find what they look for', () => {
  const file = (path: string, text: string): SourceFile => ({
    path,
    package: /^packages\/([^/]+)/.exec(path)?.[1] ?? '',
    test: false,
    text,
    code: blankComments(text),
    imports: [...text.matchAll(/from '([^']+)'/g)].map((match) => ({
      specifier: match[1]!,
      typeOnly: false,
      names: ['x'],
      reexport: false,
    })),
    exports: [],
  });
  assert.equal(
    layerBreaks([file('packages/core/src/a.ts', "import { x } from '@backlot/store';")]).length,
    1,
  );
  assert.equal(
    layerBreaks([file('packages/store/src/a.ts', "import { x } from '@backlot/core';")]).length,
    0,
  );
  const ring = [
    file('packages/core/src/a.ts', "import { x } from './b.ts';"),
    file('packages/core/src/b.ts', "import { x } from './a.ts';"),
  ];
  assert.equal(valueCycles(ring).length, 1);
  assert.equal(bannedCalls([file('packages/core/src/a.ts', 'const t = Date.now();')]).length, 1);
  assert.equal(
    bannedCalls([file('packages/core/src/a.ts', '// Date.now() in a comment')]).length,
    0,
  );
  assert.deepEqual(functionLengths('function f() {\n  return 1;\n}'), [3]);
});
