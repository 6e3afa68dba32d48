import { BacklotError } from '@backlot/core';

/** An event of lineage that is none by OpenLineage 2, or says more than is taken. */
export class BadLineageEvent extends BacklotError {
  constructor(place: string, reason: string) {
    super({
      code: 'E-DATA-050',
      kind: 'usage',
      reason: `the event is no OpenLineage event: ${reason}`,
      place,
      mend: 'send run, job or dataset events of OpenLineage 2 within the limits',
    });
  }
}

/** The graph of lineage holds as many jobs and data sets as a workspace may have. */
export class LineageFull extends BacklotError {
  constructor(nodes: number, edges: number) {
    super({
      code: 'E-DATA-051',
      kind: 'conflict',
      reason: `the graph of lineage holds at most ${nodes} jobs and data sets and ${edges} edges`,
      place: 'lineage',
      mend: 'send events with names that stay the same from run to run',
    });
  }
}
