import { Play } from 'lucide-react';
import type { ReactNode } from 'react';
import { api } from '../api.ts';
import { apiCommand } from '../api-command.ts';
import type { Need } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import type { MessageKey } from '../i18n/catalogue-en.ts';
import { Button } from '../parts/button.tsx';
import { Empty, Panel } from '../parts/panel.tsx';
import { Segments } from '../parts/segments.tsx';
import { StateMark } from '../parts/state-mark.tsx';
import { Ago } from '../parts/time.tsx';
import { reloadAll } from '../query.ts';
import { Link, navigate, useParam } from '../router.tsx';
import type { Sign } from '../state.ts';

const signs: Readonly<Record<Need['kind'], Sign>> = {
  failed: 'fail',
  review: 'wait',
  quarantine: 'warn',
  refused: 'refused',
  stale: 'stale',
};

const filters = ['failed', 'review', 'data'] as const;
type Filter = (typeof filters)[number];

function filterOf(kind: Need['kind']): Filter {
  return kind === 'failed' || kind === 'review' ? kind : 'data';
}

/** What needs a person, most urgent first; each row has one act. */
export function NeedsPanel({ needs }: { readonly needs: readonly Need[] }) {
  const { t, f } = useConsole();
  const [filter, setFilter] = useParam('filter');
  const shown = needs.filter((need) => filter === undefined || filterOf(need.kind) === filter);
  const firstFailed = shown.find((need) => need.kind === 'failed');
  const segments = [
    { id: 'all', title: t('home.filter.all'), count: f.number(needs.length) },
    ...filters.map((id) => ({
      id,
      title: t(`home.filter.${id}`),
      count: f.number(needs.filter((need) => filterOf(need.kind) === id).length),
    })),
  ];
  return (
    <Panel
      title={t('home.needsYou')}
      aside={
        <Segments
          label={t('home.needsYou')}
          segments={segments}
          current={filter ?? 'all'}
          onSelect={(id) => setFilter(id === 'all' ? undefined : id)}
        />
      }
      copies={{ cli: apiCommand('/home') }}
    >
      {shown.length === 0 ? (
        <Empty sentence={t('home.nothing')} />
      ) : (
        <ul className="needs" data-rows="">
          {shown.map((need) => (
            <NeedRow key={`${need.kind} ${need.link}`} need={need} primary={need === firstFailed} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function NeedRow({ need, primary }: { readonly need: Need; readonly primary: boolean }) {
  const { t, principal } = useConsole();
  const link = `/${principal.workspace}/${principal.project}${need.link}`;
  const resume = (): void => {
    const run = need.link.split('/').at(-1)!.split('?')[0]!;
    void api.resumeRun(run).then(() => {
      reloadAll();
      navigate(link);
    });
  };
  return (
    <li className="need">
      <StateMark sign={signs[need.kind]}>{t(`need.${need.kind}`)}</StateMark>
      <div className="need-text">
        <Link href={link} data-row={need.link} className="need-title">
          <NeedTitle need={need} />
        </Link>
        <p className="small second">
          <NeedDetail need={need} />
        </p>
      </div>
      <span className="small third need-time">
        {need.dueAt === undefined ? <Ago at={need.at} /> : <Due at={need.dueAt} />}
      </span>
      {need.kind === 'failed' ? (
        <Button icon={Play} primary={primary} onPress={resume}>
          {t('act.resume')}
        </Button>
      ) : (
        <Link href={link} className="button">
          {t(
            need.kind === 'review'
              ? 'act.review'
              : need.kind === 'stale'
                ? 'act.open'
                : 'act.seeRows',
          )}
        </Link>
      )}
    </li>
  );
}

function Due({ at }: { readonly at: number }) {
  const { rich } = useConsole();
  return rich('need.due', { when: <Ago at={at} /> });
}

/** A fact as text; what the server left out stays out of the sentence. */
function useFacts(need: Need) {
  const { f } = useConsole();
  const number = (key: string): number => Number(need.facts[key] ?? 0);
  return {
    has: (...keys: readonly string[]): boolean =>
      keys.every((key) => need.facts[key] !== undefined),
    number,
    text: (key: string): ReactNode => {
      const value = need.facts[key];
      return typeof value === 'number' ? f.number(value) : <bdi>{value}</bdi>;
    },
  };
}

function NeedTitle({ need }: { readonly need: Need }) {
  const { rich } = useConsole();
  const facts = useFacts(need);
  const subject = (
    <bdi dir="ltr" className="mono">
      {need.subject}
    </bdi>
  );
  const bold = (key: string) => <b className="name">{facts.text(key)}</b>;
  const key: MessageKey =
    need.kind === 'failed' && !facts.has('task')
      ? 'need.failed.titleBare'
      : `need.${need.kind}.title`;
  return rich(key, {
    subject,
    task: bold('task'),
    version: <bdi dir="ltr" className="mono">{`v${need.facts.version ?? ''}`}</bdi>,
    rows: facts.text('rows'),
    of: facts.text('of'),
    provider: bold('provider'),
    endpoint: bold('endpoint'),
  });
}

function NeedDetail({ need }: { readonly need: Need }) {
  const { rich, f } = useConsole();
  const facts = useFacts(need);
  const values = {
    reason: facts.text('reason'),
    done: facts.text('done'),
    tasks: facts.text('tasks'),
    metric: <bdi dir="ltr">{need.facts.metric}</bdi>,
    change: (
      <bdi dir="ltr">
        {
          f.interval(
            { value: facts.number('change'), low: facts.number('low'), high: facts.number('high') },
            { signed: true },
          ).text
        }
      </bdi>
    ),
    by: facts.text('by'),
    rule: <bdi dir="ltr">{need.facts.rule}</bdi>,
    mend: facts.text('mend'),
    age: f.duration(facts.number('age')),
    limit: f.duration(facts.number('limit')),
  };
  const shapes: readonly (readonly [Need['kind'], readonly string[], MessageKey])[] = [
    ['failed', ['reason', 'done', 'tasks'], 'need.failed.detail'],
    ['failed', ['reason'], 'need.reason'],
    ['review', ['metric', 'change', 'low', 'high', 'by'], 'need.review.detail'],
    ['review', ['by'], 'need.review.by'],
    ['quarantine', ['rule', 'mend'], 'need.quarantine.detail'],
    ['quarantine', ['rule'], 'need.quarantine.rule'],
    ['refused', ['reason'], 'need.reason'],
    ['stale', ['age', 'limit'], 'need.stale.detail'],
  ];
  const fit = shapes.find(([kind, keys]) => kind === need.kind && facts.has(...keys));
  return fit ? rich(fit[2], values) : <bdi dir="ltr">{need.command}</bdi>;
}
