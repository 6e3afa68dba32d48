import type { Run } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Code, Id } from '../parts/copy.tsx';
import { Fact, Panel } from '../parts/panel.tsx';
import { Table } from '../parts/table.tsx';

/** Why each task ran or took its outputs from the cache, and the parameters it ran with. */
export function RunParameters({ run }: { readonly run: Run }) {
  const { t } = useConsole();
  return (
    <Panel title={t('run.why')} className="grows" copies={{ cli: `backlot runs ${run.id}` }}>
      <dl className="facts padded">
        <Fact label={t('pipelines.plan')}>
          <Id id={run.plan} />
        </Fact>
        <Fact label={t('run.parameters')}>
          <Code>{JSON.stringify(run.parameters)}</Code>
        </Fact>
      </dl>
      <Table
        label={t('run.why')}
        rows={run.taskViews}
        rowKey={({ id }) => id}
        columns={[
          {
            id: 'task',
            title: t('run.task'),
            cell: ({ id }) => (
              <b className="name">
                <Code>{id}</Code>
              </b>
            ),
          },
          {
            id: 'cache',
            title: t('run.cache'),
            cell: ({ cache }) => (
              <bdi className="second">{cache?.reason ?? t('state.notStarted')}</bdi>
            ),
          },
          {
            id: 'parameters',
            title: t('run.parameters'),
            cell: ({ parameters }) => (
              <span className="second">
                <Code>{JSON.stringify(parameters)}</Code>
              </span>
            ),
          },
        ]}
      />
    </Panel>
  );
}
