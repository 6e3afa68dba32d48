import { BadRelation } from '../../data-error.ts';
import { compareValues, unscaled } from '../compare-values.ts';
import {
  anyNullable,
  call,
  type Expression,
  fieldOf,
  type Literal,
  literalNode,
  type Ordered,
  toNode,
} from '../expression.ts';
import type { CallNode } from '../nodes.ts';
import { unary } from './calls.ts';
import type { Definitions, FunctionDefinition, Value } from './definition.ts';

export type RoundingOperation =
  | 'floor'
  | 'ceil'
  | 'round'
  | 'truncate'
  | 'roundTo'
  | 'greatest'
  | 'least'
  | 'clamp'
  | 'widthBucket';

/** From here on every double is a whole number; Spark would round it by way of 64 bits. */
const wholeFrom = 'CAST(4503599627370496 AS DOUBLE)';

function rounded(
  name: string,
  value: (number: number) => number,
  spark: (a: string) => string,
): FunctionDefinition {
  return {
    value: ([a]) => value(Number(a)) + 0,
    duckdb: ([a]) => `(${name}(${a}) + CAST(0 AS DOUBLE))`,
    spark: ([a]) => `(CASE WHEN abs(${a}) < ${wholeFrom} THEN ${spark(a!)} ELSE ${a} END)`,
  };
}

function halfAway(number: number): number {
  const whole = Math.trunc(number);
  // The difference of a double and its whole part is exact; adding a half to it would not be.
  const away = Math.abs(number - whole) >= 0.5 ? Math.sign(number) : 0;
  return Number.isFinite(number) ? whole + away : number;
}

function extreme(name: 'greatest' | 'least', sign: number): FunctionDefinition {
  return {
    takesMissing: true,
    value: (values, node) =>
      values.reduce<Value>(
        (best, value) =>
          value !== null && (best === null || sign * compareValues(value, best, node.type) > 0)
            ? value
            : best,
        null,
      ),
    duckdb: (values) => `${name}(${values.join(', ')})`,
  };
}

export const roundingFunctions: Definitions<RoundingOperation> = {
  floor: rounded('floor', Math.floor, (a) => `CAST(floor(${a}) AS DOUBLE)`),
  ceil: rounded('ceil', Math.ceil, (a) => `CAST(ceil(${a}) AS DOUBLE)`),
  truncate: rounded('trunc', Math.trunc, (a) => `CAST(CAST(${a} AS BIGINT) AS DOUBLE)`),
  round: {
    value: ([a]) => halfAway(Number(a)) + 0,
    duckdb: ([a]) => `(round(${a}) + CAST(0 AS DOUBLE))`,
  },
  roundTo: {
    value: ([a], node) => roundedDecimal(a as string, node),
    duckdb: ([a], node) =>
      `CAST(round(${a}, ${digitsOf(node)}) AS DECIMAL(18, ${node.scale ?? 0}))`,
  },
  greatest: extreme('greatest', 1),
  least: extreme('least', -1),
  clamp: {
    value: ([a, low, high], { type }) =>
      compareValues(a!, low!, type) < 0 ? low! : compareValues(a!, high!, type) > 0 ? high! : a!,
    duckdb: ([a, low, high]) =>
      `(CASE WHEN ${a} < ${low} THEN ${low} WHEN ${a} > ${high} THEN ${high} ELSE ${a} END)`,
  },
  widthBucket: {
    value: ([a, ...edges]) => edges.filter((edge) => compareValues(a!, edge) >= 0).length,
    duckdb: ([a, ...edges]) =>
      `CAST(CASE ${edges
        .map((edge, at) => `WHEN ${a} < ${edge} THEN ${at}`)
        .join(' ')} WHEN ${a} IS NOT NULL THEN ${edges.length} END AS BIGINT)`,
  },
};

function digitsOf({ parameters }: Pick<CallNode, 'parameters'>): number {
  const digits = Number(parameters?.digits);
  if (Number.isInteger(digits) && digits >= 0 && digits <= 9) return digits;
  throw new BadRelation('a decimal is rounded to 0 to 9 digits');
}

function roundedDecimal(text: string, node: CallNode): string {
  const scale = node.scale ?? 0;
  const unit = 10n ** BigInt(Math.max(0, scale - digitsOf(node)));
  const whole = unscaled(text);
  const size = whole < 0n ? -whole : whole;
  const kept = ((size + unit / 2n) / unit) * unit;
  return decimalText(whole < 0n ? -kept : kept, scale);
}

/** A decimal from a whole number of its last digit. */
export function decimalText(whole: bigint, scale: number): string {
  const digits = String(whole < 0n ? -whole : whole).padStart(scale + 1, '0');
  const point = digits.length - scale;
  const sign = whole < 0n ? '-' : '';
  return scale === 0
    ? `${sign}${digits}`
    : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** The next whole number below, as a float. */
export const floor = unary<'float', 'float'>('floor', 'float');
/** The next whole number above, as a float. */
export const ceil = unary<'float', 'float'>('ceil', 'float');
/** The nearest whole number as a float; halves go away from zero: 2.5 to 3 and -2.5 to -3. */
export const round = unary<'float', 'float'>('round', 'float');
/** The whole part, as a float. */
export const truncate = unary<'float', 'float'>('truncate', 'float');

/**
 * A decimal rounded to digits after the point, halves away from zero; its scale stays. Floats have
 * no such function: 1.005 is not what it looks like, and engines disagree.
 */
export function roundTo<N extends boolean>(
  value: Expression<'decimal', N>,
  digits: number,
): Expression<'decimal', N> {
  digitsOf({ parameters: { digits } });
  return call('roundTo', [value.node], fieldOf(value.node), { digits });
}

function ofMany(operation: 'greatest' | 'least') {
  return <V extends Ordered>(
    first: Expression<V>,
    ...more: readonly (Expression<V> | Literal<NoInfer<V>>)[]
  ): Expression<V, boolean> => {
    if (more.length === 0) throw new BadRelation(`${operation} compares at least two values`);
    const operands = [first.node, ...more.map((one) => toNode(one, first.node))];
    const nullable = operands.every((operand) => operand.nullable);
    return call(operation, operands, { ...fieldOf(first.node), nullable });
  };
}

/** The greatest of those that are not missing; missing when all are. NaN is above every number. */
export const greatest = ofMany('greatest');
/** The least of those that are not missing; missing when all are. NaN is above every number. */
export const least = ofMany('least');

/** The value, or the bound that it lies beyond; NaN lies above. */
export function clamp<V extends Ordered, N extends boolean>(
  value: Expression<V, N>,
  low: Literal<NoInfer<V>>,
  high: Literal<NoInfer<V>>,
): Expression<V, N> {
  const bounds = [low, high].map((bound) => literalNode(value.node, bound));
  const operands = [value.node, ...bounds];
  return call('clamp', operands, { ...fieldOf(value.node), nullable: anyNullable(operands) });
}

/** How many of the rising `edges` (1 to 100) are at or below the value: 0 below the first. */
export function widthBucket<V extends 'int' | 'int64' | 'float', N extends boolean>(
  value: Expression<V, N>,
  edges: readonly Literal<NoInfer<V>>[],
): Expression<'int', N> {
  const rising = edges.every((edge, at) => at === 0 || edges[at - 1]! < edge);
  if (edges.length === 0 || edges.length > 100 || !rising) {
    throw new BadRelation('buckets have 1 to 100 edges, each above the one before');
  }
  const nodes = edges.map((edge) => literalNode(value.node, edge));
  return call('widthBucket', [value.node, ...nodes], {
    type: 'int',
    nullable: value.node.nullable,
  });
}
