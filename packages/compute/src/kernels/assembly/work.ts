/**
 * Work is shared by a counter in memory: a thread takes the next chunk until none is left. Beside the
 * counter lies the flag that cancels. Which thread takes a chunk never changes what is computed.
 */

/** The first unit of the next chunk, or -1 when none is left or the work was cancelled. */
export function takeChunk(control: usize, size: i32, total: i32): i32 {
  if (atomic.load<i32>(control, 4) != 0) return -1;
  const first = atomic.add<i32>(control, size);
  return first < total ? first : -1;
}
