import { RequestFailed } from '../api.ts';
import type { Artifact, Run, Task } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { shortId } from '../format/format.ts';
import { Code, Command, Id } from '../parts/copy.tsx';
import { Empty, Fact, Failed } from '../parts/panel.tsx';
import { StateMark } from '../parts/state-mark.tsx';
import { Table } from '../parts/table.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { useParam } from '../router.tsx';
import { taskState } from '../state.ts';
import { TaskLogs } from './task-logs.tsx';
import { TaskProgress } from './task-progress.tsx';

const tabTitles = { logs: 'run.logs', attempts: 'run.attempts', io: 'run.inOut' } as const;

/** One task: what went in, why it ran, how it does, and what it says. */
export function TaskPanel({ run, task }: { readonly run: Run; readonly task: Task }) {
  const { t, f } = useConsole();
  const [tab, setTab] = useParam('tab');
  const current = tab ?? 'logs';
  const { sign, word } = taskState(task);
  return (
    <section className="panel task-panel" aria-label={task.id}>
      <header className="panel-head">
        <h2>
          <bdi dir="ltr">{task.id}</bdi>
        </h2>
        <StateMark sign={sign}>
          {task.attempts.length > 1
            ? t('run.stateAttempt', {
                state: t(word),
                attempt: task.attempt,
                attempts: task.attempts.length,
              })
            : t(word)}
        </StateMark>
      </header>
      <TaskFacts task={task} />
      <Tabs
        label={task.id}
        current={current}
        onSelect={(id) => setTab(id === 'logs' ? undefined : id)}
        tabs={[
          { id: 'logs', title: t('run.logs') },
          { id: 'attempts', title: t('run.attempts'), count: f.number(task.attempts.length) },
          { id: 'io', title: t('run.inOut') },
        ]}
      />
      <div
        role="tabpanel"
        aria-label={t(tabTitles[current as keyof typeof tabTitles] ?? 'run.logs')}
        className="task-tab"
      >
        {current === 'logs' && <TaskLogs run={run} task={task} />}
        {current === 'attempts' && <Attempts task={task} />}
        {current === 'io' && <InOut task={task} />}
      </div>
      <footer className="panel-foot">
        <Command>{`backlot runs ${shortId(run.id)} --log ${task.id}`}</Command>
      </footer>
    </section>
  );
}

function TaskFacts({ task }: { readonly task: Task }) {
  const { t, f } = useConsole();
  const peak = Math.max(0, ...task.attempts.map((attempt) => attempt.peakMemory ?? 0));
  return (
    <dl className="facts padded">
      <Fact label={t('run.inputs')}>
        {task.inputs.length === 0
          ? t('run.noInputs')
          : task.inputs.slice(0, 3).map((input) => (
              <bdi dir="ltr" key={input.name} className="mono input">
                {`${input.name}@${shortId(input.digest)}`}
              </bdi>
            ))}
      </Fact>
      {task.cache && (
        <Fact label={t('run.cache')}>
          <bdi>{task.cache.reason}</bdi>
        </Fact>
      )}
      {peak > 0 && <Fact label={t('run.memory')}>{f.bytes(peak)}</Fact>}
      <TaskProgress task={task} />
      {Object.entries(task.metrics ?? {}).map(([name, value]) => (
        <Fact key={name} label={<Code>{name}</Code>}>
          {f.decimal(value, 4)}
        </Fact>
      ))}
    </dl>
  );
}

function Attempts({ task }: { readonly task: Task }) {
  const { t, f } = useConsole();
  if (task.attempts.length === 0) return <Empty sentence={t('run.noAttempts')} />;
  return (
    <div className="scrolls">
      <Table
        label={t('run.attempts')}
        rows={task.attempts}
        rowKey={({ attempt }) => String(attempt)}
        columns={[
          {
            id: 'attempt',
            title: t('run.attemptNumber'),
            cell: ({ attempt }) => f.number(attempt),
          },
          { id: 'state', title: t('runs.state'), cell: ({ state }) => <Code>{state}</Code> },
          {
            id: 'started',
            title: t('runs.started'),
            end: true,
            cell: ({ startedAt }) => startedAt !== undefined && f.clock(startedAt),
          },
          {
            id: 'took',
            title: t('runs.took'),
            end: true,
            cell: ({ startedAt, endedAt }) =>
              startedAt !== undefined && endedAt !== undefined && f.duration(endedAt - startedAt),
          },
          {
            id: 'memory',
            title: t('run.memory'),
            end: true,
            cell: ({ peakMemory }) => peakMemory !== undefined && f.bytes(peakMemory),
          },
        ]}
      />
      {task.attempts.map(
        ({ attempt, error }) =>
          error && <Failed key={attempt} error={new RequestFailed(error, 500)} />,
      )}
    </div>
  );
}

function InOut({ task }: { readonly task: Task }) {
  const { t } = useConsole();
  return (
    <div className="scrolls">
      <ArtifactTable label={t('run.inputs')} artifacts={task.inputs} />
      <ArtifactTable label={t('run.outputs')} artifacts={task.outputs} />
      <dl className="facts padded">
        <Fact label={t('run.parameters')}>
          <Code>{JSON.stringify(task.parameters)}</Code>
        </Fact>
      </dl>
    </div>
  );
}

function ArtifactTable({
  label,
  artifacts,
}: {
  readonly label: string;
  readonly artifacts: readonly Artifact[];
}) {
  const { t, f } = useConsole();
  return (
    <Table
      label={label}
      rows={artifacts}
      rowKey={({ name }) => name}
      empty={<Empty sentence={t('run.noneOf', { what: label })} />}
      columns={[
        {
          id: 'name',
          title: label,
          cell: ({ name }) => (
            <b className="name">
              <Code>{name}</Code>
            </b>
          ),
        },
        {
          id: 'kind',
          title: t('run.kind'),
          cell: ({ kind }) => (
            <span className="second">
              <Code>{kind}</Code>
            </span>
          ),
        },
        { id: 'digest', title: t('audit.digest'), cell: ({ digest }) => <Id id={digest} /> },
        { id: 'bytes', title: t('tables.size'), end: true, cell: ({ bytes }) => f.bytes(bytes) },
      ]}
    />
  );
}
