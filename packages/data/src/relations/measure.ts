import type { ValueType } from '../column.ts';
import type { MeasureNode } from './nodes.ts';

/** An aggregate of a group's rows, to be used in `aggregate` alone. */
export class Measure<V extends ValueType = ValueType, N extends boolean = boolean> {
  readonly node: MeasureNode;
  /** Types only; never there when the program runs. */
  declare readonly types: { readonly type: V; readonly nullable: N };

  constructor(node: MeasureNode) {
    this.node = Object.freeze(node);
    Object.freeze(this);
  }
}
