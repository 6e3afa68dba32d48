import { BacklotError } from '@backlot/core';
import { type SourceRule, sourceRules } from './rules.ts';

/** The source as a whole cannot be taken; becomes a refused receipt. */
export class SourceRefused extends BacklotError {
  readonly rule: SourceRule;
  /** The column, when it is one of the contract's; never a name the source made up. */
  readonly column: string | undefined;

  constructor(rule: SourceRule, reason: string, column?: string) {
    super({
      code: 'E-DATA-011',
      kind: 'refused',
      reason,
      mend: sourceRules[rule],
      ...(column !== undefined && { place: column }),
    });
    this.rule = rule;
    this.column = column;
  }
}
