import { PipelinesError } from '../pipelines-error.ts';

/** Thrown by a task that has nothing to do: it is skipped, and so is what would follow from it. */
export class TaskSkipped extends PipelinesError {
  constructor(why: string) {
    super({ code: 'E-PIPELINES-012', kind: 'refused', reason: `there was nothing to do: ${why}` });
  }
}
