import { sum } from '../relations/functions/aggregates.ts';
import { add, integerDivide, multiply, negate, subtract } from '../relations/functions/numbers.ts';
import { type Relation, relation, type Shape } from '../relations/relation.ts';
import { operands } from './function-tables.fixture.ts';

const most = 9_223_372_036_854_775_807n;
const all = relation(operands);

/** What no engine answers: whole numbers beyond 64 bits are an error everywhere, never another number. */
export const raisingCases: Readonly<Record<string, Relation<Shape>>> = {
  add: all.select((row) => ({ c: add(row.l, most) })) as unknown as Relation<Shape>,
  subtract: all.select((row) => ({ c: subtract(row.l, most) })) as unknown as Relation<Shape>,
  multiply: all.select((row) => ({ c: multiply(row.l, row.l) })) as unknown as Relation<Shape>,
  negate: all.select((row) => ({
    c: negate(subtract(row.l, 1n)),
  })) as unknown as Relation<Shape>,
  integerDivide: all.select((row) => ({
    c: integerDivide(subtract(row.l, 1n), -1n),
  })) as unknown as Relation<Shape>,
  sum: all.aggregate([], (row) => ({ c: sum(row.l) })) as unknown as Relation<Shape>,
};
