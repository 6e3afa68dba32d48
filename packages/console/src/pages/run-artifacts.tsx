import type { Run } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Code, Id } from '../parts/copy.tsx';
import { Empty, Panel } from '../parts/panel.tsx';
import { Table } from '../parts/table.tsx';

/** Everything that the run's tasks made, by digest. */
export function RunArtifacts({ run }: { readonly run: Run }) {
  const { t, f } = useConsole();
  const rows = run.taskViews.flatMap((task) =>
    task.outputs.map((output) => ({ ...output, task: task.id })),
  );
  return (
    <Panel title={t('run.artifacts')} className="grows" copies={{ cli: `backlot runs ${run.id}` }}>
      <Table
        label={t('run.artifacts')}
        rows={rows}
        rowKey={(row) => `${row.task} ${row.name}`}
        empty={<Empty sentence={t('run.noArtifacts')} />}
        columns={[
          {
            id: 'name',
            title: t('run.artifact'),
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
          { id: 'task', title: t('run.task'), cell: ({ task }) => <Code>{task}</Code> },
          { id: 'digest', title: t('audit.digest'), cell: ({ digest }) => <Id id={digest} /> },
          { id: 'bytes', title: t('tables.size'), end: true, cell: ({ bytes }) => f.bytes(bytes) },
        ]}
      />
    </Panel>
  );
}
