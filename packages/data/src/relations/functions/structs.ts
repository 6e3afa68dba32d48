import { assert } from '@backlot/core';
import type { Members, Struct, ValueType } from '../../column.ts';
import { BadRelation } from '../../data-error.ts';
import { call, type Expression, fieldOf } from '../expression.ts';
import { checkedFields, checkedName, named } from '../fields.ts';
import type { CallNode } from '../nodes.ts';
import type { Definitions, Value } from './definition.ts';

export type StructOperation = 'struct' | 'member';

function memberNames(node: CallNode): readonly string[] {
  return (node.members ?? []).map(({ name }) => checkedName(name));
}

/** Which member: its name stands in the SQL itself, so that it is a name whatever built the node. */
function nameOf({ parameters }: CallNode): string {
  return checkedName(String(parameters?.name));
}

export const structFunctions: Definitions<StructOperation> = {
  struct: {
    takesMissing: true,
    value: (values, node) =>
      Object.fromEntries(memberNames(node).map((name, at) => [name, values[at]!])),
    duckdb: (values, node) =>
      `struct_pack(${memberNames(node).map((name, at) => `"${name}" := ${values[at]}`)})`,
    spark: (values, node) =>
      `named_struct(${memberNames(node).map((name, at) => `'${name}', ${values[at]}`)})`,
  },
  member: {
    value: ([value], node) => {
      assert(value !== null && typeof value === 'object', 'a struct has members');
      return (value as { readonly [name: string]: Value })[nameOf(node)]!;
    },
    duckdb: ([value], node) => `struct_extract(${value}, '${nameOf(node)}')`,
    spark: ([value], node) => `(${value}).\`${nameOf(node)}\``,
  },
};

type Typed = { readonly types: { readonly type: ValueType; readonly nullable: boolean } };
type MembersOf<E extends Readonly<Record<string, Typed>>> = {
  readonly [K in keyof E]: {
    readonly type: E[K]['types']['type'];
    readonly nullable: E[K]['types']['nullable'];
  };
};

/**
 * Values side by side as one, each under a name; a member may be missing, the struct is not.
 *
 * ```ts
 * const price = struct({ amount: play.price, currency: play.currency });
 * member(price, 'amount');
 * ```
 */
export function struct<E extends Readonly<Record<string, Expression>>>(
  members: E,
): Expression<Struct<MembersOf<E>>, false> {
  const entries = Object.entries(members);
  const fields = checkedFields(entries.map(([name, { node }]) => named(checkedName(name), node)));
  const operands = entries.map(([, { node }]) => node);
  return call('struct', operands, { type: 'struct', nullable: false, members: fields });
}

/** A member of a struct; missing where the struct is. */
export function member<M extends Members, K extends keyof M & string, N extends boolean>(
  value: Expression<Struct<M>, N>,
  name: K,
): Expression<M[K]['type'], N | M[K]['nullable'] extends false ? false : boolean> {
  const field = value.node.members?.find((one) => one.name === name);
  if (!field) throw new BadRelation('the struct has no member of that name');
  const nullable = field.nullable || value.node.nullable;
  return call('member', [value.node], { ...fieldOf(field), nullable }, { name });
}
