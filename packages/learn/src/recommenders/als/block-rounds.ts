import { gram, type SweepScratch, sweepBlocks, sweepScratch } from '@backlot/compute';
import type { Half, Side } from './fit.ts';

/**
 * Rounds of sweeps over blocks of dimensions, of users and then of items. The items' vectors lie in the first
 * buffer, the users', from 0, in the second.
 */
export async function blockRounds(
  half: Half,
  users: Side,
  items: Side,
  report: (step: number) => void,
): Promise<void> {
  const { session, columns, hyper, buffers, scratch } = half;
  const width = Math.min(columns, 8 * Math.ceil(hyper.block! / 8));
  const entries = session.int32(users.system.indices).length;
  const size = { rows: Math.max(users.rows, items.rows), entries, columns };
  const byRow = hyper.frequencyScaling > 0;
  const shared = sweepScratch(session, size, width, byRow, scratch);
  for (let round = 0; round < hyper.iterations; round++) {
    await sweepSide(half, users, [buffers[1], buffers[0]], items.rows, width, shared);
    report(2 * round + 1);
    await sweepSide(half, items, [buffers[0], buffers[1]], users.rows, width, shared);
    report(2 * round + 2);
  }
}

async function sweepSide(
  { session, columns, hyper }: Half,
  side: Side,
  [rows, facing]: Half['buffers'],
  facingRows: number,
  width: number,
  scratch: SweepScratch,
): Promise<void> {
  await sweepBlocks(session, {
    system: side.system,
    alpha: hyper.alpha,
    penalty: side.penalties ?? hyper.regularisation,
    ...{ rows, facing, facingRows, columns, width, scratch },
    gram: await gram(session, facing, facingRows, columns),
  });
}
