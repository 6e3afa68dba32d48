/**
 * Where all threads of a kernel meet. Two words in memory, both zero at first: how many have arrived, and
 * which meeting it is. A thread spins for some fifty microseconds before it sleeps: most meetings are that near
 * to each other, and waking takes longer.
 */

const spins: i32 = 60_000;

/** True for the thread that came last: it alone goes on, and must call `release`. The rest wait for it. */
export function arrive(meeting: usize, threads: i32): bool {
  const turn = atomic.load<i32>(meeting, 4);
  if (atomic.add<i32>(meeting, 1) == threads - 1) return true;
  for (let spin: i32 = 0; spin < spins; spin++) {
    if (atomic.load<i32>(meeting, 4) != turn) return false;
  }
  while (atomic.load<i32>(meeting, 4) == turn) atomic.wait<i32>(meeting + 4, turn, -1);
  return false;
}

/** Lets those go who wait; what the last thread wrote before is seen by all. */
export function release(meeting: usize, threads: i32): void {
  atomic.store<i32>(meeting, 0);
  atomic.add<i32>(meeting, 1, 4);
  if (threads > 1) atomic.notify(meeting + 4, threads);
}

/** Waits until all threads are here. */
export function meet(meeting: usize, threads: i32): void {
  if (arrive(meeting, threads)) release(meeting, threads);
}
