import { unreachable } from '@backlot/core';
import type {
  ExpressionNode,
  MeasureNode,
  PointInTimeNode,
  RelationNode,
  UnnestNode,
  WindowNode,
} from '../relations/nodes.ts';
import type { Relation, Shape } from '../relations/relation.ts';
import { tieOrder } from '../relations/steps/point-in-time.ts';
import { seesTies, totalOrder } from '../relations/steps/window.ts';

/** How a column of a table reaches a result, in the words of OpenLineage's columnLineage facet. */
export type Dependence =
  | { readonly type: 'DIRECT'; readonly subtype: 'IDENTITY' | 'TRANSFORMATION' | 'AGGREGATION' }
  | {
      readonly type: 'INDIRECT';
      readonly subtype: 'CONDITIONAL' | 'FILTER' | 'GROUP_BY' | 'JOIN' | 'SORT' | 'WINDOW';
    };

/** A column of a table that something depends on. */
export type SourceColumn = Dependence & {
  readonly table: string;
  readonly column: string;
  /** Whether nothing of the values themselves can be seen, such as in a count or a hash. */
  readonly masking: boolean;
};

/** What a relation's rows and columns are made from. */
export interface ColumnLineage {
  /** Each output column, with the columns that its values are computed from. */
  readonly columns: Readonly<Record<string, readonly SourceColumn[]>>;
  /** Columns that decide which rows there are, how often and in which order: they bear on all. */
  readonly rows: readonly SourceColumn[];
}

/**
 * Follows each column of a relation to the tables it comes from. A change of a source column changes
 * only output columns that name it, unless `rows` names it.
 *
 * @example
 * columnLineage(relation(plays).filter((play) => gte(play.ms, 30_000)).select(['item']));
 * // { columns: { item: [{ table: 'plays', column: 'item', type: 'DIRECT', subtype: 'IDENTITY', ... }] },
 * //   rows: [{ table: 'plays', column: 'ms', type: 'INDIRECT', subtype: 'FILTER', ... }] }
 */
export function columnLineage(relation: Pick<Relation<Shape>, 'node'>): ColumnLineage {
  const { columns, rows } = trace(relation.node, new Map());
  return {
    columns: Object.fromEntries([...columns].map(([name, found]) => [name, inOrder(found)])),
    rows: inOrder(rows),
  };
}

/** Source columns by what tells them apart, so that each stands once. */
type Found = ReadonlyMap<string, SourceColumn>;

interface Traced {
  readonly columns: ReadonlyMap<string, Found>;
  readonly rows: Found;
}

type Indirect = Extract<Dependence, { readonly type: 'INDIRECT' }>['subtype'];

/** A relation that is used twice is followed once. */
function trace(node: RelationNode, known: Map<RelationNode, Traced>): Traced {
  const found = known.get(node) ?? traceNode(node, (input) => trace(input, known));
  known.set(node, found);
  return found;
}

function traceNode(node: RelationNode, of: (input: RelationNode) => Traced): Traced {
  switch (node.kind) {
    case 'source':
      return sourceOf(node);
    case 'project': {
      const input = of(node.input);
      const columns = node.columns.map(
        ({ name, expression }) => [name, ofExpression(expression, input)] as const,
      );
      return { columns: new Map(columns), rows: input.rows };
    }
    case 'filter': {
      const input = of(node.input);
      const used = indirectly(ofExpression(node.predicate, input), 'FILTER');
      return { columns: input.columns, rows: joinFound(input.rows, used) };
    }
    case 'join':
      return ofJoin(node, of(node.left), of(node.right));
    case 'pointInTime':
      return ofPointInTime(node, of(node.left), of(node.right));
    case 'aggregate':
      return ofAggregate(node, of(node.input));
    case 'distinct':
      return deciding(of(node.input), names(node), 'GROUP_BY');
    case 'sort':
      return deciding(
        of(node.input),
        node.by.map(({ column }) => column),
        'SORT',
      );
    case 'limit':
      // Ties are broken by all columns, so each of them can decide which rows are first.
      return deciding(of(node.input), names(node), 'SORT');
    case 'union':
      return ofUnion(node.inputs.map(of), names(node));
    case 'values':
      return { columns: new Map(names(node).map((name) => [name, new Map()])), rows: new Map() };
    case 'cross':
      return ofCross(of(node.left), of(node.right));
    case 'except':
    case 'intersect':
      return ofSet(deciding(of(node.left), names(node), 'GROUP_BY'), of(node.right));
    case 'window':
      return ofWindow(node, of(node.input));
    case 'unnest':
      return ofUnnest(node, of(node.input));
    case 'sample':
      return deciding(of(node.input), [node.key], 'FILTER');
    case 'bucketed':
      return of(node.input);
    case 'sql':
      return ofSql(
        node.inputs.map(({ relation }) => of(relation)),
        names(node),
      );
    default:
      return unreachable(node);
  }
}

function names(node: RelationNode): readonly string[] {
  return node.fields.map(({ name }) => name);
}

function sourceOf(node: Extract<RelationNode, { kind: 'source' }>): Traced {
  const columns = node.fields.map(({ name }) => {
    const self: SourceColumn = {
      ...{ table: node.table, column: name, masking: false },
      ...{ type: 'DIRECT', subtype: 'IDENTITY' },
    };
    return [name, new Map([[keyOf(self), self]])] as const;
  });
  return { columns: new Map(columns), rows: new Map() };
}

/** The rows now also depend on these columns. */
function deciding(input: Traced, columns: readonly string[], subtype: Indirect): Traced {
  const used = columns.map((name) => indirectly(input.columns.get(name)!, subtype));
  return { columns: input.columns, rows: joinFound(input.rows, ...used) };
}

function ofJoin(
  node: Extract<RelationNode, { kind: 'join' }>,
  left: Traced,
  right: Traced,
): Traced {
  const keys = node.on.flatMap((pair) => [
    indirectly(left.columns.get(pair.left)!, 'JOIN'),
    indirectly(right.columns.get(pair.right)!, 'JOIN'),
  ]);
  const columns = names(node).map((name) => {
    const own = left.columns.get(name) ?? right.columns.get(name)!;
    // A full join shows the key of whichever side has the row.
    const pair = node.how === 'full' ? node.on.find((each) => each.left === name) : undefined;
    return [name, pair ? joinFound(own, right.columns.get(pair.right)!) : own] as const;
  });
  return { columns: new Map(columns), rows: joinFound(left.rows, right.rows, ...keys) };
}

function ofCross(left: Traced, right: Traced): Traced {
  const columns = new Map([...left.columns, ...right.columns]);
  return { columns, rows: joinFound(left.rows, right.rows) };
}

function ofSet(left: Traced, right: Traced): Traced {
  const compared = [...right.columns.values()].map((found) => indirectly(found, 'JOIN'));
  return { columns: left.columns, rows: joinFound(left.rows, right.rows, ...compared) };
}

function ofWindow(node: WindowNode, input: Traced): Traced {
  const columns = node.columns.map(({ name, function: made }) => {
    const ordered = seesTies(made) ? node.order : totalOrder(node.input, node.order);
    const whole = made.function === 'measure' && node.order.length === 0 && !made.frame;
    const around = [...node.by, ...(whole ? [] : ordered.map(({ column }) => column))];
    const found = joinFound(
      ...made.operands.map((each) => computed(ofExpression(each, input), 'TRANSFORMATION', false)),
      ...(made.measure ? [ofMeasure(made.measure, input)] : []),
      ...around.map((column) => indirectly(input.columns.get(column)!, 'WINDOW')),
    );
    return [name, found] as const;
  });
  return { columns: new Map([...input.columns, ...columns]), rows: input.rows };
}

/** How many items a list has decides how often a row stands. */
function ofUnnest(node: UnnestNode, input: Traced): Traced {
  const list = input.columns.get(node.list)!;
  const made = new Set([node.item, node.place]);
  const columns = names(node).map((name) => {
    const item = made.has(name) ? computed(list, 'TRANSFORMATION', false) : undefined;
    return [name, item ?? input.columns.get(name)!] as const;
  });
  return {
    columns: new Map(columns),
    rows: joinFound(input.rows, indirectly(list, 'FILTER')),
  };
}

/** Nobody reads the text: all that goes in may reach all that comes out. */
function ofSql(inputs: readonly Traced[], columns: readonly string[]): Traced {
  const all = joinFound(...inputs.flatMap((each) => [...each.columns.values()]));
  const used = computed(all, 'TRANSFORMATION', false);
  return {
    columns: new Map(columns.map((name) => [name, used])),
    rows: joinFound(...inputs.map(({ rows }) => rows), indirectly(all, 'FILTER')),
  };
}

/** All rows of the left are kept, so what finds an event bears on the columns of events alone. */
function ofPointInTime(node: PointInTimeNode, left: Traced, right: Traced): Traced {
  const finding = joinFound(
    right.rows,
    ...[node.at, ...node.on.map((pair) => pair.left)].map((name) =>
      indirectly(left.columns.get(name)!, 'JOIN'),
    ),
    ...[node.asOf, ...node.on.map((pair) => pair.right)].map((name) =>
      indirectly(right.columns.get(name)!, 'JOIN'),
    ),
    ...tieOrder(node).map((name) => indirectly(right.columns.get(name)!, 'SORT')),
  );
  const columns = names(node).map((name) => {
    const kept = left.columns.get(name);
    return [name, kept ?? joinFound(right.columns.get(name)!, finding)] as const;
  });
  return { columns: new Map(columns), rows: left.rows };
}

function ofAggregate(node: Extract<RelationNode, { kind: 'aggregate' }>, input: Traced): Traced {
  const grouped = deciding(input, node.keys, 'GROUP_BY');
  const keys = node.keys.map((key) => [key, input.columns.get(key)!] as const);
  const measures = node.measures.map(
    ({ name, measure }) => [name, ofMeasure(measure, input)] as const,
  );
  return { columns: new Map([...keys, ...measures]), rows: grouped.rows };
}

function ofMeasure({ aggregation, operands }: MeasureNode, input: Traced): Found {
  const used = joinFound(...operands.map((operand) => ofExpression(operand, input)));
  return computed(used, 'AGGREGATION', maskingAggregations.has(aggregation));
}

function ofUnion(inputs: readonly Traced[], columns: readonly string[]): Traced {
  return {
    columns: new Map(
      columns.map((name) => [name, joinFound(...inputs.map((each) => each.columns.get(name)!))]),
    ),
    rows: joinFound(...inputs.map(({ rows }) => rows)),
  };
}

function ofExpression(node: ExpressionNode, input: Traced): Found {
  if (node.kind === 'literal') return new Map();
  if (node.kind === 'column') return input.columns.get(node.name)!;
  const operands = node.operands.map((operand) => ofExpression(operand, input));
  if (node.operation !== 'choose') {
    return computed(joinFound(...operands), 'TRANSFORMATION', masking.test(node.operation));
  }
  const [condition, ...values] = operands;
  return joinFound(
    indirectly(condition!, 'CONDITIONAL'),
    computed(joinFound(...values), 'TRANSFORMATION', false),
  );
}

/** Counts show how many values there are and none of them. */
const maskingAggregations: ReadonlySet<string> = new Set([
  'count',
  'countValues',
  'countDistinct',
  'approxDistinct',
]);

/** Hashes of a value, and whether it is there. */
const masking = /^(?:isNull|hash|sha|md5|xxhash)/i;

function computed(found: Found, subtype: 'TRANSFORMATION' | 'AGGREGATION', masks: boolean): Found {
  return mapFound(found, (source) => {
    if (source.type === 'INDIRECT') return source;
    // What was aggregated once stays an aggregate, whatever is computed from it.
    const kept = source.subtype === 'AGGREGATION' ? source.subtype : subtype;
    return { ...source, type: 'DIRECT', subtype: kept, masking: source.masking || masks };
  });
}

function indirectly(found: Found, subtype: Indirect): Found {
  return mapFound(found, (source) => ({ ...source, type: 'INDIRECT', subtype }));
}

function mapFound(found: Found, change: (source: SourceColumn) => SourceColumn): Found {
  return new Map(
    [...found.values()].map((source) => {
      const changed = change(source);
      return [keyOf(changed), changed];
    }),
  );
}

function joinFound(...all: readonly Found[]): Found {
  const [first, ...rest] = all.filter(({ size }) => size > 0);
  if (first === undefined) return new Map();
  if (rest.length === 0) return first;
  const joined = new Map(first);
  for (const each of rest) for (const [key, source] of each) joined.set(key, source);
  return joined;
}

function keyOf({ table, column, subtype, masking: masks }: SourceColumn): string {
  return `${table}\0${column}\0${subtype}\0${masks}`;
}

function inOrder(found: Found): readonly SourceColumn[] {
  return [...found].toSorted(([one], [two]) => (one < two ? -1 : 1)).map(([, source]) => source);
}
