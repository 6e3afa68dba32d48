import type { literal } from './protocol.ts';

/**
 * A value bound to a place of SQL text, with its type. Dates are days, timestamps microseconds since
 * 1970 (UTC); a decimal has as many digits as its text, so SQL casts it to what it should be.
 */
export type SparkArgument =
  | { readonly type: 'string'; readonly value: string | null }
  | { readonly type: 'bigint'; readonly value: bigint | null }
  | { readonly type: 'int'; readonly value: number | null }
  | { readonly type: 'double'; readonly value: number | null }
  | { readonly type: 'boolean'; readonly value: boolean | null }
  | { readonly type: 'date'; readonly value: number | null }
  | { readonly type: 'timestamp'; readonly value: bigint | null }
  | { readonly type: 'binary'; readonly value: Uint8Array | null }
  | {
      readonly type: 'decimal';
      readonly value: string | null;
    }
  | { readonly type: 'strings'; readonly value: readonly (string | null)[] }
  | { readonly type: 'doubles'; readonly value: readonly (number | null)[] };

type Literal = ReturnType<(typeof literal)['decode']>;

/** The argument as the protocol's literal; a missing value keeps its type. */
export function literalOf(argument: SparkArgument): Literal {
  if (argument.value === null) return { null: nullType(argument) };
  switch (argument.type) {
    case 'string':
      return { string: argument.value };
    case 'bigint':
      return { long: argument.value };
    case 'int':
      return { integer: argument.value };
    case 'double':
      return { double: argument.value };
    case 'boolean':
      return { boolean: argument.value };
    case 'date':
      return { date: argument.value };
    case 'timestamp':
      return { timestamp: argument.value };
    case 'binary':
      return { binary: argument.value };
    case 'decimal':
      return { decimal: { value: argument.value } };
    case 'strings': {
      const missing = { null: { string: {} } };
      const elements = argument.value.map((item) => (item === null ? missing : { string: item }));
      return { array: { elementType: { string: {} }, elements } };
    }
    case 'doubles': {
      const missing = { null: { double: {} } };
      const elements = argument.value.map((item) => (item === null ? missing : { double: item }));
      return { array: { elementType: { double: {} }, elements } };
    }
  }
}

function nullType(argument: SparkArgument): Literal['null'] {
  switch (argument.type) {
    case 'bigint':
      return { long: {} };
    case 'int':
      return { integer: {} };
    default:
      return { [argument.type]: {} };
  }
}
