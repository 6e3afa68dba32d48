import type { RowResult, SideResult } from './measure.ts';

/** A row for people: quality first, then time and memory, then the ratio. */
export function describeRow(result: RowResult): string {
  const { ratio, ours, theirs } = result;
  const verdict = [
    result.qualityHolds ? 'quality holds' : 'QUALITY DOES NOT HOLD',
    result.goalReached ? `goal ${result.goal} reached` : `goal ${result.goal} MISSED`,
  ];
  const head = `${result.benchmark} ${result.row}, ${result.threads} threads, ${result.rounds} rounds each`;
  return [
    head,
    `  ours   ${describeSide(ours)}`,
    `  ${result.peer}\n         ${describeSide(theirs)}`,
    `  ratio  time ${ratio.seconds.toFixed(3)}, memory ${ratio.memory.toFixed(3)}: ${verdict.join(', ')}`,
  ].join('\n');
}

function describeSide({ seconds, peakBytes, quality }: SideResult): string {
  const measures = Object.entries(quality).map(([name, value]) => `${name} ${value.toFixed(5)}`);
  const [median, min, max] = [seconds.median, seconds.min, seconds.max].map(describeTime);
  const time = `${median} (${min} to ${max})`;
  return `${measures.join(', ')}; ${time}; ${(peakBytes / 2 ** 20).toFixed(0)} MiB`;
}

/** Milliseconds below a second. */
export function describeTime(seconds: number): string {
  return seconds < 1 ? `${(1000 * seconds).toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}
