import type { ValueType } from '../column.ts';
import type { Value } from '../relations/functions/definition.ts';
import type { NamedField } from '../relations/nodes.ts';
import type { Row } from '../relations/reference/expression.ts';
import type { Relation, Shape } from '../relations/relation.ts';
import { quoteSparkName, sparkQuery } from '../spark/engine.ts';
import type { SparkSession, SparkSql } from '../spark/session.ts';

/**
 * The rows of several relations from one query, in which each row is its relation's number and a text:
 * most of the time of a small query goes to what is done once for each. For relations of plain columns.
 */
export async function sparkBatch(
  session: SparkSession,
  relations: readonly Relation<Shape>[],
): Promise<readonly (readonly Row[])[]> {
  const parts = relations.map(part);
  const sql = parts.map((one) => one.sql).join('\nUNION ALL ');
  const args = Object.assign({}, ...parts.map((one) => one.args));
  const answers = relations.map(() => [] as Row[]);
  for await (const batch of session.query({ sql, args }, { what: 'run the relations' })) {
    const [numbers, texts] = [batch.getChildAt(0)!, batch.getChildAt(1)!];
    for (let at = 0; at < batch.numRows; at++) {
      const number = Number(numbers.get(at));
      answers[number]!.push(rowOf(relations[number]!.node.fields, String(texts.get(at))));
    }
  }
  return answers;
}

/** The places of a relation's values are given names of their own. */
function part(relation: Relation<Shape>, number: number): SparkSql {
  const { sql, args = {} } = sparkQuery(relation);
  const columns = relation.node.fields.map(({ name, type }, at) => {
    return `${written(type, quoteSparkName(name))} AS \`c${at}\``;
  });
  return {
    sql: `SELECT CAST(${number} AS INT) AS r, to_json(struct(${columns.join(', ')})) AS t
      FROM (${sql.replaceAll(/:p(\d+)/g, `:q${number}_$1`)})`,
    args: Object.fromEntries(
      Object.entries(args).map(([name, value]) => [`q${number}_${name.slice(1)}`, value]),
    ),
  };
}

/** As what a JSON text holds exactly; floats, also of lists, by Java's text that reads back the same. */
function written(type: ValueType, column: string): string {
  if (type === 'timestamp') return `unix_micros(${column})`;
  if (type === 'date') return `unix_date(${column})`;
  if (type === 'numbers') return `CAST(${column} AS ARRAY<STRING>)`;
  return ['int64', 'decimal', 'float'].includes(type) ? `CAST(${column} AS STRING)` : column;
}

function rowOf(fields: readonly NamedField[], text: string): Row {
  const values = JSON.parse(text) as Readonly<Record<string, Value>>;
  return Object.fromEntries(
    fields.map(({ name, type }, at) => [name, valueOfText(type, values[`c${at}`] ?? null)]),
  );
}

function valueOfText(type: ValueType, value: Value): Value {
  if (value === null) return null;
  if (type === 'int64') return BigInt(value as string);
  if (type === 'float') return Number(value);
  return type === 'numbers' ? (value as readonly string[]).map(Number) : value;
}
