import type { Expression } from '../relations/expression.ts';
import type { Value } from '../relations/functions/definition.ts';
import { functions } from '../relations/functions/registry.ts';
import type { ExpressionNode, Operation } from '../relations/nodes.ts';
import { evaluateExpression, type Row } from '../relations/reference/expression.ts';
import { type Relation, relation, type Shape } from '../relations/relation.ts';
import { functionCases } from './function-cases.fixture.ts';
import { operandRows, operands } from './function-tables.fixture.ts';

/** An engine: the rows of a relation over the table of operands. */
export type RunRows = (relation: Relation<Shape>) => Promise<readonly Row[]>;

/** How many calls go into one query. */
const together = 40;

interface Call {
  readonly label: string;
  readonly expression: Expression;
}

/** The functions that no case tries. */
export function untriedFunctions(): readonly string[] {
  return Object.keys(functions).filter((name) => !functionCases[name as Operation]);
}

function allCalls(only?: string): readonly Call[] {
  const calls: Call[] = [];
  relation(operands).select((row) => {
    for (const [name, cases] of Object.entries(functionCases)) {
      if (only !== undefined && name !== only) continue;
      calls.push(...cases(row).map((expression, at) => ({ label: `${name} ${at}`, expression })));
    }
    return { id: row.id };
  });
  return calls;
}

/** Runs every case on an engine and answers what differs from the reference, most of it said. */
export async function functionDifferences(
  run: RunRows,
): Promise<{ readonly calls: number; readonly differences: readonly string[] }> {
  const calls = allCalls(process.env.BACKLOT_FUNCTION);
  const differences: string[] = [];
  for (let at = 0; at < calls.length; at += together) {
    const some = calls.slice(at, at + together);
    try {
      differences.push(...(await compared(run, some)));
    } catch {
      // One that raises hides all others: each is asked alone.
      for (const one of some) differences.push(...(await compared(run, [one]).catch(raised(one))));
    }
  }
  return { calls: calls.length, differences };
}

function raised({ label }: Call): (error: unknown) => readonly string[] {
  return (error) => {
    const { message, cause } = error as Error;
    return [`${label} raises: ${message} ${String(cause ?? '')}`.slice(0, 600)];
  };
}

async function compared(run: RunRows, calls: readonly Call[]): Promise<readonly string[]> {
  const asked = relation(operands).select((row) => ({
    id: row.id,
    ...Object.fromEntries(calls.map(({ expression }, at) => [`c${at}`, expression])),
  }));
  const rows = await run(asked as unknown as Relation<Shape>);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return calls.flatMap(({ label, expression: { node } }, at) => {
    const wrong = operandRows.filter(
      (row) =>
        !near(byId.get(row.id!)?.[`c${at}`], evaluateExpression(node, row), toleranceOf(node)),
    );
    if (wrong.length === 0) return [];
    const shown = wrong.map((row) => {
      const expected = evaluateExpression(node, row);
      return `  ${inputs(node, row)}: ${shownValue(byId.get(row.id!)?.[`c${at}`])}, not ${shownValue(expected)}`;
    });
    const different = [...new Set(shown)].slice(0, 5);
    return [`${label} (${wrong.length} of ${operandRows.length})\n${different.join('\n')}`];
  });
}

function toleranceOf(node: ExpressionNode): number {
  if (node.kind !== 'call') return 0;
  const own = functions[node.operation].tolerance ?? 0;
  return Math.max(own, ...node.operands.map(toleranceOf));
}

/** Whether two values are one: floats by their bits (NaN is one), or within a tolerance. */
export function near(found: Value | undefined, expected: Value, tolerance: number): boolean {
  if (typeof found === 'number' && typeof expected === 'number') {
    if (Object.is(found, expected)) return true;
    const most = tolerance * Math.max(1, Math.abs(found), Math.abs(expected));
    return tolerance > 0 && Math.abs(found - expected) <= most;
  }
  if (Array.isArray(found) && Array.isArray(expected)) {
    return (
      found.length === expected.length &&
      found.every((item, at) => near(item as Value, expected[at] as Value, tolerance))
    );
  }
  if (isObject(found) && isObject(expected)) {
    const names = Object.keys(expected);
    return (
      Object.keys(found).join() === names.join() &&
      names.every((name) => near(found[name], expected[name]!, tolerance))
    );
  }
  return found === expected;
}

function isObject(value: unknown): value is { readonly [name: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inputs(node: ExpressionNode, row: Row): string {
  if (node.kind === 'column') return `${node.name}=${shownValue(row[node.name])}`;
  if (node.kind === 'literal') return shownValue(node.value);
  const constants = node.parameters ? ` ${JSON.stringify(node.parameters)}` : '';
  return `${node.operation}(${node.operands.map((one) => inputs(one, row)).join(', ')}${constants})`;
}

/** A value as it may be told from others. */
export function shownValue(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (Array.isArray(value)) return `[${value.map(shownValue).join(', ')}]`;
  if (isObject(value)) {
    const members = Object.entries(value).map(([name, one]) => `${name}: ${shownValue(one)}`);
    return `{${members.join(', ')}}`;
  }
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
