import { BadRelation } from '../../data-error.ts';
import { call, type Expression } from '../expression.ts';
import type { CallNode } from '../nodes.ts';
import { readFloat, readInt } from './conversions.ts';
import type { Definitions } from './definition.ts';

export type JsonOperation = 'jsonText' | 'jsonLength' | 'isJson';

/** A way into a JSON document: keys of objects and, as numbers from 0, places in arrays. */
export type JsonPath = readonly (string | number)[];

export const jsonFunctions: Definitions<JsonOperation> = {
  jsonText: {
    value: ([text], node) => {
      const found = lookUp(String(text), stepsOf(node));
      return found === undefined || found === null ? null : textOf(found);
    },
    duckdb: ([text], node, bind) =>
      whenValid.duckdb(text!, `json_extract_string(${text}, ${bind('text', duckPath(node))})`),
    spark: ([text], node, bind) =>
      whenValid.spark(text!, `get_json_object(${text}, ${bind('text', sparkPath(node))})`),
  },
  jsonLength: {
    value: ([text], node) => {
      const found = lookUp(String(text), stepsOf(node));
      return Array.isArray(found) ? found.length : null;
    },
    duckdb: ([text], node, bind) => {
      const path = bind('text', duckPath(node));
      const isArray = `json_type(${text}, ${path}) = 'ARRAY'`;
      const length = `CAST(json_array_length(${text}, ${path}) AS BIGINT)`;
      return whenValid.duckdb(text!, `CASE WHEN ${isArray} THEN ${length} END`);
    },
    spark: ([text], node, bind) =>
      whenValid.spark(
        text!,
        `CAST(json_array_length(get_json_object(${text}, ${bind('text', sparkPath(node))})) AS BIGINT)`,
      ),
  },
  isJson: {
    value: ([text]) => parsed(String(text)) !== undefined,
    duckdb: ([text]) => `json_valid(${text})`,
    spark: ([text]) =>
      `(CASE WHEN ${text} IS NOT NULL THEN try_parse_json(${text}) IS NOT NULL END)`,
  },
};

/** DuckDB raises on what is no JSON, and Spark reads as far as it can. */
const whenValid = {
  duckdb: (text: string, sql: string) => `(CASE WHEN json_valid(${text}) THEN ${sql} END)`,
  spark: (text: string, sql: string) =>
    `(CASE WHEN try_parse_json(${text}) IS NOT NULL THEN ${sql} END)`,
};

/** A number as it is written. */
class Written {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

function parsed(text: string): { readonly value: unknown } | undefined {
  const keepNumbers = (_: string, value: unknown, context: { readonly source: string }): unknown =>
    typeof value === 'number' ? new Written(context.source) : value;
  try {
    return { value: JSON.parse(text, keepNumbers as never) as unknown };
  } catch {
    // What is no JSON has no members: that is the function's meaning, not an error.
    return undefined;
  }
}

function lookUp(text: string, steps: JsonPath): unknown {
  let at = parsed(text)?.value;
  for (const step of steps) {
    const inside = typeof step === 'number' ? Array.isArray(at) : at !== null && !Array.isArray(at);
    if (typeof at !== 'object' || !inside || at instanceof Written) return undefined;
    at = Object.hasOwn(at as object, step)
      ? (at as Record<string | number, unknown>)[step]
      : undefined;
  }
  return at;
}

function textOf(value: unknown): string {
  if (value instanceof Written) return value.source;
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(innerText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(
    ([key, one]) => `${JSON.stringify(key)}:${innerText(one)}`,
  );
  return `{${members.join(',')}}`;
}

function innerText(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : textOf(value);
}

const keyPattern = /^[A-Za-z0-9_ .-]{1,100}$/;

/** Steps as they are kept in parameters: `.key` or `[place]`. */
function kept(path: JsonPath): readonly string[] {
  if (path.length === 0 || path.length > 20) throw new BadRelation('a JSON path has 1 to 20 steps');
  return path.map((step) => {
    if (typeof step === 'string' && keyPattern.test(step)) return `.${step}`;
    if (typeof step === 'number' && Number.isInteger(step) && step >= 0 && step <= 1_000_000) {
      return `[${step}]`;
    }
    throw new BadRelation(
      "a step of a JSON path is a key of letters, digits and '_', '-', '.', ' ', or a place from 0",
    );
  });
}

function stepsOf({ parameters }: CallNode): JsonPath {
  const steps = parameters?.path as readonly string[];
  return steps.map((step) => (step.startsWith('.') ? step.slice(1) : Number(step.slice(1, -1))));
}

function duckPath(node: CallNode): string {
  return `$${stepsOf(node)
    .map((step) => (typeof step === 'number' ? `[${step}]` : `."${step}"`))
    .join('')}`;
}

function sparkPath(node: CallNode): string {
  return `$${stepsOf(node)
    .map((step) => (typeof step === 'number' ? `[${step}]` : `['${step}']`))
    .join('')}`;
}

/**
 * What stands at a path of a JSON text: a text as it is, a number as it is written, `true` or
 * `false`, an object or array as JSON without spaces; missing where nothing or `null` stands, and
 * where the text is no JSON.
 */
export function jsonText(value: Expression<'text'>, path: JsonPath): Expression<'text', true> {
  return call('jsonText', [value.node], { type: 'text', nullable: true }, { path: kept(path) });
}

/** The whole number at a path, read as `readInt` does: also one in a text. */
export function jsonInt(value: Expression<'text'>, path: JsonPath): Expression<'int', true> {
  return readInt(jsonText(value, path));
}

/** The number at a path, read as `readFloat` does: also one in a text. */
export function jsonFloat(value: Expression<'text'>, path: JsonPath): Expression<'float', true> {
  return readFloat(jsonText(value, path));
}

/** How many items the array at a path has; missing where no array stands. */
export function jsonLength(value: Expression<'text'>, path: JsonPath): Expression<'int', true> {
  return call('jsonLength', [value.node], { type: 'int', nullable: true }, { path: kept(path) });
}

/** Whether the text is one JSON value. An object that has a key twice is none on Spark: avoid them. */
export function isJson<N extends boolean>(value: Expression<'text', N>): Expression<'bool', N> {
  return call('isJson', [value.node], { type: 'bool', nullable: value.node.nullable });
}
