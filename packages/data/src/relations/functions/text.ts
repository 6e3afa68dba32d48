import { BadRelation } from '../../data-error.ts';
import { anyNullable, call, type Expression, type Operand, toNode } from '../expression.ts';
import type { CallNode } from '../nodes.ts';
import { binary, partial, partialBinary, unary } from './calls.ts';
import type { Definitions, FunctionDefinition, Value } from './definition.ts';

export type TextOperation =
  | 'lower'
  | 'upper'
  | 'length'
  | 'byteLength'
  | 'concat'
  | 'concatWith'
  | 'trim'
  | 'trimStart'
  | 'trimEnd'
  | 'substring'
  | 'left'
  | 'right'
  | 'padStart'
  | 'padEnd'
  | 'repeat'
  | 'reverse'
  | 'replace'
  | 'translate'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | 'position'
  | 'occurrences'
  | 'splitPart'
  | 'isEmpty'
  | 'isAscii'
  | 'codePoint'
  | 'levenshtein'
  | 'toHex'
  | 'toBase64';

const asciiUpper = "'ABCDEFGHIJKLMNOPQRSTUVWXYZ'";
const asciiLower = "'abcdefghijklmnopqrstuvwxyz'";

/** Positions and lengths are counted in code points. */
const points = (text: Value | undefined): readonly string[] => [...String(text)];

function whole({ parameters }: CallNode, name: string): number {
  const given = Number(parameters?.[name]);
  if (Number.isSafeInteger(given) && given >= 0 && given <= 1_000_000) return given;
  throw new BadRelation(`${name} is a whole number from 0 to 1000000`);
}

function written({ parameters }: CallNode, name: string): string {
  return String(parameters?.[name]);
}

function trimming(where: 'BOTH' | 'LEADING' | 'TRAILING'): FunctionDefinition {
  return {
    value: ([text], node) => {
      const chars = new Set(written(node, 'characters'));
      const all = points(text);
      let [from, to] = [0, all.length];
      if (where !== 'TRAILING') while (from < to && chars.has(all[from]!)) from++;
      if (where !== 'LEADING') while (to > from && chars.has(all[to - 1]!)) to--;
      return all.slice(from, to).join('');
    },
    duckdb: ([text], node, bind) =>
      `trim(${where} ${bind('text', written(node, 'characters'))} FROM ${text})`,
  };
}

function padding(name: 'lpad' | 'rpad'): FunctionDefinition {
  return {
    value: ([text], node) => {
      const size = whole(node, 'size');
      const all = points(text);
      const fill = [...written(node, 'fill')];
      const missing = Math.max(0, size - all.length);
      const pad = Array.from({ length: missing }, (_, at) => fill[at % fill.length]!);
      const padded =
        name === 'lpad' ? [...pad, ...all.slice(0, size)] : [...all.slice(0, size), ...pad];
      return padded.join('');
    },
    duckdb: ([text], node, bind) =>
      `${name}(${text}, ${whole(node, 'size')}, ${bind('text', written(node, 'fill'))})`,
  };
}

const partFunctions = {
  substring: {
    value: ([text], node) => {
      const from = whole(node, 'start') - 1;
      return points(text)
        .slice(from, from + whole(node, 'count'))
        .join('');
    },
    duckdb: ([text], node) =>
      `substring(${text}, ${whole(node, 'start')}, ${whole(node, 'count')})`,
  },
  left: {
    value: ([text], node) => points(text).slice(0, whole(node, 'count')).join(''),
    duckdb: ([text], node) => `left(${text}, ${whole(node, 'count')})`,
  },
  right: {
    value: ([text], node) => {
      const all = points(text);
      return all.slice(Math.max(0, all.length - whole(node, 'count'))).join('');
    },
    duckdb: ([text], node) => `right(${text}, ${whole(node, 'count')})`,
  },
  splitPart: {
    value: ([text], node) =>
      String(text).split(written(node, 'separator'))[whole(node, 'index') - 1] ?? '',
    duckdb: ([text], node, bind) =>
      `split_part(${text}, ${bind('text', written(node, 'separator'))}, ${whole(node, 'index')})`,
  },
} satisfies Partial<Definitions<TextOperation>>;

const changeFunctions = {
  lower: {
    value: ([text]) => String(text).replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
    duckdb: ([text]) => `translate(${text}, ${asciiUpper}, ${asciiLower})`,
  },
  upper: {
    value: ([text]) => String(text).replace(/[a-z]/g, (letter) => letter.toUpperCase()),
    duckdb: ([text]) => `translate(${text}, ${asciiLower}, ${asciiUpper})`,
  },
  concat: {
    value: (texts) => texts.join(''),
    duckdb: (texts) => `(${texts.join(' || ')})`,
  },
  concatWith: {
    takesMissing: true,
    value: (texts, node) => texts.filter((text) => text !== null).join(written(node, 'separator')),
    duckdb: (texts, node, bind) =>
      `concat_ws(${bind('text', written(node, 'separator'))}, ${texts.join(', ')})`,
  },
  trim: trimming('BOTH'),
  trimStart: trimming('LEADING'),
  trimEnd: trimming('TRAILING'),
  padStart: padding('lpad'),
  padEnd: padding('rpad'),
  repeat: {
    value: ([text], node) => String(text).repeat(whole(node, 'times')),
    duckdb: ([text], node) => `repeat(${text}, ${whole(node, 'times')})`,
  },
  reverse: {
    value: ([text]) => [...points(text)].reverse().join(''),
    // By grapheme in DuckDB, so that an accent stays on its letter: the list of code points is not.
    duckdb: ([text]) => `array_to_string(list_reverse(regexp_extract_all(${text}, '(?s).')), '')`,
    spark: ([text]) => `reverse(${text})`,
  },
  replace: {
    value: ([text, from, to]) =>
      from === '' ? text! : String(text).replaceAll(String(from), () => String(to)),
    duckdb: ([text, from, to]) => `replace(${text}, ${from}, ${to})`,
  },
  translate: {
    value: ([text], node) => {
      const to = [...written(node, 'to')];
      const map = new Map([...written(node, 'from')].map((one, at) => [one, to[at] ?? '']));
      return points(text)
        .map((one) => map.get(one) ?? one)
        .join('');
    },
    duckdb: ([text], node, bind) =>
      `translate(${text}, ${bind('text', written(node, 'from'))}, ${bind('text', written(node, 'to'))})`,
  },
} satisfies Partial<Definitions<TextOperation>>;

const factFunctions = {
  length: {
    value: ([text]) => points(text).length,
    duckdb: ([text]) => `CAST(length(${text}) AS BIGINT)`,
  },
  byteLength: {
    value: ([text]) => Buffer.byteLength(String(text)),
    duckdb: ([text]) => `CAST(strlen(${text}) AS BIGINT)`,
    spark: ([text]) => `CAST(octet_length(${text}) AS BIGINT)`,
  },
  contains: {
    value: ([text, part]) => String(text).includes(String(part)),
    duckdb: ([text, part]) => `contains(${text}, ${part})`,
  },
  startsWith: {
    value: ([text, part]) => String(text).startsWith(String(part)),
    duckdb: ([text, part]) => `starts_with(${text}, ${part})`,
    spark: ([text, part]) => `startswith(${text}, ${part})`,
  },
  endsWith: {
    value: ([text, part]) => String(text).endsWith(String(part)),
    duckdb: ([text, part]) => `ends_with(${text}, ${part})`,
    spark: ([text, part]) => `endswith(${text}, ${part})`,
  },
  position: {
    value: ([text, part]) => {
      const at = String(text).indexOf(String(part));
      return at < 0 ? 0 : [...String(text).slice(0, at)].length + 1;
    },
    duckdb: ([text, part]) => `CAST(instr(${text}, ${part}) AS BIGINT)`,
    // Spark answers 0 for an empty part of the empty text.
    spark: ([text, part]) =>
      `CAST(CASE WHEN ${part} = '' AND ${text} IS NOT NULL THEN 1 ELSE instr(${text}, ${part}) END AS BIGINT)`,
  },
  occurrences: {
    value: ([text, part]) => (part === '' ? null : String(text).split(String(part)).length - 1),
    duckdb: ([text, part]) => occurrencesSql('//', text!, part!),
    spark: ([text, part]) => occurrencesSql('div', text!, part!),
  },
  isEmpty: { value: ([text]) => text === '', duckdb: ([text]) => `(${text} = '')` },
  isAscii: {
    value: ([text]) => isAsciiText(String(text)),
    duckdb: ([text]) => `(strlen(${text}) = length(${text}))`,
    spark: ([text]) => `(octet_length(${text}) = length(${text}))`,
  },
  codePoint: {
    value: ([text]) => (text === '' ? null : String(text).codePointAt(0)!),
    duckdb: ([text]) => `CAST(CASE WHEN ${text} <> '' THEN unicode(${text}) END AS BIGINT)`,
    spark: ([text]) => `CAST(CASE WHEN ${text} <> '' THEN ascii(${text}) END AS BIGINT)`,
  },
  levenshtein: {
    value: ([a, b]) => (isAsciiText(`${a}${b}`) ? editDistance(String(a), String(b)) : null),
    duckdb: ([a, b]) => distanceSql('strlen', a!, b!),
    spark: ([a, b]) => distanceSql('octet_length', a!, b!),
  },
  toHex: {
    value: ([text]) => Buffer.from(String(text)).toString('hex'),
    duckdb: ([text]) => `lower(hex(${text}))`,
  },
  toBase64: {
    value: ([text]) => Buffer.from(String(text)).toString('base64'),
    duckdb: ([text]) => `base64(encode(${text}))`,
    // Spark breaks lines after 76 digits.
    spark: ([text], _, bind) =>
      `replace(base64(CAST(${text} AS BINARY)), ${bind('text', '\r\n')}, '')`,
  },
} satisfies Partial<Definitions<TextOperation>>;

export const textFunctions: Definitions<TextOperation> = {
  ...changeFunctions,
  ...factFunctions,
  ...partFunctions,
};

function occurrencesSql(divide: string, text: string, part: string): string {
  const less = `length(replace(${text}, ${part}, ''))`;
  return `CAST((length(${text}) - ${less}) ${divide} nullif(length(${part}), 0) AS BIGINT)`;
}

/** DuckDB compares bytes and Spark code points; in ASCII they are the same. */
function distanceSql(bytes: string, a: string, b: string): string {
  const ascii = [a, b].map((text) => `${bytes}(${text}) = length(${text})`).join(' AND ');
  return `CAST(CASE WHEN ${ascii} THEN levenshtein(${a}, ${b}) END AS BIGINT)`;
}

function isAsciiText(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

function editDistance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row++) {
    const here = [row];
    for (let at = 1; at <= b.length; at++) {
      const same = a[row - 1] === b[at - 1] ? 0 : 1;
      here.push(Math.min(before[at]! + 1, here[at - 1]! + 1, before[at - 1]! + same));
    }
    before = here;
  }
  return before[b.length]!;
}

/** Folds A to Z alone: engines disagree about every other letter. */
export const lower = unary<'text', 'text'>('lower', 'text');
/** Raises a to z alone: engines disagree about every other letter. */
export const upper = unary<'text', 'text'>('upper', 'text');
/** The length in code points. */
export const length = unary<'text', 'int'>('length', 'int');
/** The length in bytes of UTF-8. */
export const byteLength = unary<'text', 'int'>('byteLength', 'int');

/** Texts joined; missing when one is missing. */
export function concat(
  first: Expression<'text'>,
  ...more: readonly [Operand<'text'>, ...Operand<'text'>[]]
): Expression<'text', boolean> {
  const operands = [first.node, ...more.map((one) => toNode(one, first.node))];
  return call('concat', operands, { type: 'text', nullable: anyNullable(operands) });
}

/** The texts that are there, joined with a separator; empty when all are missing. */
export function concatWith(
  separator: string,
  ...parts: readonly [Expression<'text'>, ...Expression<'text'>[]]
): Expression<'text', false> {
  const operands = parts.map(({ node }) => node);
  return call(
    'concatWith',
    operands,
    { type: 'text', nullable: false },
    { separator: sound(separator) },
  );
}

/** A text given beside the operands: what a text literal may be. */
function sound(text: string): string {
  if (text.isWellFormed() && !text.includes('\0') && text.length <= 10_000) return text;
  throw new BadRelation('a text is well-formed Unicode without NUL, at most 10000 units long');
}

function trimmed(operation: 'trim' | 'trimStart' | 'trimEnd') {
  return <N extends boolean>(
    value: Expression<'text', N>,
    characters = ' ',
  ): Expression<'text', N> => {
    if (characters === '') throw new BadRelation('trimming names the characters to take away');
    const field = { type: 'text' as const, nullable: value.node.nullable };
    return call(operation, [value.node], field, { characters: sound(characters) });
  };
}

/** Without these characters (code points; a space unless given) at both ends. */
export const trim = trimmed('trim');
/** Without these characters at the start. */
export const trimStart = trimmed('trimStart');
/** Without these characters at the end. */
export const trimEnd = trimmed('trimEnd');

function sized(
  operation: TextOperation,
  bounds: Readonly<Record<string, readonly [value: number, from: number]>>,
  texts: Readonly<Record<string, string>> = {},
) {
  for (const [name, [value, from]] of Object.entries(bounds)) {
    if (!Number.isInteger(value) || value < from || value > 1_000_000) {
      throw new BadRelation(
        `${name} is ${value}; whole numbers from ${from} to 1000000 are allowed`,
      );
    }
  }
  for (const text of Object.values(texts)) sound(text);
  const numbers = Object.entries(bounds).map(([name, [value]]) => [name, value] as const);
  const parameters = { ...Object.fromEntries(numbers), ...texts };
  return <N extends boolean>({ node }: Expression<'text', N>): Expression<'text', N> =>
    call(operation, [node], { type: 'text', nullable: node.nullable }, parameters);
}

type Text<N extends boolean> = Expression<'text', N>;

/** `count` code points from the one at `start` (the first is 1); less where the text ends. */
export function substring<N extends boolean>(
  value: Text<N>,
  start: number,
  count: number,
): Text<N> {
  return sized('substring', { start: [start, 1], count: [count, 0] })(value);
}

/** The first `count` code points. */
export function left<N extends boolean>(value: Text<N>, count: number): Text<N> {
  return sized('left', { count: [count, 0] })(value);
}

/** The last `count` code points. */
export function right<N extends boolean>(value: Text<N>, count: number): Text<N> {
  return sized('right', { count: [count, 0] })(value);
}

/** Exactly `size` code points: filled at the start, or cut at the end. */
export function padStart<N extends boolean>(value: Text<N>, size: number, fill = ' '): Text<N> {
  if (fill === '') throw new BadRelation('padding fills with at least one character');
  return sized('padStart', { size: [size, 0] }, { fill })(value);
}

/** Exactly `size` code points: filled, or cut, at the end. */
export function padEnd<N extends boolean>(value: Text<N>, size: number, fill = ' '): Text<N> {
  if (fill === '') throw new BadRelation('padding fills with at least one character');
  return sized('padEnd', { size: [size, 0] }, { fill })(value);
}

/** The text `times` over; empty for 0. */
export function repeat<N extends boolean>(value: Text<N>, times: number): Text<N> {
  return sized('repeat', { times: [times, 0] })(value);
}

/** The code points from last to first; an accent of its own leaves its letter. */
export const reverse = unary<'text', 'text'>('reverse', 'text');

/** With every occurrence of a part replaced, found from the start; an empty part is found nowhere. */
export function replace(
  value: Expression<'text'>,
  part: Operand<'text'>,
  by: Operand<'text'>,
): Expression<'text', boolean> {
  const operands = [value.node, toNode(part, value.node), toNode(by, value.node)];
  return call('replace', operands, { type: 'text', nullable: anyNullable(operands) });
}

/** Each code point of `from` replaced by the one at its place in `to`, or taken away past its end. */
export function translate<N extends boolean>(value: Text<N>, from: string, to: string): Text<N> {
  if (new Set(from).size !== [...from].length) throw new BadRelation('a character is there twice');
  return sized('translate', {}, { from, to })(value);
}

/** Whether a part occurs; the empty text does everywhere. */
export const contains = binary<'text', 'text', 'bool'>('contains', 'text', 'bool');
export const startsWith = binary<'text', 'text', 'bool'>('startsWith', 'text', 'bool');
export const endsWith = binary<'text', 'text', 'bool'>('endsWith', 'text', 'bool');
/** Where a part occurs first, in code points from 1; 0 where it does not. */
export const position = binary<'text', 'text', 'int'>('position', 'text', 'int');
/** How often a part occurs, none overlapping; missing for the empty part. */
export const occurrences = partialBinary<'text', 'text', 'int'>('occurrences', 'text', 'int');

/** The part at `index` (the first is 1) between separators; empty past the last. */
export function splitPart<N extends boolean>(
  value: Text<N>,
  separator: string,
  index: number,
): Text<N> {
  if (separator === '') throw new BadRelation('a separator is not empty');
  return sized('splitPart', { index: [index, 1] }, { separator })(value);
}

export const isEmpty = unary<'text', 'bool'>('isEmpty', 'bool');
/** Whether all code points are below 128. */
export const isAscii = unary<'text', 'bool'>('isAscii', 'bool');
/** The number of the first code point; missing for the empty text. */
export const codePoint = partial<'text', 'int'>('codePoint', 'int');
/** The least number of letters put in, taken out or changed; missing where a text is not ASCII. */
export const levenshtein = partialBinary<'text', 'text', 'int'>('levenshtein', 'text', 'int');
/** The bytes of UTF-8 as hexadecimal digits, lower case. */
export const toHex = unary<'text', 'text'>('toHex', 'text');
/** The bytes of UTF-8 in base 64, padded. */
export const toBase64 = unary<'text', 'text'>('toBase64', 'text');
