import type { ContractData } from '../contract.ts';
import { inputsOf } from './inputs-of.ts';
import type {
  ExpressionNode,
  Frame,
  MeasureNode,
  Parameters,
  PointInTimeNode,
  RelationNode,
  SortKey,
  SqlNode,
  UnnestNode,
  WindowFunctionNode,
  WindowNode,
} from './nodes.ts';
import type { Relation, Shape } from './relation.ts';
import { outputSensitivity, protectedColumns } from './sensitivity.ts';

/**
 * A relation as an indented text: what is done, from the last step down to the tables. With the
 * contracts of its tables also which columns that come out are personal or pseudonyms.
 */
export function explain(relation: Relation<Shape>, contracts?: readonly ContractData[]): string {
  const steps = lines(relation.node, 0);
  return (contracts ? [...steps, sensitivityText(relation, contracts)] : steps).join('\n');
}

function sensitivityText(relation: Relation<Shape>, contracts: readonly ContractData[]): string {
  const found = outputSensitivity(relation, contracts);
  const names = protectedColumns(found).map((name) => `${name} (${found.columns[name]})`);
  return `answers ${names.length > 0 ? names.join(', ') : 'nothing personal'}; rows chosen by what is ${found.rows}`;
}

function lines(node: RelationNode, depth: number): readonly string[] {
  const own = `${'  '.repeat(depth)}${describe(node)}`;
  return [own, ...inputsOf(node).flatMap((input) => lines(input, depth + 1))];
}

function describe(node: RelationNode): string {
  switch (node.kind) {
    case 'source':
      return `table ${node.table} (for ${node.purposes.join(', ')})`;
    case 'project':
      return `select ${node.columns.map(({ name, expression }) => assignment(name, expression)).join(', ')}`;
    case 'filter':
      return `filter ${expressionText(node.predicate)}`;
    case 'join':
      return `${node.how} join on ${node.on.map(({ left, right }) => `${left} = ${right}`).join(', ')}`;
    case 'pointInTime':
      return pointInTimeText(node);
    case 'values':
      return `${node.rows.length} rows of ${node.fields.map(({ name }) => name).join(', ')}`;
    case 'window':
      return windowText(node);
    case 'unnest':
      return unnestText(node);
    case 'sample':
      return `sample ${node.share} of ${node.key} by ${node.seed}`;
    case 'bucketed':
      return `${node.buckets} buckets of ${node.key}`;
    case 'sql':
      return `SQL of its own, not proven equal, for ${sqlEngines(node)}`;
    case 'aggregate':
      return `aggregate by ${node.keys.join(', ') || 'nothing'}: ${measuresText(node.measures)}`;
    case 'sort':
      return `sort by ${orderText(node.by)}`;
    case 'limit':
      return `limit ${node.count}${node.offset > 0 ? ` after ${node.offset}` : ''}`;
    default:
      return node.kind;
  }
}

function sqlEngines({ duckdb, spark }: SqlNode): string {
  return [duckdb !== undefined && 'DuckDB', spark !== undefined && 'Spark']
    .filter((engine) => engine !== false)
    .join(' and ');
}

function unnestText({ list, item, place, outer }: UnnestNode): string {
  return `unnest ${list} as ${item}${place ? ` at ${place}` : ''}${outer ? ', outer' : ''}`;
}

function orderText(keys: readonly SortKey[]): string {
  return keys.map(({ column, descending }) => (descending ? `-${column}` : column)).join(', ');
}

function windowText({ by, order, columns }: WindowNode): string {
  const functions = columns.map(({ name, function: of }) => `${name} = ${windowFunctionText(of)}`);
  const part = `window by ${by.join(', ') || 'nothing'}`;
  return `${part} in order ${orderText(order) || 'of all columns'}: ${functions.join(', ')}`;
}

function windowFunctionText(node: WindowFunctionNode): string {
  const { function: name, count, measure, operands, frame } = node;
  if (measure) return `${measureText(measure)}${frame ? frameText(frame) : ''}`;
  const given = [...(count === undefined ? [] : [String(count)]), ...operands.map(expressionText)];
  return `${name}(${given.join(', ')})${frame ? frameText(frame) : ''}`;
}

function frameText({ unit, preceding, following }: Frame): string {
  const reach = (count: number | undefined): string =>
    count === undefined ? 'all' : unit === 'rows' ? `${count}` : `${count / 1e6} s`;
  return ` over ${reach(preceding)} before to ${reach(following)} after`;
}

function pointInTimeText({ on, at, asOf, strict, withinMicros, tie }: PointInTimeNode): string {
  const keys = on.map(({ left, right }) => `${left} = ${right}`).join(', ');
  const age = withinMicros === undefined ? '' : ` within ${withinMicros / 1e6} s`;
  const ties = tie.length > 0 ? `, ties by ${tie.join(', ')}` : '';
  return `newest on ${keys} with ${asOf} ${strict ? '<' : '<='} ${at}${age}${ties}`;
}

function assignment(name: string, expression: ExpressionNode): string {
  const text = expressionText(expression);
  return text === name ? name : `${name} = ${text}`;
}

function expressionText(node: ExpressionNode): string {
  if (node.kind === 'column') return node.name;
  // A literal may be a person's; the explanation says its type alone.
  if (node.kind === 'literal') return `<${node.type}>`;
  return `${node.operation}(${[...constants(node.parameters), ...node.operands.map(expressionText)].join(', ')})`;
}

/** Numbers and units are shown; texts, like literals, may be a person's. */
function constants(parameters: Parameters = {}): readonly string[] {
  return Object.entries(parameters).map(([name, value]) =>
    name === 'unit' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '<text>',
  );
}

function measuresText(
  measures: readonly { readonly name: string; readonly measure: MeasureNode }[],
): string {
  return measures.map(({ name, measure }) => `${name} = ${measureText(measure)}`).join(', ');
}

function measureText({ aggregation, parameters, operands }: MeasureNode): string {
  return `${aggregation}(${[...constants(parameters), ...operands.map(expressionText)].join(', ')})`;
}
