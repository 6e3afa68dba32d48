import { assert } from '@backlot/core';
import type { Expression } from './expression.ts';

/** A whole-number attribute of an operation. */
export function intOf({ op, attributes }: Expression, name: string): number {
  const attribute = attributes[name];
  assert(attribute && 'int' in attribute, `${op} has the whole number ${name}`);
  return Number(attribute.int);
}

/** A float attribute. */
export function floatOf({ op, attributes }: Expression, name: string): number {
  const attribute = attributes[name];
  assert(attribute && 'float' in attribute, `${op} has the number ${name}`);
  return attribute.float;
}

/** A list of whole numbers. */
export function intsOf({ op, attributes }: Expression, name: string): readonly number[] {
  const attribute = attributes[name];
  assert(attribute && 'ints' in attribute, `${op} has the whole numbers ${name}`);
  return attribute.ints.map(Number);
}
