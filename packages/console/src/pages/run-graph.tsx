import { useEffect } from 'react';
import type { Run } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { type FoldedNode, foldFanOuts, foldTasks } from '../graph/fold.ts';
import { Graph } from '../graph/graph.tsx';
import { Panel } from '../parts/panel.tsx';
import { Segments } from '../parts/segments.tsx';
import { hrefWith, navigate, useParam } from '../router.tsx';
import { RunTaskTable } from './run-tasks.tsx';

interface RunPart {
  readonly run: Run;
  readonly selected: string | undefined;
  readonly onPick: (task: string) => void;
}

/** The shape of the run, with live states; the list holds the same facts. */
export function RunGraph({ run, selected, onPick }: RunPart) {
  const { t } = useConsole();
  const [shape, setShape] = useParam('shape');
  const nodes = foldFanOuts(foldTasks(run.taskViews));
  const note = useNote(run);
  const holder = nodes.find((node) => node.tasks.some(({ id }) => id === selected));
  useEffect(() => {
    if (shape !== undefined && shape !== 'list')
      navigate(hrefWith({ shape: undefined }), { replace: true });
  }, [shape]);
  return (
    <Panel
      title={t('run.graph')}
      aside={
        <Segments
          label={t('run.graph')}
          current={shape ?? 'graph'}
          onSelect={(id) => setShape(id === 'graph' ? undefined : id)}
          segments={[
            { id: 'graph', title: t('run.graph') },
            { id: 'list', title: t('run.list') },
          ]}
        />
      }
      copies={{ cli: `backlot runs ${run.id}` }}
    >
      {shape === 'list' ? (
        <RunTaskTable run={run} selected={selected} onPick={onPick} />
      ) : (
        <Graph
          label={t('run.graph')}
          nodes={nodes}
          selected={holder?.id}
          onPick={(id) => onPick(nodes.find((node) => node.id === id)!.tasks[0]!.id)}
          note={note}
          maxHeight={260}
        />
      )}
    </Panel>
  );
}

/** The second line of a node: how many shards are done, how long it took, or what it waits for. */
function useNote(run: Run): (node: FoldedNode) => string {
  const { t, f, now } = useConsole();
  const tasks = new Map(run.taskViews.map((task) => [task.id, task] as const));
  return (node) => {
    if (node.tasks.length > 1) {
      return t('runs.doneOf', { done: node.done, tasks: node.tasks.length });
    }
    const task = tasks.get(node.tasks[0]!.id);
    if (task?.cache?.hit) return t('state.cached');
    if (task?.progress?.total && task.endedAt === undefined)
      return f.share(task.progress.done / task.progress.total);
    if (task?.startedAt !== undefined) return f.brief((task.endedAt ?? now) - task.startedAt);
    return t(node.stated.word);
  };
}
