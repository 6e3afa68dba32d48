import { BadRelation } from '../../data-error.ts';
import { call, type Expression } from '../expression.ts';
import type { CallNode } from '../nodes.ts';
import type { Definitions, FunctionDefinition, Value } from './definition.ts';

export type JsonOperation =
  | 'jsonText'
  | 'jsonInt'
  | 'jsonFloat'
  | 'jsonBool'
  | 'jsonLength'
  | 'isJson';

/** A way into a JSON document: keys of objects and, as numbers from 0, places in arrays. */
export type JsonPath = readonly (string | number)[];

/** How a kind of value is told and read: by DuckDB's types of JSON, and by those of Spark's variants. */
interface Reading {
  readonly value: (found: unknown) => Value;
  readonly duckdb: { readonly types: string; readonly read: (text: string) => string };
  readonly spark: {
    readonly types: string;
    readonly read: string;
    readonly as: (read: string) => string;
  };
}

const exact = Number.MAX_SAFE_INTEGER;
const within = (read: string): string =>
  `CASE WHEN ${read} BETWEEN -${exact} AND ${exact} THEN ${read} END`;

function reading({ value, duckdb, spark }: Reading): FunctionDefinition {
  return {
    value: ([text], node) => value(lookUp(String(text), stepsOf(node))),
    duckdb: ([text], node, bind) => {
      const path = bind('text', duckPath(node));
      const found = duckdb.read(`json_extract_string(${text}, ${path})`);
      return whenValid.duckdb(
        text!,
        `CASE WHEN json_type(${text}, ${path}) IN (${duckdb.types}) THEN ${found} END`,
      );
    },
    spark: ([text], node, bind) => {
      const path = bind('text', sparkPath(node));
      const get = (type: string): string =>
        `try_variant_get(try_parse_json(${text}), ${path}, '${type}')`;
      const kind = `schema_of_variant(${get('variant')})`;
      return whenValid.spark(
        text!,
        `CASE WHEN regexp_like(${kind}, '^(${spark.types})') THEN ${spark.as(get(spark.read))} END`,
      );
    },
  };
}

export const jsonFunctions: Definitions<JsonOperation> = {
  jsonText: reading({
    value: (found) => (typeof found === 'string' ? found : null),
    duckdb: { types: "'VARCHAR'", read: (text) => text },
    spark: { types: 'STRING', read: 'string', as: (read) => read },
  }),
  jsonInt: reading({
    value: (found) => {
      if (!(found instanceof Written) || !/^-?\d+$/.test(found.source)) return null;
      return Number.isSafeInteger(Number(found.source)) ? Number(found.source) + 0 : null;
    },
    duckdb: {
      types: "'BIGINT', 'UBIGINT'",
      read: (text) => within(`TRY_CAST(${text} AS BIGINT)`),
    },
    spark: { types: 'BIGINT', read: 'bigint', as: within },
  }),
  jsonFloat: reading({
    value: (found) => (found instanceof Written ? Number(found.source) + 0 : null),
    duckdb: {
      types: "'BIGINT', 'UBIGINT', 'DOUBLE'",
      read: (text) => `(CAST(${text} AS DOUBLE) + CAST(0 AS DOUBLE))`,
    },
    spark: {
      types: 'BIGINT|DOUBLE|DECIMAL',
      read: 'double',
      as: (read) => `(${read} + CAST(0 AS DOUBLE))`,
    },
  }),
  jsonBool: reading({
    value: (found) => (typeof found === 'boolean' ? found : null),
    duckdb: { types: "'BOOLEAN'", read: (text) => `(${text} = 'true')` },
    spark: { types: 'BOOLEAN', read: 'boolean', as: (read) => read },
  }),
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
    spark: ([text], node, bind) => {
      const path = bind('text', sparkPath(node));
      const found = `try_variant_get(try_parse_json(${text}), ${path}, 'variant')`;
      return whenValid.spark(
        text!,
        `CASE WHEN schema_of_variant(${found}) LIKE 'ARRAY%' THEN CAST(json_array_length(to_json(${found}))
          AS BIGINT) END`,
      );
    },
  },
  isJson: {
    value: ([text]) => parsed(String(text)) !== undefined,
    duckdb: ([text]) => validDuckDb(text!),
    spark: ([text]) => `(CASE WHEN ${text} IS NOT NULL THEN ${validSpark(text!)} END)`,
  },
};

/** DuckDB takes NaN and Infinity for JSON: where their letters are, they must be inside of texts. */
function validDuckDb(text: string): string {
  const outside = `regexp_replace(${text}, '"(?:[^"\\\\]|\\\\.)*"', '', 'g')`;
  return `(json_valid(${text}) AND CASE WHEN regexp_matches(${text}, '(?i)nan|inf')
          THEN NOT regexp_matches(${outside}, '(?i)nan|inf') ELSE true END)`;
}

/**
 * Spark reads the first value and passes over what follows. What is one value stays so as the only
 * item of an array and as the only member of an object; nothing else does both.
 */
function validSpark(text: string): string {
  const array = `('[' || ${text} || ']')`;
  return `coalesce(try_parse_json('{"v":' || ${text} || '}') IS NOT NULL
          AND try_parse_json(${array}) IS NOT NULL AND json_array_length(${array}) = 1, false)`;
}

/** DuckDB raises on what is no JSON, and Spark reads as far as it can. */
const whenValid = {
  duckdb: (text: string, sql: string) => `(CASE WHEN ${validDuckDb(text)} THEN ${sql} END)`,
  spark: (text: string, sql: string) => `(CASE WHEN ${validSpark(text)} THEN ${sql} END)`,
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

function at<R extends 'text' | 'int' | 'float' | 'bool'>(operation: JsonOperation, type: R) {
  return (value: Expression<'text'>, path: JsonPath): Expression<R, true> =>
    call(operation, [value.node], { type, nullable: true }, { path: kept(path) });
}

/**
 * The text at a path of a JSON text, as `jsonText(event.payload, ['items', 0, 'title'])`; missing
 * where something else or nothing stands, and where the whole is no JSON.
 */
export const jsonText = at('jsonText', 'text');
/** The whole number at a path, written without point or exponent; missing beyond 2^53 - 1. */
export const jsonInt = at('jsonInt', 'int');
/** The number at a path, however it is written. */
export const jsonFloat = at('jsonFloat', 'float');
/** The `true` or `false` at a path. */
export const jsonBool = at('jsonBool', 'bool');

/** How many items the array at a path has; missing where no array stands. */
export function jsonLength(value: Expression<'text'>, path: JsonPath): Expression<'int', true> {
  return call('jsonLength', [value.node], { type: 'int', nullable: true }, { path: kept(path) });
}

/** Whether the text is one JSON value. An object that has a key twice is none on Spark: avoid them. */
export function isJson<N extends boolean>(value: Expression<'text', N>): Expression<'bool', N> {
  return call('isJson', [value.node], { type: 'bool', nullable: value.node.nullable });
}
