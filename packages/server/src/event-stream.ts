import type { Clock } from '@backlot/core';
import type { StreamEvent } from './contract.ts';

interface EventStreamOptions {
  readonly events: AsyncIterable<StreamEvent<unknown>>;
  /** Checks one event's data against the contract. */
  readonly check: (data: unknown) => unknown;
  readonly clock: Clock;
  /** Milliseconds between signs of life. */
  readonly heartbeatMs: number;
  /** Whether the credential still holds, asked at each sign of life. */
  readonly stillAllowed: () => Promise<boolean>;
  readonly signal: AbortSignal;
  /** Told of a failure; the client only learns that the stream broke. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Server-sent events as text. It ends when the events do, when the signal fires, or at the first
 * sign of life after the credential was revoked; what it then asks of the source is to end too.
 */
export async function* eventStream(options: EventStreamOptions): AsyncGenerator<string> {
  const { clock, signal, heartbeatMs } = options;
  const source = options.events[Symbol.asyncIterator]();
  let next = source.next();
  yield ': open\n\n';
  try {
    while (!signal.aborted) {
      const timer = new AbortController();
      const stop = AbortSignal.any([signal, timer.signal]);
      const beat = clock.sleep(heartbeatMs, stop).then(() => 'beat' as const);
      const item = await Promise.race([next, beat]);
      timer.abort();
      if (item === 'beat') {
        if (signal.aborted || !(await options.stillAllowed())) return;
        yield ': alive\n\n';
      } else {
        if (item.done) return;
        yield writeEvent(item.value, options.check);
        next = source.next();
      }
    }
  } catch (error) {
    options.onFailure(error);
    yield 'event: error\ndata: {}\n\n';
  } finally {
    next.catch(() => undefined);
    // Not awaited: a source that waits for its next event answers only after that.
    source.return?.()?.catch(options.onFailure);
  }
}

function writeEvent(event: StreamEvent<unknown>, check: (data: unknown) => unknown): string {
  const data = JSON.stringify(check(event.data));
  const id = event.id === undefined ? '' : `id: ${oneLine(event.id)}\n`;
  const name = event.event === undefined ? '' : `event: ${oneLine(event.event)}\n`;
  return `${id}${name}data: ${data}\n\n`;
}

/** A line break would begin a field of its own. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\0]/g, ' ');
}
