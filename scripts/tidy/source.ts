import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ImportLine {
  readonly specifier: string;
  /** Nothing of it exists when the program runs. */
  readonly typeOnly: boolean;
  /** The imported or re-exported names; `*` for all of them. */
  readonly names: readonly string[];
  readonly reexport: boolean;
}

export interface SourceFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  /** `core` for `packages/core/...`, empty outside the packages. */
  readonly package: string;
  readonly test: boolean;
  readonly text: string;
  /** The text with comments and the insides of strings blanked, line by line as before. */
  readonly code: string;
  readonly imports: readonly ImportLine[];
  /** Names that the file exports itself. */
  readonly exports: readonly string[];
}

export const root: string = join(import.meta.dirname, '../..');

/** Every TypeScript file of the repository that is ours to keep tidy. */
export function readSources(): readonly SourceFile[] {
  const patterns = [
    'packages/*/src/**/*.{ts,tsx}',
    'packages/*/build.ts',
    'benchmarks/**/*.ts',
    'scripts/**/*.ts',
    'examples/**/*.ts',
  ];
  return globSync(patterns, { cwd: root })
    .filter((path) => !/node_modules|\/dist\/|\/assembly\//.test(path))
    .sort()
    .map((path) => readSource(path.replaceAll('\\', '/')));
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const code = blankComments(text);
  return {
    path,
    package: /^packages\/([^/]+)\//.exec(path)?.[1] ?? '',
    test: /\.test\.tsx?$|\.fixture\.ts$|\/testing\//.test(path),
    text,
    code,
    imports: readImports(code),
    exports: readExports(blankTemplates(code)),
  };
}

/** Comments become spaces, so that what they quote is not taken for code. */
export function blankComments(text: string): string {
  const token =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g;
  return text.replace(token, (found) =>
    found.startsWith('/') ? found.replace(/[^\n]/g, ' ') : found,
  );
}

/** Templates become empty: a file that writes other files holds their text. */
function blankTemplates(code: string): string {
  return code.replace(/`(?:\\[\s\S]|[^`\\])*`/g, '``');
}

// The verb and `type`; a default name; all or a list of names; where from.
const importPattern = new RegExp(
  [
    /(?:^|\n)\s*(import|export)\s+(type\s+)?/,
    /(?:([\w$]+)\s*,?\s*)?/,
    /(?:\*(?:\s+as\s+[\w$]+)?|\{([^}]*)\})?/,
    /\s*(?:from\s*)?'([^'\n]+)'/,
  ]
    .map((part) => part.source)
    .join(''),
  'g',
);
const dynamicPattern = /\bimport\(\s*'([^'\n]+)'\s*\)/g;

function readImports(code: string): readonly ImportLine[] {
  const lines: ImportLine[] = [];
  for (const [, verb, typeWord, defaultName, list, specifier] of code.matchAll(importPattern)) {
    const items = (list ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
    const names =
      list === undefined ? (defaultName ? ['default'] : ['*']) : items.map(importedName);
    const typeOnly =
      Boolean(typeWord) || (items.length > 0 && items.every((item) => item.startsWith('type ')));
    lines.push({ specifier: specifier!, typeOnly, names, reexport: verb === 'export' });
  }
  for (const [, specifier] of code.matchAll(dynamicPattern)) {
    lines.push({ specifier: specifier!, typeOnly: false, names: ['*'], reexport: false });
  }
  return lines;
}

function importedName(item: string): string {
  return item
    .replace(/^type\s+/, '')
    .split(/\s+as\s+/)[0]!
    .trim();
}

const exportPattern = new RegExp(
  [
    /(?:^|\n)export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?/,
    /(?:function\*?|const|let|class|interface|type)\s+([\w$]+)/,
  ]
    .map((part) => part.source)
    .join(''),
  'g',
);
const exportListPattern = /(?:^|\n)export\s+(?:type\s+)?\{([^}]*)\}(?!\s*from)/g;

function readExports(code: string): readonly string[] {
  const names = [...code.matchAll(exportPattern)].map((match) => match[1]!);
  for (const [, list] of code.matchAll(exportListPattern)) {
    for (const item of list!
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)) {
      names.push(
        item
          .replace(/^type\s+/, '')
          .split(/\s+as\s+/)
          .at(-1)!,
      );
    }
  }
  return names;
}
