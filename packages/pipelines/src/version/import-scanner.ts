/** What a module needs from others when it runs. */
interface ModuleImports {
  /** Specifiers of imports and re-exports that exist at run time, and of literal `import()`. */
  readonly modules: readonly string[];
  /** Paths in `new URL('...', import.meta.url)`: files that the module reads. */
  readonly files: readonly string[];
}

/**
 * Finds what a module imports, by its tokens: comments, strings, templates and regular expressions
 * cannot be mistaken for code. What is imported for its type alone does not count.
 *
 * @example
 * scanImports("import { a } from './a.ts'; import type { B } from './b.ts';").modules; // ['./a.ts']
 */
export function scanImports(source: string): ModuleImports {
  const tokens = tokenize(source);
  const modules = new Set<string>();
  const files = new Set<string>();
  for (let at = 0; at < tokens.length; at++) {
    const { text } = tokens[at]!;
    if (tokens[at - 1]?.text === '.') continue;
    const found = text === 'import' ? importAt(tokens, at) : undefined;
    const again = text === 'export' ? exportAt(tokens, at) : undefined;
    const specifier = found ?? again;
    if (specifier !== undefined) modules.add(specifier);
    const file = text === 'new' ? urlAt(tokens, at) : undefined;
    if (file !== undefined) files.add(file);
  }
  return { modules: [...modules].sort(), files: [...files].sort() };
}

interface Token {
  readonly kind: 'word' | 'string' | 'punctuator' | 'other';
  /** A string's value, without its quotes. */
  readonly text: string;
}

function importAt(tokens: readonly Token[], at: number): string | undefined {
  const next = tokens[at + 1];
  if (next?.kind === 'string') return next.text;
  if (next?.text === '(') {
    const [argument, close] = [tokens[at + 2], tokens[at + 3]];
    const literal = argument?.kind === 'string' && (close?.text === ')' || close?.text === ',');
    return literal ? argument.text : undefined;
  }
  if (next?.kind !== 'word' && next?.text !== '{' && next?.text !== '*') return undefined;
  // `import type from 'x'` imports a value that is called type.
  const isType =
    next.text === 'type' &&
    !(tokens[at + 2]?.text === 'from' && tokens[at + 3]?.kind === 'string') &&
    tokens[at + 2]?.text !== ',';
  return isType ? undefined : fromClause(tokens, at + 1);
}

function exportAt(tokens: readonly Token[], at: number): string | undefined {
  const next = tokens[at + 1];
  return next?.text === '*' || next?.text === '{' ? fromClause(tokens, at + 1) : undefined;
}

/** The string after `from`, when nothing but an import's or export's names stands before it. */
function fromClause(tokens: readonly Token[], start: number): string | undefined {
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (token.text === 'from' && tokens[at + 1]?.kind === 'string') return tokens[at + 1]!.text;
    const isName = token.kind === 'word' || token.kind === 'string';
    if (!isName && !['{', '}', ',', '*'].includes(token.text)) return undefined;
    if (token.text === '}' && !['from', ','].includes(tokens[at + 1]?.text ?? '')) return undefined;
  }
  return undefined;
}

function urlAt(tokens: readonly Token[], at: number): string | undefined {
  const words = tokens.slice(at + 1, at + 10).map(({ text }) => text);
  const path = tokens[at + 3];
  const shape = [words[0], words[1], ...words.slice(3, 9)].join(' ');
  return path?.kind === 'string' && shape.startsWith('URL ( , import . meta . url')
    ? path.text
    : undefined;
}

const word = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy;
const number = /\.?[0-9][0-9a-zA-Z_.]*/y;
const regex = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
const blank = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const quoted = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y;

function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  // For each open brace whether it closes a template's hole.
  const braces: boolean[] = [];
  let at = source.startsWith('#!') ? source.indexOf('\n') : 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  while (at >= 0 && at < source.length) {
    const space = match(blank);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const character = source[at]!;
    if (character === '`' || (character === '}' && braces.at(-1) === true)) {
      if (character === '}') braces.pop();
      const end = templateEnd(source, at + 1);
      if (source[end] === '{') braces.push(true);
      tokens.push({ kind: 'other', text: '`' });
      at = end + 1;
      continue;
    }
    const token = nextToken(match, tokens, character);
    if (token.kind === 'punctuator' && token.text === '{') braces.push(false);
    if (token.kind === 'punctuator' && token.text === '}') braces.pop();
    tokens.push(token);
    at += token.kind === 'string' ? token.text.length + 2 : token.text.length;
  }
  return tokens;
}

function nextToken(
  match: (pattern: RegExp) => string | undefined,
  before: readonly Token[],
  character: string,
): Token {
  const name = match(word);
  if (name !== undefined) return { kind: 'word', text: name };
  const text = match(quoted);
  // A specifier with an escape in it is kept as written: it then fails to resolve, loudly.
  if (text !== undefined) return { kind: 'string', text: text.slice(1, -1) };
  const digits = match(number);
  if (digits !== undefined) return { kind: 'other', text: digits };
  const expression = character === '/' && regexMayStart(before) ? match(regex) : undefined;
  if (expression !== undefined) return { kind: 'other', text: expression };
  return { kind: 'punctuator', text: character };
}

/** Where a template's text ends: at its closing backtick, or at the brace of `${`. */
function templateEnd(source: string, start: number): number {
  for (let at = start; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === '`') return at;
    else if (source[at] === '$' && source[at + 1] === '{') return at + 1;
  }
  return source.length;
}

const operatorWords =
  /^(?:return|typeof|case|in|of|do|else|void|delete|throw|new|instanceof|await|yield)$/;

/** A slash after a value divides; after an operator or at a statement's start it opens a pattern. */
function regexMayStart(before: readonly Token[]): boolean {
  const last = before.at(-1);
  if (last === undefined) return true;
  if (last.kind === 'word') return operatorWords.test(last.text);
  // After `a++` a slash divides.
  if (/^[+-]$/.test(last.text) && before.at(-2)?.text === last.text) return false;
  return last.kind === 'punctuator' && ![')', ']', '}'].includes(last.text);
}
