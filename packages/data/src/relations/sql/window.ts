import type { Frame, WindowFunctionNode, WindowNode } from '../nodes.ts';
import { seesTies, totalOrder } from '../steps/window.ts';
import { type FramedAggregation, framedAggregation } from '../window.ts';
import type { SqlPrinter } from './printer.ts';

/** Columns beside each row from the rows of its part. */
export function printWindowNode(printer: SqlPrinter, node: WindowNode): string {
  const columns = node.columns.map(
    (column) => `${functionOver(printer, node, column.function)} AS ${printer.name(column.name)}`,
  );
  return `SELECT ${printer.names(node.input)}, ${columns.join(', ')} FROM ${printer.from(node.input)}`;
}

function functionOver(printer: SqlPrinter, node: WindowNode, of: WindowFunctionNode): string {
  const operands = of.operands.map((operand) => printer.expression(operand));
  const over = overOf(printer, node, of);
  switch (of.function) {
    case 'rowNumber':
      return whole(printer, `row_number() ${over}`);
    case 'rank':
      return whole(printer, `rank() ${over}`);
    case 'denseRank':
      return whole(printer, `dense_rank() ${over}`);
    case 'lag':
    case 'lead':
      return `${of.function}(${operands[0]}, ${number(of.count)}) ${over}`;
    case 'first':
    case 'last':
      return `${of.function}_value(${operands[0]}) ${over}`;
    case 'nth':
      return `nth_value(${operands[0]}, ${number(of.count)}) ${over}`;
    case 'measure':
      return measureOver(printer, of, over);
  }
}

/** The forms of the aggregates' own templates, with the window inside their casts. */
function measureOver(printer: SqlPrinter, of: WindowFunctionNode, over: string): string {
  const measure = of.measure!;
  const operand = measure.operands[0] && printer.expression(measure.operands[0]);
  const forms: Readonly<Record<FramedAggregation, () => string>> = {
    count: () => `count(*) ${over}`,
    countValues: () => `count(${operand}) ${over}`,
    sum: () => `CAST(sum(${operand}) ${over} AS ${printer.dialect.typeName(measure)})`,
    min: () => `min(${operand}) ${over}`,
    max: () => `max(${operand}) ${over}`,
    avg: () => `avg(CAST(${operand} AS DOUBLE)) ${over}`,
  };
  return forms[framedAggregation(measure)]();
}

function overOf(printer: SqlPrinter, node: WindowNode, of: WindowFunctionNode): string {
  const parts = node.by.length > 0 ? `PARTITION BY ${node.by.map(printer.name).join(', ')} ` : '';
  return `OVER (${parts}${orderOf(printer, node, of)}${frameText(of.frame)})`;
}

function orderOf(printer: SqlPrinter, node: WindowNode, of: WindowFunctionNode): string {
  if (of.frame?.unit === 'micros') {
    // Microseconds, for frames of intervals are not the same on all engines.
    return `ORDER BY ${printer.dialect.micros(printer.name(node.order[0]!.column))} ASC NULLS LAST`;
  }
  const keys = seesTies(of) ? node.order : totalOrder(node.input, node.order, node.by);
  // Spark asks for an order even where all rows of a part are equal.
  const some = keys.length > 0 ? keys : [{ column: node.by[0]!, descending: false }];
  return `ORDER BY ${printer.sortKeys(node.input.fields, some)}`;
}

function frameText(frame: Frame | undefined): string {
  if (!frame) return '';
  const unit = frame.unit === 'rows' ? 'ROWS' : 'RANGE';
  return ` ${unit} BETWEEN ${bound(frame.preceding, 'PRECEDING')} AND ${bound(frame.following, 'FOLLOWING')}`;
}

function bound(reach: number | undefined, side: 'PRECEDING' | 'FOLLOWING'): string {
  if (reach === undefined) return `UNBOUNDED ${side}`;
  return reach === 0 ? 'CURRENT ROW' : `${number(reach)} ${side}`;
}

function whole(printer: SqlPrinter, sql: string): string {
  return `CAST(${sql} AS ${printer.dialect.typeName({ type: 'int', nullable: false })})`;
}

/** Of the node, checked when it was made; text that is not a number never reaches the SQL. */
function number(count = 1): number {
  return Math.trunc(Number(count));
}
