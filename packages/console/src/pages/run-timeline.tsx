import type { Run, Task } from '../api-types.ts';
import { ticks } from '../charts/scale.ts';
import { Timeline, type TimelineBar, type TimelineRow } from '../charts/timeline.tsx';
import { useConsole } from '../console-context.ts';
import { foldFanOuts, foldTasks, shardName } from '../graph/fold.ts';
import { Panel } from '../parts/panel.tsx';
import { useParam } from '../router.tsx';
import { type Sign, taskState } from '../state.ts';
import { RunTaskTable } from './run-tasks.tsx';

const mostShards = 6;
const minuteMs = 60_000;

/** What ran when; fan-outs show their failing and running shards first. */
export function RunTimeline(props: {
  readonly run: Run;
  readonly selected: string | undefined;
  readonly onPick: (task: string) => void;
}) {
  const { run } = props;
  const { t, f, now } = useConsole();
  const start = run.startedAt ?? run.createdAt;
  const last = run.endedAt ?? now;
  const span = Math.max(last - start, 1000);
  const end = last + span * 0.12;
  const rows = useRows(props, last);
  const marks = ticks(0, (end - start) / minuteMs, 5).map((minutes) => start + minutes * minuteMs);
  return (
    <Panel
      title={t('run.timeline')}
      className="grows"
      aside={
        <span className="small second">
          {t('run.doneOf', { done: run.done, tasks: run.tasks })}
        </span>
      }
      copies={{ cli: `backlot runs ${run.id}` }}
      twin={<RunTaskTable {...props} />}
    >
      <Timeline
        label={t('run.timeline')}
        rows={rows}
        domain={[start - span * 0.02, end]}
        now={run.endedAt === undefined ? now : undefined}
        tickTimes={marks}
        tick={(at) => (at === start ? f.minute(at) : f.brief(at - start))}
      />
    </Panel>
  );
}

function useRows(props: Parameters<typeof RunTimeline>[0], last: number): readonly TimelineRow[] {
  const { run, selected, onPick } = props;
  const { t } = useConsole();
  const [open, setOpen] = useParam('open');
  const bars = useBars(last);
  const note = useNote();
  const byId = new Map(run.taskViews.map((task) => [task.id, task] as const));
  const row = (task: Task, indent: boolean): TimelineRow => ({
    key: task.id,
    label: (
      <bdi dir="ltr" className="cut">
        {indent ? shardName(task.id) : task.id}
      </bdi>
    ),
    bars: bars(task),
    note: note(task),
    indent,
    selected: task.id === selected,
    onPick: () => onPick(task.id),
  });
  return foldFanOuts(foldTasks(run.taskViews)).flatMap((node) => {
    const tasks = node.tasks.map(({ id }) => byId.get(id)!);
    if (tasks.length === 1) return [row(tasks[0]!, false)];
    const all = open === node.id;
    const urgent = tasks.some((task) => ['fail', 'run'].includes(taskState(task).sign));
    const shown = all ? tasks : urgent ? tasks.slice(0, mostShards) : [];
    const hidden = tasks.length - shown.length;
    return [
      {
        key: node.id,
        label: <bdi dir="ltr">{`${node.title} ×${tasks.length}`}</bdi>,
        group: true,
        bars: groupBar(tasks, node.stated.sign, last),
        note: t('runs.doneOf', { done: node.done, tasks: tasks.length }),
        onPick: () => setOpen(all ? undefined : node.id),
      },
      ...shown.map((task) => row(task, true)),
      ...(hidden > 0 && shown.length > 0
        ? [
            {
              key: `${node.id} more`,
              label: t('home.more', { count: hidden }),
              indent: true,
              bars: [],
              onPick: () => setOpen(node.id),
            },
          ]
        : []),
    ];
  });
}

function groupBar(tasks: readonly Task[], sign: Sign, last: number): readonly TimelineBar[] {
  const started = tasks.flatMap((task) => task.startedAt ?? []);
  if (started.length === 0) return [];
  const over = tasks.every((task) => task.endedAt !== undefined);
  const to = over ? Math.max(...tasks.map((task) => task.endedAt!)) : last;
  return [{ key: 'all', from: Math.min(...started), to, sign, label: '' }];
}

/** A bar for each attempt; failed ones carry a cross. */
function useBars(last: number): (task: Task) => readonly TimelineBar[] {
  const { t, f } = useConsole();
  return (task) => {
    const { sign, word } = taskState(task);
    const latest = task.attempts.length;
    const attempts = task.attempts.length > 0 ? task.attempts : [{ ...task, attempt: 1 }];
    return attempts.flatMap((attempt, index) => {
      if (attempt.startedAt === undefined) return [];
      const to = attempt.endedAt ?? last;
      const isLast = index + 1 >= latest;
      return [
        {
          key: String(attempt.attempt),
          from: attempt.startedAt,
          to,
          sign: isLast ? sign : ('fail' as const),
          label: t('run.bar', {
            state: t(isLast ? word : 'state.failed'),
            time: f.duration(to - attempt.startedAt),
          }),
        },
      ];
    });
  };
}

function useNote(): (task: Task) => string | undefined {
  const { t, f } = useConsole();
  return (task) => {
    const { sign, word } = taskState(task);
    if (task.attempts.length > 1 && sign !== 'ok')
      return t('run.attempt', { attempt: task.attempt });
    if (sign === 'ok' && task.startedAt !== undefined && task.endedAt !== undefined) {
      return f.brief(task.endedAt - task.startedAt);
    }
    return t(word);
  };
}
