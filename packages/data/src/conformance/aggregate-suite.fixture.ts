import { evaluate } from '../relations/evaluate.ts';
import { eq, lt } from '../relations/functions/comparisons.ts';
import { remainder } from '../relations/functions/numbers.ts';
import { aggregates } from '../relations/functions/registry.ts';
import type { Measure } from '../relations/measure.ts';
import type { Aggregation, MeasureNode } from '../relations/nodes.ts';
import type { Row } from '../relations/reference/expression.ts';
import { type Relation, relation, type Shape } from '../relations/relation.ts';
import { aggregateCases } from './aggregate-cases.fixture.ts';
import { near, type RunRows, shownValue } from './function-suite.fixture.ts';
import { operandRows, operands } from './function-tables.fixture.ts';

type Made = Readonly<Record<string, Measure>>;

/** The aggregates that no case tries. */
export function untriedAggregates(): readonly string[] {
  return Object.keys(aggregates).filter((name) => !aggregateCases[name as Aggregation]);
}

/** Groups of many rows, of one row each, and none at all. */
function groupings(measures: (row: never) => Made): Readonly<Record<string, Relation<Shape>>> {
  const all = relation(operands);
  const made = measures as () => Made;
  return {
    many: all.aggregate(['g'], made) as unknown as Relation<Shape>,
    single: all
      .filter((row) => eq(remainder(row.id, 13), 0))
      .aggregate(['id'], made) as unknown as Relation<Shape>,
    none: all.filter((row) => lt(row.id, 0)).aggregate([], made) as unknown as Relation<Shape>,
  };
}

/** Runs every aggregate on an engine and answers what differs from the reference. */
export async function aggregateDifferences(
  run: RunRows,
): Promise<{ readonly measures: number; readonly differences: readonly string[] }> {
  const only = process.env.BACKLOT_FUNCTION;
  const differences: string[] = [];
  let measures = 0;
  for (const [name, cases] of Object.entries(aggregateCases)) {
    if (only !== undefined && name !== only) continue;
    const asked = groupings((row) => {
      const all = cases(row).map((measure, at) => [`c${at}`, measure] as const);
      return Object.fromEntries(all);
    });
    for (const [groups, made] of Object.entries(asked)) {
      measures += made.node.fields.length;
      try {
        differences.push(...(await compared(run, made)).map((one) => `${name}, ${groups}: ${one}`));
      } catch (error) {
        const { message, cause } = error as Error;
        differences.push(
          `${name}, ${groups} raises: ${message} ${String(cause ?? '')}`.slice(0, 600),
        );
      }
    }
  }
  return { measures, differences };
}

async function compared(run: RunRows, made: Relation<Shape>): Promise<readonly string[]> {
  const { node } = made;
  if (node.kind !== 'aggregate') throw new Error('the cases are aggregates');
  const key = (row: Row): string => shownValue(node.keys.map((name) => row[name]!));
  const found = new Map((await run(made)).map((row) => [key(row), row]));
  const expected = evaluate(node, { operands: operandRows });
  if (found.size !== expected.length) return [`${found.size} groups, not ${expected.length}`];
  return node.measures.flatMap(({ name, measure }) => {
    const wrong = expected.filter((row) => !same(measure, found.get(key(row))?.[name], row[name]!));
    if (wrong.length === 0) return [];
    const first = wrong[0]!;
    const answers = [found.get(key(first))?.[name], first[name]].map(shownValue).join(', not ');
    return [`${name} (${wrong.length} of ${expected.length}) of ${key(first)}: ${answers}`];
  });
}

function same(
  measure: MeasureNode,
  found: Row[string] | undefined,
  expected: Row[string],
): boolean {
  const { tolerance = 0, inexact } = aggregates[measure.aggregation];
  if (inexact) return Math.abs(Number(found) - Number(expected)) <= 2 + 0.2 * Number(expected);
  return near(found, expected, measure.type === 'float' ? tolerance : 0);
}
