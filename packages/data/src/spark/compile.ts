import type { FieldData } from '../relations/nodes.ts';
import type { Relation, Shape } from '../relations/relation.ts';
import type { Binding, Dialect } from '../relations/sql/dialect.ts';
import { SqlPrinter } from '../relations/sql/printer.ts';

/** A relation in Spark 4's SQL (ANSI, session in UTC). Tables stand under their own names. */
export interface CompiledSparkRelation {
  readonly sql: string;
  /**
   * What is bound to `:p1`, `:p2`, ...: dates as days (`int`), timestamps as microseconds and whole
   * numbers as 64 bits (`bigint`), decimals and texts as `string`, floats as `double`.
   */
  readonly bindings: readonly Binding[];
  /** The tables it reads, each once. */
  readonly tables: readonly string[];
}

/** Prints a relation for Spark 4: names quoted, values bound; what Spark cannot do is refused. */
export function compileSpark(relation: Relation<Shape>): CompiledSparkRelation {
  const printer = new SqlPrinter(sparkDialect);
  const sql = printer.relation(relation.node);
  return { sql, bindings: printer.bindings, tables: [...printer.tables] };
}

const sparkDialect: Dialect = {
  engine: 'spark',
  quoteName: (name) => `\`${name.replaceAll('`', '``')}\``,
  place: (index) => `:p${index}`,
  literal: (place, field) => {
    if (field.type === 'timestamp') return `timestamp_micros(CAST(${place} AS BIGINT))`;
    if (field.type === 'date') return `date_from_unix_date(CAST(${place} AS INT))`;
    return `CAST(${place} AS ${sparkType(field)})`;
  },
  typeName: sparkType,
  templateOf: ({ duckdb, spark }) => spark ?? duckdb,
  measureTemplateOf: ({ duckdb, spark }) => spark ?? duckdb,
  hash: (text) => `CAST(conv(substr(md5(${text}), 1, 8), 16, 10) AS BIGINT)`,
  unnest: ({ from, columns, list, item, place, outer }) => {
    const added = [`\`_v\` AS ${item}`];
    if (place) added.push(`CAST(\`_p\` + 1 AS BIGINT) AS ${place}`);
    return `SELECT ${[...columns, ...added].join(', ')} FROM ${from}
      LATERAL VIEW ${outer ? 'OUTER ' : ''}posexplode(${list}) \`_u\` AS \`_p\`, \`_v\``;
  },
  micros: (timestamp) => `unix_micros(${timestamp})`,
  asOfJoin: false,
  semiJoin: 'LEFT SEMI JOIN',
  antiJoin: 'LEFT ANTI JOIN',
};

/** The Spark type of each of ours: what Parquet files of DuckDB are read as. */
export function sparkType({ type, scale = 0, members = [] }: FieldData): string {
  switch (type) {
    case 'text':
      return 'STRING';
    case 'int':
    case 'int64':
      return 'BIGINT';
    case 'float':
      return 'DOUBLE';
    case 'decimal':
      return `DECIMAL(18,${scale})`;
    case 'bool':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'timestamp':
      return 'TIMESTAMP';
    case 'texts':
      return 'ARRAY<STRING>';
    case 'numbers':
      return 'ARRAY<DOUBLE>';
    case 'ints':
      return 'ARRAY<BIGINT>';
    case 'struct':
      return `STRUCT<${members
        .map((member) => `\`${member.name}\`: ${sparkType(member)}`)
        .join(', ')}>`;
  }
}
