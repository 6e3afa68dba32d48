import { unreachable } from '@backlot/core';
import type { Sensitivity } from '../column.ts';
import type { ContractData } from '../contract.ts';
import { columnLineage } from '../lineage/column-lineage.ts';
import type { ExpressionNode, MeasureNode, RelationNode, WindowFunctionNode } from './nodes.ts';
import type { Relation, Shape } from './relation.ts';

/** How far what a relation answers may be shown. */
export interface OutputSensitivity {
  /** Each column's, in order. */
  readonly columns: Readonly<Record<string, Sensitivity>>;
  /** The greatest of what decides which rows there are: filters, joins, keys. */
  readonly rows: Sensitivity;
}

/**
 * Follows the sensitivity of tables' columns to what a relation answers. What is computed is as
 * sensitive as the most sensitive value that goes into it; a hash of a pseudonym is a pseudonym still.
 * Three things say less than what they are computed from, and are at most internal: how many rows or
 * values there are, how many different ones, and whether a value is missing. They do not make a group
 * of one row safe: who publishes counts has to bound them. SQL of one's own is as sensitive as all
 * that goes in. A table whose contract is not given is taken for personal.
 *
 * @example
 * outputSensitivity(relation(plays).aggregate(['account'], () => ({ plays: count() })), [contractData(plays)]);
 * // { columns: { account: 'pseudonym', plays: 'internal' }, rows: 'pseudonym' }
 */
export function outputSensitivity(
  relation: Pick<Relation<Shape>, 'node'>,
  contracts: readonly ContractData[],
): OutputSensitivity {
  const known = new Map(contracts.map((contract) => [contract.table, contract]));
  const columns = follow(relation.node, known);
  const deciding = columnLineage(relation).rows.map(({ table, column }) =>
    ofColumn(known.get(table), column),
  );
  return {
    columns: Object.fromEntries(
      relation.node.fields.map(({ name }) => [name, columns.get(name) ?? 'personal']),
    ),
    rows: greatest(deciding),
  };
}

/** The columns that are personal or pseudonyms, in order. */
export function protectedColumns({ columns }: OutputSensitivity): readonly string[] {
  return Object.keys(columns).filter((name) => order[columns[name]!] > order.internal);
}

/** A person's own words are more than what stands in place of a person's name. */
const order: Readonly<Record<Sensitivity, number>> = {
  ...{ public: 0, internal: 1, pseudonym: 2, personal: 3 },
};

function greatest(all: readonly Sensitivity[]): Sensitivity {
  return all.reduce((most, one) => (order[one] > order[most] ? one : most), 'public');
}

function atMostInternal(found: Sensitivity): Sensitivity {
  return order[found] > order.internal ? 'internal' : found;
}

type Known = ReadonlyMap<string, ContractData>;
type Columns = ReadonlyMap<string, Sensitivity>;

function ofColumn(contract: ContractData | undefined, name: string): Sensitivity {
  return contract?.columns.find((column) => column.name === name)?.sensitivity ?? 'personal';
}

function follow(node: RelationNode, known: Known): Columns {
  switch (node.kind) {
    case 'source': {
      const contract = known.get(node.table);
      return new Map(node.fields.map(({ name }) => [name, ofColumn(contract, name)]));
    }
    case 'values':
      return new Map(node.fields.map(({ name }) => [name, 'internal']));
    case 'project': {
      const input = follow(node.input, known);
      return new Map(
        node.columns.map(({ name, expression }) => [name, ofExpression(expression, input)]),
      );
    }
    case 'aggregate':
      return ofGroups(node, follow(node.input, known));
    case 'window': {
      const input = follow(node.input, known);
      const made = node.columns.map(
        ({ name, function: each }) => [name, ofWindow(each, input)] as const,
      );
      return new Map([...input, ...made]);
    }
    case 'unnest':
      return ofItems(node, follow(node.input, known));
    case 'join':
    case 'pointInTime':
    case 'cross':
      return ofPair(node, known);
    // What stands on both sides is a value of either.
    case 'intersect':
    case 'union': {
      const all = node.kind === 'union' ? node.inputs : [node.left, node.right];
      const inputs = all.map((input) => follow(input, known));
      return new Map(
        node.fields.map(({ name }) => [name, greatest(inputs.map((one) => one.get(name)!))]),
      );
    }
    case 'except':
      return follow(node.left, known);
    case 'sql': {
      const inputs = node.inputs.map(({ relation }) => follow(relation, known));
      const most = greatest(['internal', ...inputs.flatMap((input) => [...input.values()])]);
      return new Map(node.fields.map(({ name }) => [name, most]));
    }
    case 'filter':
    case 'distinct':
    case 'sort':
    case 'limit':
    case 'sample':
    case 'bucketed':
      return follow(node.input, known);
    default:
      return unreachable(node);
  }
}

type Node<K extends RelationNode['kind']> = Extract<RelationNode, { readonly kind: K }>;

function ofGroups({ keys, measures }: Node<'aggregate'>, input: Columns): Columns {
  const kept = keys.map((key) => [key, input.get(key)!] as const);
  const made = measures.map(({ name, measure }) => [name, ofMeasure(measure, input)] as const);
  return new Map([...kept, ...made]);
}

function ofItems({ list, item, place }: Node<'unnest'>, input: Columns): Columns {
  const places = place === undefined ? [] : [[place, 'internal'] as const];
  return new Map([...input, [item, input.get(list)!], ...places]);
}

/** Columns that rows are joined on hold the values of both sides. */
function ofPair(
  node: Extract<RelationNode, { kind: 'join' | 'pointInTime' | 'cross' }>,
  known: Known,
): Columns {
  const [left, right] = [follow(node.left, known), follow(node.right, known)];
  const both = new Map([...right, ...left]);
  if (node.kind === 'cross') return both;
  for (const pair of node.on) {
    both.set(pair.left, greatest([left.get(pair.left)!, right.get(pair.right)!]));
  }
  return both;
}

function ofExpression(node: ExpressionNode, input: Columns): Sensitivity {
  if (node.kind === 'literal') return 'public';
  if (node.kind === 'column') return input.get(node.name)!;
  const used = greatest(node.operands.map((operand) => ofExpression(operand, input)));
  return node.operation === 'isNull' ? atMostInternal(used) : used;
}

/** Aggregates that answer how many there are, and none of them. */
const counting: ReadonlySet<string> = new Set([
  ...['count', 'countValues', 'countDistinct', 'approxDistinct'],
]);

function ofMeasure({ aggregation, operands }: MeasureNode, input: Columns): Sensitivity {
  if (counting.has(aggregation)) return 'internal';
  return greatest(operands.map((operand) => ofExpression(operand, input)));
}

/** A place among rows tells no value. */
function ofWindow({ operands, measure }: WindowFunctionNode, input: Columns): Sensitivity {
  const found = operands.map((operand) => ofExpression(operand, input));
  if (measure) found.push(ofMeasure(measure, input));
  return greatest(['internal', ...found]);
}
