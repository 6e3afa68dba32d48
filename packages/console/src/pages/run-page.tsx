import { Play, RotateCcw, Square } from 'lucide-react';
import { useEffect, useState } from 'react';
import { api, watchRun } from '../api.ts';
import type { Run, Task } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { shortId } from '../format/format.ts';
import { Button } from '../parts/button.tsx';
import { Code, Command, Id } from '../parts/copy.tsx';
import { Banner, Page } from '../parts/page.tsx';
import { Answered } from '../parts/panel.tsx';
import { Chip } from '../parts/state-mark.tsx';
import { TabPanel, Tabs } from '../parts/tabs.tsx';
import { Ago } from '../parts/time.tsx';
import { putAnswer, reloadAll, reportConnection, useQuery } from '../query.ts';
import { hrefWith, navigate, useParam } from '../router.tsx';
import { runStates } from '../state.ts';
import { RunArtifacts } from './run-artifacts.tsx';
import { RunGraph } from './run-graph.tsx';
import { RunParameters } from './run-parameters.tsx';
import { RunTasks } from './run-tasks.tsx';
import { RunTimeline } from './run-timeline.tsx';
import { TaskPanel } from './task-panel.tsx';

const ended = new Set(['succeeded', 'failed', 'cancelled']);

/** What is it doing, or why did it stop? Live until the run ends. */
export function RunPage({ id }: { readonly id: string }) {
  const key = `run ${id}`;
  const query = useQuery(key, () => api.run(id), 30_000);
  const state = query.data?.state;
  const over = state === undefined || ended.has(state);
  useEffect(() => {
    if (over) return;
    return watchRun(id, (run) => putAnswer(key, run), reportConnection);
  }, [id, key, over]);
  return (
    <Answered query={query} rows={12}>
      {(run) => <Full run={run} />}
    </Answered>
  );
}

function Full({ run }: { readonly run: Run }) {
  const { t, f } = useConsole();
  const [tab, setTab] = useParam('view');
  const [taskId] = useParam('task');
  const current = tab ?? 'timeline';
  const task = run.taskViews.find((each) => each.id === taskId) ?? initialTask(run);
  const pick = (id: string): void =>
    navigate(hrefWith({ task: id, attempt: undefined, tab: undefined }));
  const artifacts = run.taskViews.flatMap((each) => each.outputs);
  return (
    <Page
      title={<bdi dir="ltr">{run.pipeline}</bdi>}
      tags={
        <>
          <span className="small second with-icon">
            {t('run.id')} <Id id={run.id} />
          </span>
          <RunChip run={run} />
        </>
      }
      facts={useFacts(run)}
      acts={<Acts run={run} />}
      banner={run.state === 'failed' && <FailureBanner run={run} />}
      full
    >
      <Tabs
        main
        label={run.pipeline}
        current={current}
        onSelect={(id) => setTab(id === 'timeline' ? undefined : id)}
        tabs={[
          { id: 'timeline', title: t('run.timeline') },
          { id: 'tasks', title: t('run.tasks'), count: f.number(run.taskViews.length) },
          { id: 'artifacts', title: t('run.artifacts'), count: f.number(artifacts.length) },
          { id: 'why', title: t('run.why') },
        ]}
      />
      <TabPanel label={t('run.timeline')}>
        <div className={task ? 'with-side side-400' : 'stack'}>
          <div className="stack">
            {current === 'timeline' && (
              <>
                <RunGraph run={run} selected={task?.id} onPick={pick} />
                <RunTimeline run={run} selected={task?.id} onPick={pick} />
              </>
            )}
            {current === 'tasks' && <RunTasks run={run} selected={task?.id} onPick={pick} />}
            {current === 'artifacts' && <RunArtifacts run={run} />}
            {current === 'why' && <RunParameters run={run} />}
          </div>
          {task && <TaskPanel key={task.id} run={run} task={task} />}
        </div>
      </TabPanel>
    </Page>
  );
}

/** Without a choice the page opens on what one comes for: the failure, else what runs. */
function initialTask(run: Run): Task | undefined {
  return (
    run.taskViews.find(({ state }) => state === 'failed') ??
    run.taskViews.find(({ state }) => state === 'running') ??
    run.taskViews.at(-1)
  );
}

function failedTask(run: Run): Task | undefined {
  return run.taskViews.find(({ state }) => state === 'failed');
}

function RunChip({ run }: { readonly run: Run }) {
  const { t } = useConsole();
  const { sign, word } = runStates[run.state];
  const failed = failedTask(run);
  if (run.state === 'running') {
    return <Chip sign={sign}>{t('run.running', { done: run.done, tasks: run.tasks })}</Chip>;
  }
  if (run.state === 'failed' && failed) {
    return <Chip sign={sign}>{t('run.failedAt', { task: failed.id })}</Chip>;
  }
  return <Chip sign={sign}>{t(word)}</Chip>;
}

function useFacts(run: Run) {
  const { rich, f, now } = useConsole();
  const start = run.startedAt ?? run.createdAt;
  const peak = Math.max(
    0,
    ...run.taskViews.flatMap((task) => task.attempts.map((each) => each.peakMemory ?? 0)),
  );
  const at = (
    <b className="name">
      <Ago at={run.endedAt ?? start} />
    </b>
  );
  const by = <bdi className="name">{run.by}</bdi>;
  return [
    run.endedAt === undefined ? rich('run.startedBy', { at, by }) : rich('run.endedBy', { at, by }),
    rich('run.plan', { plan: <Code>{shortId(run.plan)}</Code> }),
    rich(run.endedAt === undefined ? 'run.since' : 'run.took', {
      time: <b className="name">{f.duration((run.endedAt ?? now) - start)}</b>,
    }),
    ...(peak > 0 ? [rich('run.peak', { bytes: <b className="name">{f.bytes(peak)}</b> })] : []),
  ];
}

/** One primary act: what a person most likely came to do. */
function Acts({ run }: { readonly run: Run }) {
  const { t, href } = useConsole();
  const [busy, setBusy] = useState<string>();
  const act = (
    name: string,
    promise: Promise<{ readonly id?: string; readonly run?: string }>,
  ): void => {
    setBusy(name);
    void promise
      .then((answer) => {
        if (answer.run !== undefined) navigate(href('runs', answer.run));
        else reloadAll();
      })
      .finally(() => setBusy(undefined));
  };
  const failed = failedTask(run);
  if (!ended.has(run.state)) {
    return (
      <Button
        icon={Square}
        busy={busy === 'cancel' || run.state === 'cancelling'}
        onPress={() => act('cancel', api.cancelRun(run.id))}
      >
        {t(run.state === 'cancelling' ? 'state.cancelling' : 'act.cancel')}
      </Button>
    );
  }
  return (
    <>
      <Button
        icon={RotateCcw}
        busy={busy === 'again'}
        onPress={() => act('again', api.startRun(run.pipeline))}
      >
        {t('act.runAgain')}
      </Button>
      {run.state !== 'succeeded' && (
        <span data-key-r="">
          <Button
            icon={Play}
            primary
            busy={busy === 'resume'}
            onPress={() => act('resume', api.resumeRun(run.id))}
          >
            {busy === 'resume'
              ? t('act.resuming')
              : failed
                ? t('act.resumeFrom', { task: failed.id })
                : t('act.resume')}
          </Button>
        </span>
      )}
    </>
  );
}

function FailureBanner({ run }: { readonly run: Run }) {
  const { rich, t } = useConsole();
  const failed = failedTask(run);
  const problem = failed?.attempts.at(-1)?.error ?? run.error;
  const waiting = run.taskViews.filter(({ state }) => state === 'upstream_failed').length;
  return (
    <Banner sign="fail" act={run.resume && <Command>{run.resume}</Command>}>
      <b>
        {rich('run.stoppedBecause', {
          task: <bdi dir="ltr">{failed?.id ?? run.pipeline}</bdi>,
          reason: <bdi dir="ltr">{problem?.reason ?? t('run.noReason')}</bdi>,
        })}
      </b>{' '}
      <span className="second">{t('run.resumeRepeats', { count: waiting + 1 })}</span>
    </Banner>
  );
}
