import { assert } from '@backlot/core';
import type { ValueType } from '../column.ts';
import { BadRelation } from '../data-error.ts';
import { type Duration, durationMicros } from './duration.ts';
import { type Expression, fieldOf } from './expression.ts';
import type { Measure } from './measure.ts';
import type { FieldData, Frame, MeasureNode, WindowFunctionNode } from './nodes.ts';

/** A function of the rows around a row, to be used in `window` alone. */
export class Over<V extends ValueType = ValueType, N extends boolean = boolean> {
  readonly node: WindowFunctionNode;
  /** Types only; never there when the program runs. */
  declare readonly types: { readonly type: V; readonly nullable: N };

  constructor(node: WindowFunctionNode) {
    this.node = Object.freeze(node);
    Object.freeze(this);
  }
}

/**
 * The rows that a function sees: so many before and after the row in order, or those whose time lies
 * so long before and after it. Absent: to the end of the part; `{}` is all of it.
 */
export type FrameOptions =
  | { readonly rowsBefore?: number; readonly rowsAfter?: number }
  | { readonly timeBefore?: Duration; readonly timeAfter?: Duration | 'none' };

/** Aggregates that both engines compute over any frame. */
const framedAggregations = ['count', 'countValues', 'sum', 'min', 'max', 'avg'] as const;
export type FramedAggregation = (typeof framedAggregations)[number];

export function framedAggregation({ aggregation }: MeasureNode): FramedAggregation {
  const found = framedAggregations.find((one) => one === aggregation);
  if (found) return found;
  throw new BadRelation(
    `${aggregation} is not computed over a window`,
    `aggregate it, or take one of ${framedAggregations.join(', ')}`,
  );
}

/** The row's place in its part, from 1; ties by all other columns. */
export function rowNumber(): Over<'int', false> {
  return place('rowNumber');
}

/** One more than the rows that come before it; ties have one rank. */
export function rank(): Over<'int', false> {
  return place('rank');
}

/** One more than the different places before it; ties have one rank, and no rank is left out. */
export function denseRank(): Over<'int', false> {
  return place('denseRank');
}

/** The value of the row that stands `count` rows before this one; missing where there is none. */
export function lag<V extends ValueType>(of: Expression<V>, count = 1): Over<V, true> {
  return value('lag', of, { nullable: true, count });
}

/** The value of the row that stands `count` rows after this one; missing where there is none. */
export function lead<V extends ValueType>(of: Expression<V>, count = 1): Over<V, true> {
  return value('lead', of, { nullable: true, count });
}

/** The value of the frame's first row, missing or not. */
export function firstOf<V extends ValueType, N extends boolean>(
  of: Expression<V, N>,
  frame: FrameOptions = {},
): Over<V, N> {
  return value('first', of, { nullable: of.node.nullable, frame: frameOf(frame) });
}

/** The value of the frame's last row, missing or not. */
export function lastOf<V extends ValueType, N extends boolean>(
  of: Expression<V, N>,
  frame: FrameOptions = {},
): Over<V, N> {
  return value('last', of, { nullable: of.node.nullable, frame: frameOf(frame) });
}

/** The value of the frame's row number `count`, from 1; missing where there are fewer. */
export function nthOf<V extends ValueType>(
  of: Expression<V>,
  count: number,
  frame: FrameOptions = {},
): Over<V, true> {
  return value('nth', of, { nullable: true, count, frame: frameOf(frame) });
}

/**
 * An aggregate of the rows of a frame: `count`, `sum`, `min`, `max` or `avg`.
 *
 * ```ts
 * plays.window({ by: ['account'], order: ['at'] }, (play) => ({
 *   soFar: over(sum(play.ms), { rowsAfter: 0 }),
 *   ofWeek: over(count(), { timeBefore: { days: 7 }, timeAfter: 'none' }),
 * }));
 * ```
 */
export function over<V extends ValueType, N extends boolean>(
  measure: Measure<V, N>,
  frame: FrameOptions = {},
): Over<V, N> {
  framedAggregation(measure.node);
  return new Over({
    kind: 'windowFunction',
    function: 'measure',
    operands: [],
    measure: measure.node,
    frame: frameOf(frame),
    ...fieldOf(measure.node),
  });
}

function place(name: 'rowNumber' | 'rank' | 'denseRank'): Over<'int', false> {
  const field = { type: 'int', nullable: false } as const;
  return new Over({ kind: 'windowFunction', function: name, operands: [], ...field });
}

function value<V extends ValueType, N extends boolean>(
  name: WindowFunctionNode['function'],
  of: Expression<V>,
  more: { readonly nullable: boolean; readonly count?: number; readonly frame?: Frame },
): Over<V, N> {
  const { count } = more;
  if (count !== undefined && !(Number.isInteger(count) && count >= 1 && count <= 1_000_000)) {
    throw new BadRelation(`${name} goes ${count} rows; 1 to 1000000 are allowed`);
  }
  const field: FieldData = fieldOf(of.node);
  return new Over({
    kind: 'windowFunction',
    function: name,
    operands: Object.freeze([of.node]),
    ...field,
    ...more,
  });
}

function frameOf(options: FrameOptions): Frame {
  const times = options as {
    readonly timeBefore?: Duration;
    readonly timeAfter?: Duration | 'none';
  };
  const rows = options as { readonly rowsBefore?: number; readonly rowsAfter?: number };
  if (times.timeBefore === undefined && times.timeAfter === undefined) {
    return frame('rows', rows.rowsBefore, rows.rowsAfter);
  }
  const { timeBefore, timeAfter } = times;
  return frame(
    'micros',
    timeBefore && durationMicros(timeBefore),
    timeAfter === 'none' ? 0 : timeAfter && durationMicros(timeAfter),
  );
}

function frame(unit: Frame['unit'], preceding?: number, following?: number): Frame {
  for (const bound of [preceding, following]) {
    if (bound !== undefined && !(Number.isSafeInteger(bound) && bound >= 0)) {
      throw new BadRelation(`a frame reaches ${bound} rows; a whole number from 0 is allowed`);
    }
  }
  assert(unit === 'rows' || preceding !== undefined || following !== undefined, 'a time bound');
  return Object.freeze({
    unit,
    ...(preceding !== undefined && { preceding }),
    ...(following !== undefined && { following }),
  });
}
