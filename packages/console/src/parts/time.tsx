import { useConsole } from '../console-context.ts';

/** How long ago or ahead, with the exact instant and its zone on hover and focus. */
export function Ago({ at }: { readonly at: number }) {
  const { f, now } = useConsole();
  return (
    <time dateTime={new Date(at).toISOString()} title={f.instant(at)}>
      {f.ago(at, now)}
    </time>
  );
}

/** The clock's reading today, else the day: for lists that are read from newest to oldest. */
export function Clock({ at }: { readonly at: number }) {
  const { f, now } = useConsole();
  const day = 86_400_000;
  return (
    <time dateTime={new Date(at).toISOString()} title={f.instant(at)}>
      {now - at < day ? f.clock(at) : f.date(at, now)}
    </time>
  );
}
