import { Play } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api.ts';
import type { Pipeline, Run, RunSummary } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { foldFanOuts } from '../graph/fold.ts';
import { Graph } from '../graph/graph.tsx';
import { Button } from '../parts/button.tsx';
import { Code, Id } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Empty, Panel } from '../parts/panel.tsx';
import { Chip } from '../parts/state-mark.tsx';
import { Table } from '../parts/table.tsx';
import { useQuery } from '../query.ts';
import { navigate, useParam } from '../router.tsx';
import { runStates, type Stated as StatedOf, taskState } from '../state.ts';
import { useRunColumns } from './runs-columns.tsx';

/** What does this pipeline do, and how did it do it lately? */
export function PipelinePage({ name }: { readonly name: string }) {
  const { t } = useConsole();
  const query = useQuery('pipelines', api.pipelines);
  const runs = useQuery(`runs of ${name}`, () => api.runs({ pipeline: name, limit: 50 }));
  return (
    <Answered query={query}>
      {({ pipelines }) => {
        const found = pipelines.find((pipeline) => pipeline.name === name);
        if (found === undefined) return <Empty sentence={t('pipelines.unknown', { name })} />;
        return <Full pipeline={found} runs={runs.data?.runs ?? []} />;
      }}
    </Answered>
  );
}

function Full({
  pipeline,
  runs,
}: {
  readonly pipeline: Pipeline;
  readonly runs: readonly RunSummary[];
}) {
  const { t, rich, f, href } = useConsole();
  const { name, lastRun } = pipeline;
  const [sort, setSort] = useParam('sort');
  const [starting, setStarting] = useState(false);
  const start = (): void => {
    setStarting(true);
    void api
      .startRun(name)
      .then(({ run }) => navigate(href('runs', run)))
      .finally(() => setStarting(false));
  };
  const columns = useRunColumns();
  return (
    <Page
      title={<bdi dir="ltr">{name}</bdi>}
      chip={
        lastRun && (
          <Chip sign={runStates[lastRun.state].sign}>{t(runStates[lastRun.state].word)}</Chip>
        )
      }
      tags={pipeline.plan && <Id id={pipeline.plan} />}
      facts={[
        rich(
          'pipelines.tasks',
          { number: <b>{f.number(pipeline.tasks.length)}</b> },
          pipeline.tasks.length,
        ),
        rich('pipelines.runs', { number: <b>{f.number(runs.length)}</b> }, runs.length),
      ]}
      acts={
        <Button icon={Play} primary busy={starting} onPress={start}>
          {t(starting ? 'act.starting' : 'act.runNow')}
        </Button>
      }
      command={`backlot run ${name}`}
    >
      <GraphPanel pipeline={pipeline} />
      <Panel title={t('rail.runs')} copies={{ cli: 'backlot runs' }}>
        <Table
          label={t('rail.runs')}
          rows={runs}
          rowKey={({ id }) => id}
          onOpen={({ id }) => navigate(href('runs', id))}
          sort={sort}
          onSort={setSort}
          empty={<Empty sentence={t('pipelines.neverRan')} />}
          columns={columns.filter(({ id }) => id !== 'pipeline')}
        />
      </Panel>
    </Page>
  );
}

/** A task of a pipeline that never ran. */
const defined: StatedOf = { sign: 'idle', word: 'state.defined' };

/** The pipeline's shape, in the colours of its last run. */
function GraphPanel({ pipeline }: { readonly pipeline: Pipeline }) {
  const { t, f } = useConsole();
  const [task, setTask] = useParam('task');
  const { lastRun } = pipeline;
  const run = useQuery<Run | undefined>(
    `run ${lastRun?.id ?? ''}`,
    async () => lastRun && api.run(lastRun.id),
  ).data;
  const states = new Map(run?.taskViews.map((each) => [each.id, taskState(each)] as const));
  const nodes = foldFanOuts(
    pipeline.tasks.map((each) => ({ ...each, stated: states.get(each.id) ?? defined })),
  );
  return (
    <Panel
      title={t('run.graph')}
      copies={{ cli: 'backlot run' }}
      twin={
        <Table
          label={t('run.graph')}
          rows={pipeline.tasks}
          rowKey={({ id }) => id}
          columns={[
            { id: 'id', title: t('run.task'), cell: ({ id }) => <Code>{id}</Code> },
            {
              id: 'upstream',
              title: t('run.after'),
              cell: ({ upstream }) => <bdi>{f.list(upstream)}</bdi>,
            },
          ]}
        />
      }
    >
      <Graph
        label={t('run.graph')}
        nodes={nodes}
        selected={task}
        onPick={setTask}
        maxHeight={420}
        note={(node) =>
          node.tasks.length > 1
            ? t('run.shards', { count: node.tasks.length })
            : t(node.stated.word)
        }
      />
    </Panel>
  );
}
