import type { Task } from '../api-types.ts';
import { LossCurve } from '../charts/loss-curve.tsx';
import { useConsole } from '../console-context.ts';
import { Meter } from '../parts/number.tsx';
import { Fact } from '../parts/panel.tsx';

type Progress = NonNullable<Task['progress']>;

/** How far a task is, how fast, how long still, and what it makes smaller. */
export function TaskProgress({ task }: { readonly task: Task }) {
  const { progress } = task;
  if (!progress) return null;
  return (
    <>
      <HowFar progress={progress} />
      {task.endedAt === undefined && <Speed progress={progress} />}
      <Loss progress={progress} />
    </>
  );
}

function HowFar({ progress: { done, total, unit } }: { readonly progress: Progress }) {
  const { t, f } = useConsole();
  return (
    <Fact label={t('run.progress')}>
      {total !== undefined && (
        <Meter
          label={t('run.progress')}
          value={done}
          max={total}
          text={f.share(done / total)}
          tone="run"
        />
      )}
      <bdi>
        {total === undefined
          ? t('run.progressDone', { done: f.number(done), unit })
          : t('run.progressOf', { done: f.number(done), total: f.number(total), unit })}
      </bdi>
    </Fact>
  );
}

function Speed({ progress: { done, total, rate = 0 } }: { readonly progress: Progress }) {
  const { t, f } = useConsole();
  if (rate <= 0) return null;
  const left = total === undefined ? 0 : ((total - done) / rate) * 1000;
  return (
    <Fact label={t('run.speed')}>
      {left > 0
        ? t('run.rateLeft', { rate: f.decimal(rate, 1), time: f.duration(left) })
        : t('run.rate', { rate: f.decimal(rate, 1) })}
    </Fact>
  );
}

function Loss({ progress: { loss, losses = [] } }: { readonly progress: Progress }) {
  const { t, f } = useConsole();
  if (loss === undefined) return null;
  const first = losses[0];
  return (
    <Fact label={t('run.loss')}>
      <bdi dir="ltr">{f.decimal(loss, 4)}</bdi>
      {first && losses.length > 1 && (
        <LossCurve
          points={losses}
          label={t('run.lossFrom', { first: f.decimal(first.loss, 4), last: f.decimal(loss, 4) })}
        />
      )}
    </Fact>
  );
}
