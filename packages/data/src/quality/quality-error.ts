import { BacklotError } from '@backlot/core';

/** Rules cannot be checked with what was given. */
export class BadQualityCheck extends BacklotError {
  constructor(reason: string) {
    super({
      code: 'E-DATA-030',
      kind: 'usage',
      reason,
      mend: 'deliver the table that the rule refers to; define custom rules in backlot.config.ts',
    });
  }
}

/** A snapshot that breaks a rule which blocks is read by nothing downstream. */
export class QualityRefused extends BacklotError {
  constructor(table: string, rules: readonly string[]) {
    super({
      code: 'E-DATA-031',
      kind: 'refused',
      reason: `the current snapshot of ${table} breaks ${rules.join(', ')}`,
      place: `table/${table}`,
      mend: `mend the data and deliver again, or: backlot data check ${table} --override REASON`,
    });
  }
}
