import { assert } from '@backlot/core';
import { InvalidExpression } from '../error.ts';
import type { Expression } from './expression.ts';
import { gradients } from './gradients.ts';
import { describeShape, resolveShape } from './shape.ts';
import { tableGradient } from './table-gradient.ts';

export interface TrainedParameter {
  readonly expression: Expression;
  /** Its numbers before the first step, row-major. */
  readonly values: Float32Array;
  /**
   * Only rows that a step reads are moved, and their moments with them: for tables so large that a pass
   * over them would be felt. Such a table is read by `embedding` alone, in rows of a multiple of 4.
   */
  readonly byRow?: boolean;
}

/** A value that the graph gives and the kernels read. */
interface Fetched {
  readonly name: string;
  readonly expression: Expression;
}

/** A parameter with what its gradient is made of. */
export interface TrainingSlot {
  readonly name: string;
  readonly shape: readonly number[];
  readonly length: number;
  readonly values: Float32Array;
  readonly byRow: boolean;
  readonly whole: Fetched | undefined;
  readonly rows: readonly { readonly indices: Fetched; readonly values: Fetched }[];
}

/** The parameters with their gradients. Throws `InvalidExpression` for one that nothing depends on. */
export function trainingSlots(
  loss: Expression,
  parameters: readonly TrainedParameter[],
): readonly TrainingSlot[] {
  const found = gradients(
    loss,
    parameters.map(({ expression }) => expression),
  );
  return parameters.map((one, at) => {
    const { name } = one.expression;
    assert(one.expression.op === 'parameter' && name, 'what is trained is a parameter');
    const gradient = found[at];
    if (!gradient) throw new InvalidExpression(name, 'the loss does not depend on the parameter');
    return slotOf(name, one, gradient);
  });
}

function slotOf(name: string, given: TrainedParameter, gradient: Expression): TrainingSlot {
  const { values, byRow = false } = given;
  const shape = resolveShape(given.expression.shape, new Map());
  const length = shape.reduce((product, size) => product * size, 1);
  if (values.length !== length) {
    throw new InvalidExpression(name, `${values.length} numbers for ${describeShape(shape)}`);
  }
  const parts = tableGradient(gradient);
  if (byRow && (parts.whole || shape[1]! % 4 !== 0)) {
    throw new InvalidExpression(
      name,
      'trained by row, but not read by embedding alone in rows of 4 n',
    );
  }
  const rows = parts.rows.map((part, index) => ({
    indices: { name: `indices.${index}.${name}`, expression: part.indices },
    values: { name: `rows.${index}.${name}`, expression: part.values },
  }));
  const whole = parts.whole && { name: `gradient.${name}`, expression: parts.whole };
  return { name, shape, length, values, byRow, whole, rows };
}

/** All that the graph must give for a slot. */
export function fetchedOf({ whole, rows }: TrainingSlot): readonly Fetched[] {
  return [...(whole ? [whole] : []), ...rows.flatMap(({ indices, values }) => [indices, values])];
}
