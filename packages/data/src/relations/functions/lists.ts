import { BadRelation } from '../../data-error.ts';
import { compareValues } from '../compare-values.ts';
import {
  anyNullable,
  call,
  type Expression,
  fieldOf,
  type Literal,
  type Operand,
  toNode,
} from '../expression.ts';
import type { CallNode, FieldData, Operation } from '../nodes.ts';
import { partial, partialBinary, unary } from './calls.ts';
import type { Definitions, FunctionDefinition, Value } from './definition.ts';

export type ListOperation =
  | 'listOf'
  | 'listLength'
  | 'element'
  | 'listContains'
  | 'listPosition'
  | 'listAppend'
  | 'listConcat'
  | 'listSlice'
  | 'listSort'
  | 'listSortDescending'
  | 'listDistinct'
  | 'listReverse'
  | 'listSum'
  | 'listMin'
  | 'listMax'
  | 'listAvg'
  | 'listsOverlap'
  | 'listUnion'
  | 'listIntersect'
  | 'listExcept'
  | 'listRange'
  | 'split'
  | 'joinTexts'
  | 'dotProduct';

/** The type of a list's items. */
const itemTypes = { texts: 'text', numbers: 'float', ints: 'int' } as const;
const listTypes = { text: 'texts', float: 'numbers', int: 'ints' } as const;

type ListType = keyof typeof itemTypes;
type ItemType = keyof typeof listTypes;

const items = (value: Value | undefined): readonly Value[] => value as readonly Value[];
const sorted = (list: readonly Value[]): readonly Value[] =>
  [...list].sort((a, b) => compareValues(a, b));
const holds = (list: readonly Value[], item: Value): boolean =>
  list.some((one) => compareValues(one, item) === 0);

/** Each once, in order. */
function unique(list: readonly Value[]): readonly Value[] {
  return sorted(list).filter((one, at, all) => at === 0 || compareValues(all[at - 1]!, one) !== 0);
}

function total(list: readonly Value[]): number {
  return list.reduce<number>((sum, item) => sum + Number(item), 0);
}

/** Engines take a missing list for an empty one here and there. */
const whenThere = (operands: readonly string[], sql: string): string =>
  `(CASE WHEN ${operands.map((one) => `${one} IS NOT NULL`).join(' AND ')} THEN ${sql} END)`;

const listSql = (type: FieldData['type'] | undefined, engine: 'duckdb' | 'spark'): string => {
  const item = type === 'texts' ? 'STRING' : type === 'ints' ? 'BIGINT' : 'DOUBLE';
  return engine === 'duckdb' ? `${item}[]` : `ARRAY<${item}>`;
};

/** DuckDB's own way to items of which each is there once takes each NaN for another. */
function onceSorted(list: string): string {
  const sortedList = `list_sort(${list})`;
  return `list_filter(${sortedList}, lambda item, place: place = 1 OR item <> list_extract(${sortedList}, place - 1))`;
}

function setFunction(
  value: (a: readonly Value[], b: readonly Value[]) => readonly Value[],
  duckdb: (a: string, b: string) => string,
  spark: string,
): FunctionDefinition {
  return {
    value: ([a, b]) => unique(value(items(a), items(b))),
    duckdb: ([a, b]) => whenThere([a!, b!], onceSorted(duckdb(a!, b!))),
    spark: ([a, b]) => `array_sort(${spark}(${a}, ${b}))`,
  };
}

const makingFunctions = {
  listOf: {
    takesMissing: true,
    value: (values) => values.filter((value) => value !== null),
    duckdb: (values, node) =>
      `list_filter(CAST([${values.join(', ')}] AS ${listSql(node.type, 'duckdb')}), lambda item: item IS NOT NULL)`,
    spark: (values, node) =>
      `array_compact(CAST(array(${values.join(', ')}) AS ${listSql(node.type, 'spark')}))`,
  },
  listRange: {
    value: ([from, to]) => {
      const size = Number(to) - Number(from) + 1;
      if (size > mostRange) return null;
      return Array.from({ length: Math.max(0, size) }, (_, at) => Number(from) + at);
    },
    duckdb: ([from, to]) =>
      `(CASE WHEN ${to} < ${from} THEN CAST([] AS BIGINT[]) WHEN ${to} - ${from} < ${mostRange}
          THEN generate_series(${from}, ${to}) END)`,
    spark: ([from, to]) =>
      `(CASE WHEN ${to} < ${from} THEN CAST(array() AS ARRAY<BIGINT>) WHEN ${to} - ${from} < ${mostRange}
          THEN sequence(${from}, ${to}) END)`,
  },
  split: {
    value: ([text], { parameters }) => String(text).split(String(parameters?.separator)),
    duckdb: ([text], { parameters }, bind) =>
      `string_split(${text}, ${bind('text', String(parameters?.separator))})`,
    spark: ([text], { parameters }, bind) => {
      const literal = String(parameters?.separator).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
      return `split(${text}, ${bind('text', literal)})`;
    },
  },
  listAppend: {
    value: ([list, item]) => [...items(list), item!],
    duckdb: ([list, item]) => whenThere([list!, item!], `list_append(${list}, ${item})`),
    spark: ([list, item]) => whenThere([list!, item!], `array_append(${list}, ${item})`),
  },
  listConcat: {
    value: ([a, b]) => [...items(a), ...items(b)],
    duckdb: ([a, b]) => whenThere([a!, b!], `list_concat(${a}, ${b})`),
    spark: ([a, b]) => `concat(${a}, ${b})`,
  },
} satisfies Partial<Definitions<ListOperation>>;

const mostRange = 100_000;

const changeFunctions = {
  listSlice: {
    value: ([list], node) => {
      const from = bounded(node, 'start', 1) - 1;
      return items(list).slice(from, from + bounded(node, 'count', 0));
    },
    duckdb: ([list], node) => {
      const from = bounded(node, 'start', 1);
      return `list_slice(${list}, ${from}, ${from + bounded(node, 'count', 0) - 1})`;
    },
    spark: ([list], node) =>
      `slice(${list}, ${bounded(node, 'start', 1)}, ${bounded(node, 'count', 0)})`,
  },
  listSort: {
    value: ([list]) => sorted(items(list)),
    duckdb: ([list]) => `list_sort(${list})`,
    spark: ([list]) => `array_sort(${list})`,
  },
  listSortDescending: {
    value: ([list]) => [...sorted(items(list))].reverse(),
    duckdb: ([list]) => `list_reverse_sort(${list})`,
    spark: ([list]) => `sort_array(${list}, false)`,
  },
  listDistinct: {
    value: ([list]) => unique(items(list)),
    duckdb: ([list]) => onceSorted(list!),
    spark: ([list]) => `array_sort(array_distinct(${list}))`,
  },
  listReverse: {
    value: ([list]) => [...items(list)].reverse(),
    duckdb: ([list]) => `list_reverse(${list})`,
    spark: ([list]) => `reverse(${list})`,
  },
  listUnion: setFunction(
    (a, b) => [...a, ...b],
    (a, b) => `list_concat(${a}, ${b})`,
    'array_union',
  ),
  listIntersect: setFunction(
    (a, b) => a.filter((item) => holds(b, item)),
    (a, b) => `list_intersect(${a}, ${b})`,
    'array_intersect',
  ),
  listExcept: setFunction(
    (a, b) => a.filter((item) => !holds(b, item)),
    (a, b) => `list_filter(${a}, lambda item: NOT list_contains(${b}, item))`,
    'array_except',
  ),
} satisfies Partial<Definitions<ListOperation>>;

/** The sum of a list in Spark, which has it as a fold alone. */
function foldedSum(list: string, node: FieldData): string {
  const zero = node.type === 'int' ? 'CAST(0 AS BIGINT)' : 'CAST(0 AS DOUBLE)';
  return `aggregate(${list}, ${zero}, (sum, item) -> sum + item)`;
}

const factFunctions = {
  listLength: {
    value: ([list]) => items(list).length,
    duckdb: ([list]) => `CAST(len(${list}) AS BIGINT)`,
    spark: ([list]) => `CAST(size(${list}) AS BIGINT)`,
  },
  element: {
    value: ([list], node) => items(list).at(indexOf(node)) ?? null,
    duckdb: ([list], node) => `list_extract(${list}, ${placeOf(node)})`,
    spark: ([list], node) => `try_element_at(${list}, ${placeOf(node)})`,
  },
  listContains: {
    value: ([list, item]) => holds(items(list), item!),
    duckdb: ([list, item]) => whenThere([list!, item!], `list_contains(${list}, ${item})`),
    spark: ([list, item]) => `array_contains(${list}, ${item})`,
  },
  listPosition: {
    value: ([list, item]) => items(list).findIndex((one) => compareValues(one, item!) === 0) + 1,
    duckdb: ([list, item]) =>
      `CAST(${whenThere([list!, item!], `coalesce(list_position(${list}, ${item}), 0)`)} AS BIGINT)`,
    spark: ([list, item]) => `array_position(${list}, ${item})`,
  },
  listsOverlap: {
    value: ([a, b]) => items(a).some((item) => holds(items(b), item)),
    duckdb: ([a, b]) => whenThere([a!, b!], `list_has_any(${a}, ${b})`),
    spark: ([a, b]) => `arrays_overlap(${a}, ${b})`,
  },
  joinTexts: {
    value: ([list], { parameters }) => items(list).join(String(parameters?.separator)),
    duckdb: ([list], { parameters }, bind) =>
      whenThere(
        [list!],
        `coalesce(array_to_string(${list}, ${bind('text', String(parameters?.separator))}), '')`,
      ),
    spark: ([list], { parameters }, bind) =>
      `array_join(${list}, ${bind('text', String(parameters?.separator))})`,
  },
} satisfies Partial<Definitions<ListOperation>>;

const tolerance = 1e-12;

const numberFunctions = {
  listSum: {
    value: ([list]) => total(items(list)) + 0,
    duckdb: ([list], node) =>
      `CAST(${whenThere([list!], `coalesce(list_sum(${list}), 0)`)} AS ${node.type === 'int' ? 'BIGINT' : 'DOUBLE'})`,
    spark: ([list], node) => foldedSum(list!, node),
    tolerance,
  },
  listMin: {
    value: ([list]) => sorted(items(list))[0] ?? null,
    duckdb: ([list]) => `list_min(${list})`,
    spark: ([list]) => `array_min(${list})`,
  },
  listMax: {
    value: ([list]) => sorted(items(list)).at(-1) ?? null,
    duckdb: ([list]) => `list_max(${list})`,
    spark: ([list]) => `array_max(${list})`,
  },
  listAvg: {
    value: ([list]) =>
      items(list).length === 0 ? null : total(items(list)) / items(list).length + 0,
    duckdb: ([list]) => `CAST(list_avg(${list}) AS DOUBLE)`,
    spark: ([list]) =>
      `(${foldedSum(`CAST(${list} AS ARRAY<DOUBLE>)`, { type: 'float', nullable: true })} / nullif(size(${list}), 0))`,
    tolerance,
  },
  dotProduct: {
    value: ([a, b]) =>
      items(a).length === items(b).length
        ? items(a).reduce<number>((sum, x, at) => sum + Number(x) * Number(items(b)[at]), 0) + 0
        : null,
    duckdb: ([a, b]) =>
      `CAST(CASE WHEN len(${a}) = 0 AND len(${b}) = 0 THEN 0 WHEN len(${a}) = len(${b})
        THEN list_sum(list_transform(list_zip(${a}, ${b}), lambda pair: pair[1] * pair[2])) END AS DOUBLE)`,
    spark: ([a, b]) =>
      `(CASE WHEN size(${a}) = size(${b}) THEN aggregate(
        zip_with(${a}, ${b}, (x, y) -> x * y), CAST(0 AS DOUBLE), (sum, item) -> sum + item) END)`,
    tolerance,
  },
} satisfies Partial<Definitions<ListOperation>>;

export const listFunctions: Definitions<ListOperation> = {
  ...makingFunctions,
  ...changeFunctions,
  ...factFunctions,
  ...numberFunctions,
};

function bounded({ parameters }: CallNode, name: string, from: number): number {
  return checkedCount(name, Number(parameters?.[name]), from);
}

function checkedCount(name: string, count: number, from: number): number {
  if (Number.isInteger(count) && count >= from && count <= 1_000_000) return count;
  throw new BadRelation(`${name} is ${count}; whole numbers from ${from} to 1000000 are allowed`);
}

/** From 1, or from -1 backwards. */
function placeOf({ parameters }: CallNode): number {
  const place = Number(parameters?.place);
  if (Number.isInteger(place) && place !== 0 && Math.abs(place) <= 1_000_000) return place;
  throw new BadRelation('a place in a list is a whole number from 1, or from -1 backwards');
}

function indexOf(node: CallNode): number {
  const place = placeOf(node);
  return place > 0 ? place - 1 : place;
}

type Item<L extends ListType> = (typeof itemTypes)[L];
type ListOf<V extends ItemType> = (typeof listTypes)[V];

/** The list of the values that are there, in this order. */
export function listOf<V extends ItemType>(
  first: Expression<V>,
  ...more: readonly (Expression<V> | Literal<NoInfer<V>>)[]
): Expression<ListOf<V>, false> {
  const operands = [first.node, ...more.map((one) => toNode(one, first.node))];
  const type = listTypes[first.node.type as ItemType];
  return call('listOf', operands, { type, nullable: false });
}

/** How many items. */
export const listLength = unary<ListType, 'int'>('listLength', 'int');

/** The item at a place: 1 is the first and -1 the last; missing outside the list. */
export function element<L extends ListType>(
  list: Expression<L>,
  place: number,
): Expression<Item<L>, true> {
  const field = { type: itemTypes[list.node.type as ListType], nullable: true };
  const made = call<Item<L>, true>('element', [list.node], field, { place });
  placeOf(made.node as CallNode);
  return made;
}

function withItem<R extends 'bool' | 'int'>(operation: Operation, type: R) {
  return <L extends ListType>(
    list: Expression<L>,
    item: Operand<Item<NoInfer<L>>>,
  ): Expression<R, boolean> => {
    const like = { type: itemTypes[list.node.type as ListType], nullable: false };
    const operands = [list.node, toNode(item, like)];
    return call(operation, operands, { type, nullable: anyNullable(operands) });
  };
}

/** Whether the list holds an item; NaN is equal to itself. */
export const listContains = withItem('listContains', 'bool');
/** The place of an item's first occurrence, from 1; 0 where there is none. */
export const listPosition = withItem('listPosition', 'int');

/** The list with one more item at its end; missing where one is missing. */
export function listAppend<L extends ListType>(
  list: Expression<L>,
  item: Operand<Item<NoInfer<L>>>,
): Expression<L, boolean> {
  const like = { type: itemTypes[list.node.type as ListType], nullable: false };
  const operands = [list.node, toNode(item, like)];
  return call('listAppend', operands, { type: list.node.type, nullable: anyNullable(operands) });
}

function ofTwo(operation: Operation) {
  return <L extends ListType>(
    left: Expression<L>,
    right: Expression<NoInfer<L>>,
  ): Expression<L, boolean> => {
    const operands = [left.node, toNode(right, left.node)];
    return call(operation, operands, { type: left.node.type, nullable: anyNullable(operands) });
  };
}

/** The items of both, one list after the other. */
export const listConcat = ofTwo('listConcat');
/** The items of either, each once, in order. */
export const listUnion = ofTwo('listUnion');
/** The items of both, each once, in order. */
export const listIntersect = ofTwo('listIntersect');
/** The items of the first that the second has not, each once, in order. */
export const listExcept = ofTwo('listExcept');

/** Whether the lists have an item in common. */
export function listsOverlap<L extends ListType>(
  left: Expression<L>,
  right: Expression<NoInfer<L>>,
): Expression<'bool', boolean> {
  const operands = [left.node, toNode(right, left.node)];
  return call('listsOverlap', operands, { type: 'bool', nullable: anyNullable(operands) });
}

/** `count` items from the place `start` (1 is the first); fewer where the list ends. */
export function listSlice<L extends ListType, N extends boolean>(
  list: Expression<L, N>,
  start: number,
  count: number,
): Expression<L, N> {
  checkedCount('start', start, 1);
  checkedCount('count', count, 0);
  return call('listSlice', [list.node], fieldOf(list.node), { start, count });
}

function sameList(operation: Operation) {
  return <L extends ListType, N extends boolean>(list: Expression<L, N>): Expression<L, N> =>
    call(operation, [list.node], fieldOf(list.node));
}

/** In order, texts by their bytes; NaN is above every number. */
export const listSort = sameList('listSort');
export const listSortDescending = sameList('listSortDescending');
/** Each item once, in order. */
export const listDistinct = sameList('listDistinct');
export const listReverse = sameList('listReverse');

function ofItems(operation: 'listSum' | 'listMin' | 'listMax') {
  return <L extends ListType>(list: Expression<L>): Expression<Item<L>, boolean> => {
    const nullable = operation !== 'listSum' || list.node.nullable;
    return call(operation, [list.node], {
      type: itemTypes[list.node.type as ListType],
      nullable,
    });
  };
}

/** The sum of the items; 0 for an empty list. */
export const listSum: <L extends 'numbers' | 'ints'>(
  list: Expression<L>,
) => Expression<Item<L>, boolean> = ofItems('listSum');
/** The least item; missing for an empty list. */
export const listMin = ofItems('listMin');
/** The greatest item; missing for an empty list. */
export const listMax = ofItems('listMax');
/** The mean of the items; missing for an empty list. */
export const listAvg = partial<'numbers' | 'ints', 'float'>('listAvg', 'float');
/** The whole numbers from one to another, both included; missing beyond 100,000 of them. */
export const listRange = partialBinary<'int', 'int', 'ints'>('listRange', 'int', 'ints');
/** The sum of products of items at equal places; missing where the lengths differ. */
export const dotProduct = partialBinary<'numbers', 'numbers', 'float'>(
  'dotProduct',
  'numbers',
  'float',
);

/** The parts between separators: one more than there are separators. */
export function split<N extends boolean>(
  value: Expression<'text', N>,
  separator: string,
): Expression<'texts', N> {
  if (separator === '') throw new BadRelation('a separator is not empty');
  const field = { type: 'texts' as const, nullable: value.node.nullable };
  return call('split', [value.node], field, { separator });
}

/** The items joined with a separator; empty for an empty list. */
export function joinTexts<N extends boolean>(
  list: Expression<'texts', N>,
  separator: string,
): Expression<'text', N> {
  const field = { type: 'text' as const, nullable: list.node.nullable };
  return call('joinTexts', [list.node], field, { separator });
}
