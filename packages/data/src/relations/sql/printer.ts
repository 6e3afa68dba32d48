import { assert, unreachable } from '@backlot/core';
import { RelationUnsupported } from '../../data-error.ts';
import { aggregates, functions } from '../functions/registry.ts';
import type {
  CallNode,
  ExpressionNode,
  FieldData,
  LiteralNode,
  MeasureNode,
  RelationNode,
  SortNode,
} from '../nodes.ts';
import type { Binding, Dialect } from './dialect.ts';
import { printPointInTime } from './point-in-time.ts';

/** Prints a relation in an engine's SQL: names quoted, values bound. */
export class SqlPrinter {
  readonly dialect: Dialect;
  readonly bindings: Binding[] = [];
  readonly tables = new Set<string>();

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  relation(node: RelationNode): string {
    switch (node.kind) {
      case 'source':
        this.tables.add(node.table);
        return `SELECT ${this.names(node)} FROM ${this.name(node.table)}`;
      case 'project':
        return this.#project(node);
      case 'filter': {
        const from = this.from(node.input);
        return `SELECT ${this.names(node)} FROM ${from} WHERE ${this.expression(node.predicate)}`;
      }
      case 'join':
        return this.#join(node);
      case 'pointInTime':
        return printPointInTime(this, node);
      case 'aggregate':
        return this.#aggregate(node);
      case 'distinct':
        return `SELECT DISTINCT ${this.names(node)} FROM ${this.from(node.input)}`;
      case 'sort':
        return `SELECT ${this.names(node)} FROM ${this.from(node.input)} ORDER BY ${this.#order(node)}`;
      case 'limit':
        return `${this.relation(node.input)} LIMIT ${whole(node.count)} OFFSET ${whole(node.offset)}`;
      case 'union':
        return node.inputs
          .map((input) => `SELECT ${this.names(node)} FROM ${this.from(input)}`)
          .join(' UNION ALL ');
      default:
        return unreachable(node);
    }
  }

  expression(node: ExpressionNode): string {
    if (node.kind === 'column') return this.name(node.name);
    return node.kind === 'literal' ? this.#literal(node) : this.#call(node);
  }

  measure(node: MeasureNode): string {
    const template = this.dialect.measureTemplateOf(aggregates[node.aggregation]);
    if (typeof template === 'string') throw this.#unsupported(node.aggregation, template);
    const operands = node.operands.map((operand) => this.expression(operand));
    return template(operands, node, this.bind);
  }

  #call(node: CallNode): string {
    const template = this.dialect.templateOf(functions[node.operation]);
    if (typeof template === 'string') throw this.#unsupported(node.operation, template);
    const operands = node.operands.map((operand) => this.expression(operand));
    return template(operands, node, this.bind);
  }

  #unsupported(name: string, reason: string): RelationUnsupported {
    return new RelationUnsupported(this.dialect.engine, name, reason);
  }

  #literal({ type, value, nullable, scale }: LiteralNode): string {
    const field = { type, nullable, ...(scale !== undefined && { scale }) };
    return this.#bound(field, value);
  }

  /** Binds a value and answers the SQL that stands for it. */
  readonly bind = (type: FieldData['type'], value: string | number | boolean): string =>
    this.#bound({ type, nullable: false }, value);

  #bound(field: FieldData, value: Binding['value']): string {
    this.bindings.push({ type: field.type, value });
    return this.dialect.literal(this.dialect.place(this.bindings.length), field);
  }

  #project(node: Extract<RelationNode, { readonly kind: 'project' }>): string {
    const columns = node.columns.map(
      ({ name, expression }) => `${this.expression(expression)} AS ${this.name(name)}`,
    );
    return `SELECT ${columns.join(', ')} FROM ${this.from(node.input)}`;
  }

  #join(node: Extract<RelationNode, { readonly kind: 'join' }>): string {
    const left = this.from(node.left, 'l');
    const right = this.from(node.right, 'r');
    const at = (side: 'l' | 'r', name: string): string => `${this.name(side)}.${this.name(name)}`;
    const on = node.on.map((pair) => `${at('l', pair.left)} = ${at('r', pair.right)}`);
    const ofLeft = new Set(node.left.fields.map((field) => field.name));
    const columns = node.fields.map(
      ({ name }) => `${at(ofLeft.has(name) ? 'l' : 'r', name)} AS ${this.name(name)}`,
    );
    const how = {
      inner: 'INNER JOIN',
      left: 'LEFT JOIN',
      semi: this.dialect.semiJoin,
      anti: this.dialect.antiJoin,
    }[node.how];
    return `SELECT ${columns.join(', ')} FROM ${left} ${how} ${right} ON ${on.join(' AND ')}`;
  }

  #aggregate(node: Extract<RelationNode, { readonly kind: 'aggregate' }>): string {
    const keys = node.keys.map((key) => this.name(key));
    const measures = node.measures.map(
      ({ name, measure }) => `${this.measure(measure)} AS ${this.name(name)}`,
    );
    const group = keys.length > 0 ? ` GROUP BY ${keys.join(', ')}` : '';
    return `SELECT ${[...keys, ...measures].join(', ')} FROM ${this.from(node.input)}${group}`;
  }

  /** The columns asked for, then all others, so that equal rows are the only ties. */
  #order(node: SortNode): string {
    const asked = new Set(node.by.map(({ column }) => column));
    const rest = node.fields.filter(({ name }) => !asked.has(name));
    return [...node.by, ...rest.map(({ name }) => ({ column: name, descending: false }))]
      .map(
        ({ column, descending }) =>
          `${this.name(column)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`,
      )
      .join(', ');
  }

  /** A relation as it stands after FROM. */
  from(node: RelationNode, alias = 'input'): string {
    return `(${this.relation(node)}) AS ${this.name(alias)}`;
  }

  /** All columns of a relation. */
  names(node: RelationNode): string {
    return node.fields.map(({ name }) => this.name(name)).join(', ');
  }

  name(name: string): string {
    return this.dialect.quoteName(name);
  }
}

function whole(count: number): number {
  assert(Number.isSafeInteger(count) && count >= 0, 'a limit is a whole number from 0');
  return count;
}
