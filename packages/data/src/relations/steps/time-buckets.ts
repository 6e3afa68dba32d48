import { timestamp } from '../../column.ts';
import { BadRelation } from '../../data-error.ts';
import { type Duration, durationMicros } from '../duration.ts';
import { fieldOf, literalNode } from '../expression.ts';
import { checkedFields, checkedName, fieldNamed, named } from '../fields.ts';
import { bucketStart } from '../functions/time-bucket.ts';
import type {
  AggregateNode,
  ExpressionNode,
  FieldData,
  MeasureNode,
  NamedField,
  RelationNode,
} from '../nodes.ts';
import { crossNode } from './bounded.ts';
import { measureWhere } from './measures.ts';
import { unusedName } from './unused-name.ts';
import { valuesNode } from './values.ts';

interface TimeBucketsOptions {
  readonly by: readonly string[];
  readonly at: string;
  readonly as: string;
  readonly every: Duration;
  readonly from: number | string;
  readonly to: number | string;
}

const moment: FieldData = { type: 'timestamp', nullable: false };

/**
 * The rows within the time, and one empty row for each combination of keys in each bucket: measures are
 * taken of the first alone, groups come of both. So a key that is missing is a group like any other.
 */
export function timeBucketsNode(
  input: RelationNode,
  options: TimeBucketsOptions,
  measures: readonly (readonly [string, MeasureNode])[],
): AggregateNode {
  const bucket = checkedName(options.as);
  if (input.fields.some(({ name }) => name.toLowerCase() === bucket.toLowerCase())) {
    throw new BadRelation(`there is a column ${bucket} already`, 'call the bucket otherwise');
  }
  const real = unusedName(input, 'isRowOfInput');
  const all: RelationNode = {
    kind: 'union',
    inputs: Object.freeze([
      realRows(input, options, bucket, real),
      emptyRows(input, options, bucket, real),
    ]),
    fields: Object.freeze([
      ...input.fields.map((field) => Object.freeze({ ...field, nullable: true })),
      named(bucket, moment),
      named(real, { type: 'bool', nullable: false }),
    ]),
    purposes: input.purposes,
  };
  const isReal: ExpressionNode = { kind: 'column', name: real, type: 'bool', nullable: false };
  const chosen = measures.map(([name, measure]) =>
    Object.freeze({ name: checkedName(name), measure: measureWhere(measure, isReal) }),
  );
  const keys = options.by.map((key) => fieldNamed(input, key));
  return {
    kind: 'aggregate',
    input: all,
    keys: Object.freeze([...options.by, bucket]),
    measures: Object.freeze(chosen),
    fields: checkedFields([
      ...keys,
      named(bucket, moment),
      ...chosen.map(({ name, measure }) => named(name, measure)),
    ]),
    purposes: input.purposes,
  };
}

function realRows(
  input: RelationNode,
  options: TimeBucketsOptions,
  bucket: string,
  real: string,
): RelationNode {
  const at = column(fieldNamed(input, options.at));
  const compare = (operation: 'gte' | 'lt', bound: number | string): ExpressionNode =>
    call(operation, [at, literalNode(moment, bound)], { type: 'bool', nullable: at.nullable });
  const within: RelationNode = {
    kind: 'filter',
    input,
    predicate: call('and', [compare('gte', options.from), compare('lt', options.to)], {
      type: 'bool',
      nullable: at.nullable,
    }),
    fields: input.fields,
    purposes: input.purposes,
  };
  const start: ExpressionNode = {
    ...call('timeBucket', [at], moment),
    parameters: { micros: durationMicros(options.every) },
  };
  return projected(within, [
    ...input.fields.map((field) => [field.name, column(field)] as const),
    [bucket, start],
    [real, { kind: 'literal', type: 'bool', nullable: false, value: true }],
  ]);
}

function emptyRows(
  input: RelationNode,
  options: TimeBucketsOptions,
  bucket: string,
  real: string,
): RelationNode {
  const starts = bucketStarts(options).map((start) => ({ [bucket]: start }));
  const buckets = valuesNode({ [bucket]: timestamp() }, starts);
  const groups = groupsOf(input, options.by);
  const grid = groups ? crossNode(groups, buckets) : buckets;
  return projected({ ...grid, purposes: input.purposes }, [
    ...input.fields.map((field) => {
      const none = { kind: 'literal', ...fieldOf(field), nullable: true, value: null } as const;
      return [field.name, options.by.includes(field.name) ? column(field) : none] as const;
    }),
    [bucket, column(named(bucket, moment))],
    [real, { kind: 'literal', type: 'bool', nullable: false, value: false }],
  ]);
}

function groupsOf(input: RelationNode, by: readonly string[]): RelationNode | undefined {
  if (by.length === 0) return undefined;
  const keys = projected(
    input,
    by.map((key) => [key, column(fieldNamed(input, key))] as const),
  );
  return { kind: 'distinct', input: keys, fields: keys.fields, purposes: keys.purposes };
}

function bucketStarts({ every, from, to }: TimeBucketsOptions): readonly number[] {
  const [first, end] = [from, to].map((bound) => Number(literalValue(bound))) as [number, number];
  const width = durationMicros(every);
  const start = bucketStart(first, width);
  const count = Math.ceil((end - start) / width);
  if (!(count >= 1 && count <= 10_000)) {
    throw new BadRelation(`there are ${count} buckets of time; 1 to 10000 are allowed`);
  }
  return Array.from({ length: count }, (_, index) => start + index * width);
}

function literalValue(bound: number | string): number {
  const node = literalNode(moment, bound);
  return Number(node.kind === 'literal' && node.value);
}

function column(field: NamedField): ExpressionNode {
  return { kind: 'column', name: field.name, ...fieldOf(field) };
}

function call(
  operation: 'gte' | 'lt' | 'and' | 'timeBucket',
  operands: readonly ExpressionNode[],
  field: FieldData,
): Extract<ExpressionNode, { readonly kind: 'call' }> {
  return { kind: 'call', operation, operands, ...field };
}

function projected(
  input: RelationNode,
  columns: readonly (readonly [string, ExpressionNode])[],
): RelationNode {
  return {
    kind: 'project',
    input,
    columns: columns.map(([name, expression]) => ({ name, expression })),
    fields: checkedFields(columns.map(([name, expression]) => named(name, expression))),
    purposes: input.purposes,
  };
}
