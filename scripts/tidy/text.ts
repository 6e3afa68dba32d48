import { bans, longFunctionLines, longFunctions, maxLineLength } from './rules.ts';
import type { SourceFile } from './source.ts';

/** Banned calls, each with its place and what stands there instead. */
export function bannedCalls(sources: readonly SourceFile[]): readonly string[] {
  return sources
    .filter((file) => !file.test && file.package !== 'testing')
    .flatMap((file) =>
      bans
        .filter((ban) => !ban.allowed.some((part) => file.path.includes(part)))
        .flatMap((ban) =>
          file.code
            .split('\n')
            .map((line, index) => ({ found: ban.pattern.exec(line)?.[0], line: index + 1 }))
            .filter(({ found }) => found)
            .map(({ found, line }) => `${file.path}:${line} has ${found}: use ${ban.instead}`),
        ),
    );
}

/** Lines over the limit. */
export function longLines(sources: readonly SourceFile[]): readonly string[] {
  return sources.flatMap((file) =>
    file.text
      .split('\n')
      .map((line, index) => ({ length: line.length, line: index + 1 }))
      .filter(({ length }) => length > maxLineLength)
      .map(
        ({ length, line }) =>
          `${file.path}:${line} has ${length} characters, ${maxLineLength} are allowed`,
      ),
  );
}

/** Files with more long functions than the ratchet allows them. */
export function longFunctionBreaks(sources: readonly SourceFile[]): readonly string[] {
  return sources
    .filter((file) => !file.test)
    .flatMap((file) => {
      const found = functionLengths(file.code).filter((lines) => lines > longFunctionLines).length;
      const allowed = longFunctions[file.path] ?? 0;
      if (found > allowed)
        return [
          `${file.path} has ${found} functions over ${longFunctionLines} lines, ${allowed} allowed`,
        ];
      return found < allowed
        ? [`${file.path} has only ${found} long functions now: lower its number in rules.ts`]
        : [];
    });
}

// A function, a method or an arrow whose brace ends its line, or the line that closes its parameters.
const opens = new RegExp(
  [
    /^(\s*)(?:export\s+)?(?:default\s+)?(?:async\s+)?/,
    /(?:function\b.*|(?:static\s+|override\s+|async\s+|get\s+|set\s+)*\*?#?[\w$]+(?:<.*>)?\(.*\)(?::.*)?|.*=>)/,
    /\s*\{$|^(\s*)\)(?::.*)?\s*(?:=>\s*)?\{$/,
  ]
    .map((part) => part.source)
    .join(''),
);

/** The length in lines of each function whose braces open at the end of a line, as formatted code has them. */
export function functionLengths(code: string): readonly number[] {
  const lines = code.split('\n');
  return lines.flatMap((line, index) => {
    const match = opens.exec(line);
    if (!match || /^\s*(?:if|for|while|switch|catch|describe|test|\} else)\b/.test(line)) return [];
    const indent = match[1] ?? match[2] ?? '';
    const end = lines.findIndex((later, at) => at > index && later.startsWith(`${indent}}`));
    return end < 0 ? [] : [end - index + 1];
  });
}
