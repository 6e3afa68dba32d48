import { BadRelation } from '../../data-error.ts';
import { type Duration, durationMicros } from '../duration.ts';
import {
  checkedFields,
  checkedPairs,
  fieldNamed,
  optionalField,
  sharedPurposes,
} from '../fields.ts';
import type { PointInTimeNode, RelationNode } from '../nodes.ts';

interface PointInTimeOptions {
  /** Columns that are equal on both sides. */
  readonly on: readonly (readonly [left: string, right: string])[];
  /** The time of each row, as of which events are looked up. */
  readonly at: string;
  /** The time of each event. */
  readonly asOf: string;
  /** Events older than this are not found. */
  readonly within?: Duration | undefined;
  /** Only events before the row's time; otherwise one at that very time is found too. */
  readonly strict?: boolean | undefined;
  /** Of events at one time the one with the greatest values here is found. */
  readonly tie: readonly string[];
}

export function pointInTimeNode(
  left: RelationNode,
  right: RelationNode,
  options: PointInTimeOptions,
): PointInTimeNode {
  const on = checkedPairs(left, right, options.on);
  for (const field of [fieldNamed(left, options.at), fieldNamed(right, options.asOf)]) {
    if (field.type !== 'timestamp') {
      throw new BadRelation(`${field.name} is ${field.type}; a point in time is a timestamp`);
    }
  }
  for (const name of options.tie) fieldNamed(right, name);
  const added = right.fields.filter(({ name }) => !on.some((pair) => pair.right === name));
  return {
    kind: 'pointInTime',
    left,
    right,
    on,
    at: options.at,
    asOf: options.asOf,
    strict: options.strict ?? false,
    tie: Object.freeze([...options.tie]),
    ...(options.within && { withinMicros: durationMicros(options.within) }),
    fields: checkedFields([...left.fields, ...added.map(optionalField)]),
    purposes: sharedPurposes(left, right),
  };
}

/**
 * The columns of events that order those of one time: the ties', then all others, so that only equal
 * events are left. The last in this order is the one that is found; missing values come first.
 */
export function tieOrder(node: PointInTimeNode): readonly string[] {
  const keys = new Set([node.asOf, ...node.on.map(({ right }) => right)]);
  const rest = node.right.fields.map(({ name }) => name).filter((name) => !keys.has(name));
  return [...new Set([...node.tie.filter((name) => !keys.has(name)), ...rest])];
}
