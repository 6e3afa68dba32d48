import { ArrowDownToLine } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { api } from '../api.ts';
import type { Run, Task } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Empty } from '../parts/panel.tsx';
import { Segments } from '../parts/segments.tsx';
import { reportConnection } from '../query.ts';
import { useParam } from '../router.tsx';

const pollMs = 1000;
/** Lines kept in the page; the command line shows the rest. */
const mostLines = 5000;

/** The log of an attempt as it grows, from where the last answer ended; nothing before it began. */
function useLog(
  run: string,
  task: string,
  attempt: number | undefined,
): { readonly lines: readonly string[]; readonly ended: boolean } {
  const [log, setLog] = useState({ text: '', ended: false });
  useEffect(() => {
    let wanted = true;
    let from = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    setLog({ text: '', ended: false });
    if (attempt === undefined) return;
    const read = async (): Promise<void> => {
      try {
        const part = await api.taskLog(run, task, { attempt, from });
        reportConnection(true);
        if (!wanted) return;
        const moved = part.next > from;
        from = part.next;
        setLog((before) => ({ text: before.text + part.text, ended: part.ended }));
        if (!part.ended || moved) timer = setTimeout(() => void read(), part.ended ? 0 : pollMs);
      } catch {
        // The header tells a lost connection; the log goes on when it is back.
        if (wanted) timer = setTimeout(() => void read(), pollMs * 5);
      }
    };
    void read();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [run, task, attempt]);
  const lines = log.text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return { lines: lines.slice(-mostLines), ended: log.ended };
}

/** Logs follow their end until one scrolls up; "Following" returns. */
export function TaskLogs({ run, task }: { readonly run: Run; readonly task: Task }) {
  const { t } = useConsole();
  const [chosen] = useParam('attempt');
  const attempt = Number(chosen ?? Math.max(task.attempt, 1));
  const { lines, ended } = useLog(
    run.id,
    task.id,
    task.attempts.length === 0 ? undefined : attempt,
  );
  const [follows, setFollows] = useState(true);
  const box = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines move the end
  useEffect(() => {
    if (follows && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines.length, follows]);
  if (task.attempts.length === 0) {
    return <Empty sentence={t('run.noAttempts')} />;
  }
  return (
    <>
      <LogHead
        task={task}
        attempt={attempt}
        lines={lines.length}
        ended={ended}
        follows={follows}
        onFollow={setFollows}
      />
      <section
        ref={box}
        className="log"
        aria-label={t('run.logs')}
        // A scrolling region is reachable by keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          const atEnd = scrollHeight - scrollTop - clientHeight < 24;
          if (atEnd !== follows) setFollows(atEnd);
        }}
      >
        {ended && lines.length === 0 && <Empty sentence={t('run.noLog')} />}
        <ol dir="ltr">
          {lines.map((line, index) => (
            // A log only grows, so a line's place names it.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <LogLine key={index} line={line} number={index + 1} />
          ))}
        </ol>
      </section>
    </>
  );
}

function LogHead(props: {
  readonly task: Task;
  readonly attempt: number;
  readonly lines: number;
  readonly ended: boolean;
  readonly follows: boolean;
  readonly onFollow: (follows: boolean) => void;
}) {
  const { t, f } = useConsole();
  const [, setAttempt] = useParam('attempt');
  const { task, attempt, lines, ended, follows, onFollow } = props;
  return (
    <div className="log-head small second">
      {task.attempts.length > 1 && (
        <Segments
          label={t('run.attempts')}
          current={String(attempt)}
          onSelect={setAttempt}
          segments={task.attempts.map((each) => ({
            id: String(each.attempt),
            title: f.number(each.attempt),
          }))}
        />
      )}
      <span>{t('run.lines', { count: lines })}</span>
      <span className="grow" />
      {!ended && (
        <button
          type="button"
          className="button plain"
          aria-pressed={follows}
          data-key-l=""
          onClick={() => onFollow(!follows)}
        >
          <ArrowDownToLine aria-hidden size={14} strokeWidth={1.6} className="icon" />
          {t(follows ? 'run.following' : 'run.follow')}
        </button>
      )}
    </div>
  );
}

/** A line is `time text`; what names an error code is shown as one. */
function LogLine({ line, number }: { readonly line: string; readonly number: number }) {
  const { f } = useConsole();
  const [, stamp, text] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z)\s+(.*)$/.exec(line) ?? [
    undefined,
    undefined,
    line,
  ];
  const at = stamp === undefined ? Number.NaN : Date.parse(stamp);
  const kind = /\bE-[A-Z]+-\d+\b|\berror\b/i.test(line)
    ? 'bad'
    : /\bwarn(?:ing)?\b|\bretry/i.test(line)
      ? 'odd'
      : '';
  return (
    <li id={`L${number}`} className={kind}>
      {Number.isNaN(at) ? null : <time dateTime={stamp}>{f.clock(at)}</time>}
      <span>{text}</span>
    </li>
  );
}
