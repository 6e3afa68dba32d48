import type { Run } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Code } from '../parts/copy.tsx';
import { Panel } from '../parts/panel.tsx';
import { Stated } from '../parts/state-mark.tsx';
import { Table } from '../parts/table.tsx';
import { taskState } from '../state.ts';

interface RunPart {
  readonly run: Run;
  readonly selected: string | undefined;
  readonly onPick: (task: string) => void;
}

/** The graph's twin: every task as a row. */
export function RunTaskTable({ run, selected, onPick }: RunPart) {
  const { t, f, now } = useConsole();
  return (
    <Table
      label={t('run.tasks')}
      rows={run.taskViews}
      rowKey={({ id }) => id}
      selected={selected}
      onOpen={({ id }) => onPick(id)}
      columns={[
        {
          id: 'id',
          title: t('run.task'),
          cell: ({ id }) => (
            <b className="name">
              <Code>{id}</Code>
            </b>
          ),
        },
        {
          id: 'state',
          title: t('runs.state'),
          cell: (task) => <Stated stated={taskState(task)} />,
        },
        {
          id: 'cache',
          title: t('run.cache'),
          cell: ({ cache }) => <bdi className="small second">{cache?.reason}</bdi>,
        },
        {
          id: 'attempts',
          title: t('run.attempts'),
          end: true,
          cell: ({ attempts }) => f.number(attempts.length),
        },
        {
          id: 'took',
          title: t('runs.took'),
          end: true,
          cell: ({ startedAt, endedAt }) =>
            startedAt === undefined ? '' : f.duration((endedAt ?? now) - startedAt),
        },
      ]}
    />
  );
}

export function RunTasks(props: RunPart) {
  const { t } = useConsole();
  return (
    <Panel
      title={t('run.tasks')}
      className="grows"
      copies={{ cli: `backlot runs ${props.run.id}` }}
    >
      <RunTaskTable {...props} />
    </Panel>
  );
}
