import type { ValueType } from '../../column.ts';
import { BadRelation } from '../../data-error.ts';
import { checkedFields, checkedName, fieldNamed, named } from '../fields.ts';
import type { RelationNode, UnnestNode } from '../nodes.ts';

/** What the items of each kind of list are. */
export const itemTypes = {
  texts: 'text',
  numbers: 'float',
  ints: 'int',
} as const satisfies Partial<Record<ValueType, ValueType>>;
export type ListType = keyof typeof itemTypes;

export function unnestNode(
  input: RelationNode,
  options: {
    readonly list: string;
    readonly as: string;
    readonly place?: string | undefined;
    readonly outer?: boolean | undefined;
  },
): UnnestNode {
  const { type } = fieldNamed(input, options.list);
  if (!Object.hasOwn(itemTypes, type)) {
    throw new BadRelation(`${options.list} is ${type}, not a list`);
  }
  const outer = options.outer ?? false;
  const item = { type: itemTypes[type as ListType], nullable: outer };
  const added = [named(checkedName(options.as), item)];
  if (options.place !== undefined) {
    added.push(named(checkedName(options.place), { type: 'int', nullable: outer }));
  }
  return {
    kind: 'unnest',
    input,
    list: options.list,
    item: options.as,
    ...(options.place !== undefined && { place: options.place }),
    outer,
    fields: checkedFields([...input.fields.filter(({ name }) => name !== options.list), ...added]),
    purposes: input.purposes,
  };
}
