import { assert, unreachable } from '@backlot/core';
import { RelationUnsupported } from '../../data-error.ts';
import { aggregates, functions } from '../functions/registry.ts';
import type {
  CallNode,
  ExpressionNode,
  FieldData,
  LiteralNode,
  MeasureNode,
  NamedField,
  RelationNode,
  SampleNode,
  SortKey,
  SqlNode,
  UnnestNode,
  ValuesNode,
} from '../nodes.ts';
import { sampleBound } from '../steps/sample.ts';
import { inputPlaces } from '../steps/sql-pair.ts';
import { totalOrder } from '../steps/window.ts';
import type { Binding, Dialect } from './dialect.ts';
import { printJoin } from './join.ts';
import { printPointInTime } from './point-in-time.ts';
import { printWindowNode } from './window.ts';

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
      case 'values':
        return this.#values(node);
      case 'join':
        return printJoin(this, node);
      case 'cross':
        return `SELECT * FROM ${this.from(node.left, 'l')} CROSS JOIN ${this.from(node.right, 'r')}`;
      case 'window':
        return printWindowNode(this, node);
      case 'except':
      case 'intersect':
        return `${this.#side(node, node.left)} ${node.kind.toUpperCase()} ${this.#side(node, node.right)}`;
      case 'unnest':
        return this.#unnest(node);
      case 'sample':
        return this.#sample(node);
      case 'bucketed':
        return this.relation(node.input);
      case 'sql':
        return this.#sql(node);
      case 'pointInTime':
        return printPointInTime(this, node);
      case 'aggregate':
        return this.#aggregate(node);
      case 'distinct':
        return `SELECT DISTINCT ${this.names(node)} FROM ${this.from(node.input)}`;
      case 'sort': {
        const order = this.sortKeys(node.fields, totalOrder(node, node.by));
        return `SELECT ${this.names(node)} FROM ${this.from(node.input)} ORDER BY ${order}`;
      }
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
    // Not bound: a missing value has no type of its own, and not every type is cast from a text.
    if (value === null) return `CAST(NULL AS ${this.dialect.typeName(field)})`;
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

  #values(node: ValuesNode): string {
    const rows = node.rows.map((row) => row.map((value) => this.expression(value)).join(', '));
    if (rows.length > 0) {
      const list = rows.map((row) => `(${row})`).join(', ');
      return `SELECT * FROM (VALUES ${list}) AS ${this.name('given')} (${this.names(node)})`;
    }
    const none = node.fields.map(
      (field) => `CAST(NULL AS ${this.dialect.typeName(field)}) AS ${this.name(field.name)}`,
    );
    return `SELECT ${none.join(', ')} WHERE false`;
  }

  /** One side of a set of rows: the columns in the order of the whole. */
  #side(node: RelationNode, side: RelationNode): string {
    return `SELECT ${this.names(node)} FROM ${this.from(side)}`;
  }

  #unnest(node: UnnestNode): string {
    const kept = node.input.fields.filter(({ name }) => name !== node.list);
    return this.dialect.unnest({
      from: this.from(node.input),
      columns: kept.map(({ name }) => this.name(name)),
      list: this.name(node.list),
      item: this.name(node.item),
      place: node.place === undefined ? undefined : this.name(node.place),
      outer: node.outer,
    });
  }

  #sample(node: SampleNode): string {
    const text = this.dialect.typeName({ type: 'text', nullable: false });
    const key = `CAST(${this.name(node.key)} AS ${text})`;
    const hash = this.dialect.hash(`(${this.bind('text', `${node.seed}:`)} || ${key})`);
    const bound = this.bind('int', sampleBound(node.share));
    return `SELECT ${this.names(node)} FROM ${this.from(node.input)} WHERE ${hash} < ${bound}`;
  }

  /** What comes out is cast to what the columns are said to be. */
  #sql(node: SqlNode): string {
    const text = node[this.dialect.engine];
    if (text === undefined) throw this.#unsupported('sql', 'no text was given for it');
    const whole = text.replace(inputPlaces, (_, name: string) => {
      const input = node.inputs.find((one) => one.name === name);
      assert(input, 'the input was checked when the node was made');
      return this.from(input.relation, name);
    });
    const columns = node.fields.map(
      (field) =>
        `CAST(${this.name(field.name)} AS ${this.dialect.typeName(field)}) AS ${this.name(field.name)}`,
    );
    return `SELECT ${columns.join(', ')} FROM (${whole}) AS ${this.name('own')}`;
  }

  #aggregate(node: Extract<RelationNode, { readonly kind: 'aggregate' }>): string {
    const keys = node.keys.map((key) => this.name(key));
    const measures = node.measures.map(
      ({ name, measure }) => `${this.measure(measure)} AS ${this.name(name)}`,
    );
    const group = keys.length > 0 ? ` GROUP BY ${keys.join(', ')}` : '';
    return `SELECT ${[...keys, ...measures].join(', ')} FROM ${this.from(node.input)}${group}`;
  }

  /** Sort keys after ORDER BY; missing values last. */
  sortKeys(fields: readonly NamedField[], keys: readonly SortKey[]): string {
    return keys
      .flatMap(({ column, descending }) => {
        const field = fields.find(({ name }) => name === column);
        assert(field, 'a sort key is a column');
        return this.orderTerms(this.name(column), field).map(
          (term) => `${term} ${descending ? 'DESC' : 'ASC'} NULLS LAST`,
        );
      })
      .join(', ');
  }

  /** What a column is ordered by: a struct's members, for engines differ on those that are missing. */
  orderTerms(sql: string, field: FieldData): readonly string[] {
    if (!field.members) return [sql];
    return field.members.flatMap((member) =>
      this.orderTerms(`${sql}.${this.name(member.name)}`, member),
    );
  }

  /** A relation as it stands after FROM. */
  from(node: RelationNode, alias = 'input'): string {
    return `(${this.relation(node)}) AS ${this.name(alias)}`;
  }

  /** All columns of a relation. */
  names(node: RelationNode): string {
    return node.fields.map(({ name }) => this.name(name)).join(', ');
  }

  readonly name = (name: string): string => this.dialect.quoteName(name);
}

function whole(count: number): number {
  assert(Number.isSafeInteger(count) && count >= 0, 'a limit is a whole number from 0');
  return count;
}
