import { ChevronRight, GitCompareArrows } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { api } from '../api.ts';
import type { MetricRow, Version } from '../api-types.ts';
import { verdictOf } from '../charts/interval-forest.tsx';
import { useConsole } from '../console-context.ts';
import { shortId } from '../format/format.ts';
import type { Translate } from '../i18n/translate.ts';
import { Button } from '../parts/button.tsx';
import { Id } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Panel } from '../parts/panel.tsx';
import { Chip } from '../parts/state-mark.tsx';
import { TabPanel, Tabs } from '../parts/tabs.tsx';
import { type Kind, places } from '../places.ts';
import { useQuery } from '../query.ts';
import { Link, navigate, useParam } from '../router.tsx';
import { approvalStates } from '../state.ts';
import { ApprovalPanel } from './model-approval.tsx';
import { DiffPanel } from './model-diff.tsx';
import { MetricsPanel, slicesOf } from './model-metrics.tsx';
import { PrivacyPanel } from './model-privacy.tsx';

/** Should it replace what serves? */
export function ModelPage({ name, version }: { readonly name: string; readonly version: number }) {
  const query = useQuery(`version ${name} ${version}`, () => api.version(name, version));
  return (
    <Answered query={query} rows={12}>
      {(found) => <Full version={found} />}
    </Answered>
  );
}

function Full({ version }: { readonly version: Version }) {
  const { t, f, href } = useConsole();
  const [tab, setTab] = useParam('tab');
  const current = tab ?? 'card';
  const against = version.diff?.against;
  const title = `${version.model} v${version.version}`;
  return (
    <Page
      title={<bdi dir="ltr">{title}</bdi>}
      chip={<ApprovalChip version={version} />}
      tags={
        <>
          {version.aliases.map((alias) => (
            <span className="tag" key={alias}>
              {alias}
            </span>
          ))}
          <Id id={version.digest} />
        </>
      }
      sentence={<Verdict version={version} />}
      acts={
        against !== undefined && (
          <span data-key-c="" className="row">
            <Button
              icon={GitCompareArrows}
              onPress={() => navigate(href('models', version.model, against))}
            >
              {t('model.compareWith', { version: `v${against}` })}
            </Button>
          </span>
        )
      }
      full
    >
      <Tabs
        main
        label={title}
        current={current}
        onSelect={(id) => setTab(id === 'card' ? undefined : id)}
        tabs={[
          { id: 'card', title: t('model.card') },
          { id: 'metrics', title: t('model.metrics'), count: f.number(version.rows.length) },
          { id: 'text', title: t('model.fullCard') },
        ]}
      />
      <TabPanel label={t('model.card')}>
        {current === 'card' && <LineageStrip version={version} />}
        <Body version={version} tab={current} />
      </TabPanel>
    </Page>
  );
}

/** The chosen tab beside the approval. */
function Body({ version, tab }: { readonly version: Version; readonly tab: string }) {
  const { t } = useConsole();
  return (
    <div className="with-side side-336">
      <div className="stack">
        {tab === 'text' ? (
          <Panel
            title={t('model.fullCard')}
            className="grows"
            copies={{ cli: `backlot models ${version.model} ${version.version}` }}
          >
            <pre className="card-text" dir="auto">
              {version.cardMarkdown}
            </pre>
          </Panel>
        ) : (
          <MetricsPanel version={version} all={tab === 'metrics'} />
        )}
        {tab === 'card' && (
          <div className="halves">
            <PrivacyPanel version={version} />
            <DiffPanel version={version} />
          </div>
        )}
      </div>
      <ApprovalPanel version={version} />
    </div>
  );
}

function ApprovalChip({ version }: { readonly version: Version }) {
  const { t } = useConsole();
  const { sign, word } = approvalStates[version.approval];
  return <Chip sign={sign}>{t(word)}</Chip>;
}

/** Rows of the first dimension that the difference is known for. */
function slicedRows(version: Version): readonly MetricRow[] {
  const withDifference = version.rows.filter(
    ({ slice, difference }) => slice !== 'all' && difference,
  );
  const dimension = slicesOf(version).find((name) =>
    withDifference.some(({ slice }) => slice === name),
  );
  const first = withDifference.find(({ slice }) => slice === dimension);
  return withDifference.filter(
    ({ slice, metric }) => slice === first?.slice && metric === first.metric,
  );
}

const namedSlices = ['storefront', 'locale', 'activity', 'genre', 'decade', 'language'] as const;

/** The plural of what was sliced by; a slice that the catalogue does not know keeps its name. */
function sliceWord(t: Translate, slice: string, count: number): string {
  const known = namedSlices.find((name) => name === slice);
  return known ? t(`slice.${known}`, { count }) : t('model.slices', { slice, count });
}

/** The one sentence that answers the page, made from the same intervals as the marks. */
function Verdict({ version }: { readonly version: Version }) {
  const { t, rich, f } = useConsole();
  const total = version.rows.find(({ slice, difference }) => slice === 'all' && difference);
  const slices = slicedRows(version);
  const count = (verdict: string): number =>
    slices.filter(({ difference }) => verdictOf(difference!) === verdict).length;
  const base = version.baseline ?? t('model.baseline');
  if (total?.difference === undefined)
    return <span className="second">{t('model.noBaseline')}</span>;
  if (slices.length === 0) {
    return rich(`model.verdict.${verdictOf(total.difference)}`, {
      base: <bdi dir="ltr">{base}</bdi>,
      metric: <bdi dir="ltr">{total.metric}</bdi>,
      change: <bdi dir="ltr">{f.interval(total.difference, { signed: true }).text}</bdi>,
    });
  }
  const undecided = slices.filter(({ difference }) => verdictOf(difference!) === 'undecided');
  return (
    <>
      <b>
        {rich('model.sentence', {
          base: <bdi dir="ltr">{base}</bdi>,
          better: f.number(count('better')),
          all: f.number(slices.length),
          worse: count('worse') === 0 ? t('model.none') : f.number(count('worse')),
          slice: sliceWord(t, slices[0]!.slice, slices.length),
        })}
      </b>{' '}
      {undecided.length > 0 && (
        <span className="second">
          {rich(
            'model.undecided',
            { values: <bdi>{f.all(undecided.slice(0, 4).map(({ value }) => value))}</bdi> },
            undecided.length,
          )}
        </span>
      )}
    </>
  );
}

interface LineageStep {
  readonly kind: Kind;
  readonly title: string;
  readonly note: string;
  readonly href?: string;
  readonly here?: boolean;
}

/** What the version came from and where it is to go. */
function useLineage(version: Version): readonly LineageStep[] {
  const { t, f, href } = useConsole();
  const tables = useQuery('tables', api.tables).data?.tables ?? [];
  // An input has the name of its part in the pipeline, so the snapshot tells its table.
  const tableOf = (name: string, digest: string): string | undefined =>
    (
      tables.find(({ snapshot }) => snapshot === digest) ??
      tables.find((each) => each.name === name)
    )?.name;
  const hrefOf = (table: string | undefined) =>
    table === undefined ? {} : { href: href('tables', table) };
  return [
    ...version.inputs.slice(0, 3).map((input) => ({
      kind: 'tables' as const,
      title: `${input.name} ${shortId(input.digest)}`,
      note:
        input.rows === undefined
          ? ''
          : t('model.rowCount', { count: input.rows, rows: f.number(input.rows) }),
      ...hrefOf(tableOf(input.name, input.digest)),
    })),
    ...(version.run
      ? [
          {
            kind: 'runs' as const,
            title: t('model.run', { id: shortId(version.run) }),
            note: version.estimator,
            href: href('runs', version.run),
          },
        ]
      : []),
    {
      kind: 'models',
      title: `${version.model} v${version.version}`,
      note: `${shortId(version.digest)}, ${f.bytes(version.bytes)}`,
      here: true,
    },
    ...(version.proposal
      ? [
          {
            kind: 'endpoints' as const,
            title: version.proposal.endpoint,
            note: t('model.target'),
            href: href('endpoints', version.proposal.endpoint),
          },
        ]
      : []),
  ];
}

/** From data to what serves, each a step back or forth. */
function LineageStrip({ version }: { readonly version: Version }) {
  const steps = useLineage(version);
  return (
    <ol className="lineage">
      {steps.map((step, index) => (
        <Fragment key={step.title}>
          {index > 0 && (
            <li aria-hidden className="lineage-arrow">
              <ChevronRight size={14} className="icon third directional" />
            </li>
          )}
          <li className={step.here ? 'lineage-step here' : 'lineage-step'}>
            <LineageLink href={step.href}>
              <LineageIcon kind={step.kind} />
              <bdi dir="ltr" className="name cut">
                {step.title}
              </bdi>
              <bdi className="small second cut">{step.note}</bdi>
            </LineageLink>
          </li>
        </Fragment>
      ))}
    </ol>
  );
}

function LineageLink({
  href,
  children,
}: {
  readonly href: string | undefined;
  readonly children: ReactNode;
}) {
  return href === undefined ? <span>{children}</span> : <Link href={href}>{children}</Link>;
}

function LineageIcon({ kind }: { readonly kind: Kind }) {
  const Icon = places.find((place) => place.kind === kind)!.icon;
  return <Icon aria-hidden size={14} strokeWidth={1.6} className="icon" />;
}
