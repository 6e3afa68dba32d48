import { BadRelation } from '../../data-error.ts';
import { call, type Expression } from '../expression.ts';
import type { CallNode } from '../nodes.ts';
import type { Definitions } from './definition.ts';

export type PatternOperation = 'like' | 'matches' | 'extract' | 'replaceMatches' | 'countMatches';

function compiled(node: CallNode, flags: string): RegExp {
  const pattern = checkedPattern(String(node.parameters?.pattern));
  return new RegExp(withSaid(pattern, '$'), `u${flags}`);
}

/** The pattern for RE2 and Java. */
function patternOf({ parameters }: CallNode): string {
  return withSaid(checkedPattern(String(parameters?.pattern)), '\\z');
}

/** Says what engines differ about: which signs end a line, and that the end is the very end. */
function withSaid(pattern: string, end: string): string {
  return pattern.replace(/\\.|\[(?:\\.|[^\]\\])*\]|\.|\$/gsu, (part) =>
    part === '.' ? '[^\\n]' : part === '$' ? end : part,
  );
}

export const patternFunctions: Definitions<PatternOperation> = {
  like: {
    value: ([text], { parameters }) =>
      likeExpression(String(parameters?.pattern)).test(String(text)),
    duckdb: ([text], { parameters }, bind) =>
      `(${text} LIKE ${bind('text', String(parameters?.pattern))} ESCAPE '!')`,
  },
  matches: {
    value: ([text], node) => compiled(node, '').test(String(text)),
    duckdb: ([text], node, bind) => `regexp_matches(${text}, ${bind('text', patternOf(node))})`,
    spark: ([text], node, bind) => `regexp_like(${text}, ${bind('text', patternOf(node))})`,
  },
  extract: {
    value: ([text], node) =>
      compiled(node, '').exec(String(text))?.[Number(node.parameters?.group)] ?? '',
    duckdb: ([text], node, bind) =>
      `regexp_extract(${text}, ${bind('text', patternOf(node))}, ${groupOf(node)})`,
  },
  replaceMatches: {
    value: ([text], node) =>
      String(text).replace(compiled(node, 'g'), () => String(node.parameters?.by)),
    duckdb: ([text], node, bind) => {
      const by = String(node.parameters?.by).replaceAll('\\', '\\\\');
      return `regexp_replace(${text}, ${bind('text', patternOf(node))}, ${bind('text', by)}, 'g')`;
    },
    spark: ([text], node, bind) => {
      const by = String(node.parameters?.by).replace(/[\\$]/g, (sign) => `\\${sign}`);
      return `regexp_replace(${text}, ${bind('text', patternOf(node))}, ${bind('text', by)})`;
    },
  },
  countMatches: {
    value: ([text], node) => [...String(text).matchAll(compiled(node, 'g'))].length,
    duckdb: ([text], node, bind) =>
      `CAST(len(regexp_extract_all(${text}, ${bind('text', patternOf(node))})) AS BIGINT)`,
    spark: ([text], node, bind) =>
      `CAST(regexp_count(${text}, ${bind('text', patternOf(node))}) AS BIGINT)`,
  },
};

function groupOf({ parameters }: CallNode): number {
  const group = Number(parameters?.group);
  if (Number.isInteger(group) && group >= 0 && group <= 9) return group;
  throw new BadRelation('a group of a pattern is a number from 0 to 9');
}

const escaped = new Set('dDwW.*+?()[]{}|^$\\-/'.split(''));

/**
 * Refuses what engines read differently: look-around and other marked groups, back references, flags,
 * possessive and lazy counts, classes by name, nested classes, letters outside ASCII in classes,
 * escapes other than d, w and signs; and what can match nothing, whose places differ.
 */
function checkedPattern(pattern: string): string {
  const refuse = (why: string): BadRelation =>
    new BadRelation(`a pattern may not have ${why}`, 'write it with what all engines read alike');
  if (pattern === '' || pattern.length > 1000) throw refuse('no or more than 1000 characters');
  if (!pattern.isWellFormed() || pattern.includes('\0')) throw refuse('broken Unicode or NUL');
  if (/\(\?(?!:)/.test(pattern)) throw refuse('look-around, flags or named groups');
  if (/[*+?}][+?]/.test(pattern)) throw refuse('lazy or possessive counts');
  for (const [, sign] of pattern.matchAll(/\\(.)/gsu)) {
    if (!escaped.has(sign!)) throw refuse('this escape');
  }
  for (const [, inside] of pattern.matchAll(/(?<!\\)\[((?:\\.|[^\]\\])*)\]/gsu)) {
    if (/[[&~]|[^ -~]/.test(inside!))
      throw refuse('nested classes or letters beyond ASCII in a class');
  }
  let made: RegExp;
  try {
    made = new RegExp(pattern, 'u');
  } catch {
    throw refuse('signs that do not fit together');
  }
  if (made.test('')) throw refuse('matches of the empty text');
  return pattern;
}

function likeExpression(pattern: string): RegExp {
  const parts = checkedLike(pattern).map((part) => {
    if (part === '%') return '[^]*';
    if (part === '_') return '[^]';
    const sign = part.length > 1 && part.startsWith('!') ? part.slice(1) : part;
    return sign.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`, 'u');
}

function checkedLike(pattern: string): readonly string[] {
  const parts = pattern.match(/![!%_]|[^!]/gsu) ?? [];
  if (parts.join('') !== pattern || !pattern.isWellFormed() || pattern.includes('\0')) {
    throw new BadRelation("after '!' stands '!', '%' or '_' in a pattern of like");
  }
  return parts;
}

type Text<N extends boolean> = Expression<'text', N>;

/** Whether the whole text fits: `%` is any run, `_` one code point, `!` takes the next sign as it is. */
export function like<N extends boolean>(value: Text<N>, pattern: string): Expression<'bool', N> {
  checkedLike(pattern);
  return call('like', [value.node], { type: 'bool', nullable: value.node.nullable }, { pattern });
}

/**
 * Whether a pattern occurs. Patterns are what RE2, Java and JavaScript read alike (others are refused
 * here): literals, `.` (no line break), classes of ASCII, `\d`, `\w`, greedy counts, groups, `|`, `^`
 * and `$` at the ends of the text. A pattern that matches the empty text is refused.
 */
export function matches<N extends boolean>(value: Text<N>, pattern: string): Expression<'bool', N> {
  checkedPattern(pattern);
  return call(
    'matches',
    [value.node],
    { type: 'bool', nullable: value.node.nullable },
    { pattern },
  );
}

/** What a group (0 to 9; 0 is all) of the first occurrence matched; empty without one. */
export function extract<N extends boolean>(value: Text<N>, pattern: string, group = 0): Text<N> {
  checkedPattern(pattern);
  const groups = new RegExp(`${pattern}|`, 'u').exec('')!.length - 1;
  if (!Number.isInteger(group) || group < 0 || group > Math.min(9, groups)) {
    throw new BadRelation(`group ${group} is not in the pattern, which has ${groups}`);
  }
  const field = { type: 'text' as const, nullable: value.node.nullable };
  return call('extract', [value.node], field, { pattern, group });
}

/** Every occurrence of a pattern replaced by a text, which is taken as it is. */
export function replaceMatches<N extends boolean>(
  value: Text<N>,
  pattern: string,
  by: string,
): Text<N> {
  checkedPattern(pattern);
  if (!by.isWellFormed() || by.includes('\0')) throw new BadRelation('a value is no text');
  const field = { type: 'text' as const, nullable: value.node.nullable };
  return call('replaceMatches', [value.node], field, { pattern, by });
}

/** How often a pattern occurs, none overlapping. */
export function countMatches<N extends boolean>(
  value: Text<N>,
  pattern: string,
): Expression<'int', N> {
  checkedPattern(pattern);
  const field = { type: 'int' as const, nullable: value.node.nullable };
  return call('countMatches', [value.node], field, { pattern });
}
