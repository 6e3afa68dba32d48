import type { Column, ColumnProfile, Table as TableOf } from '../api-types.ts';
import { Histogram } from '../charts/histogram.tsx';
import { useConsole } from '../console-context.ts';
import { Code } from '../parts/copy.tsx';
import { Fact, Panel } from '../parts/panel.tsx';
import { StateMark } from '../parts/state-mark.tsx';
import { Link } from '../router.tsx';
import { CloseDetail } from './close-detail.tsx';
import { driftLimit, driftOf } from './table-drift.ts';

/** One column: how its values are spread now and before, and where they come from. */
export function ColumnPanel({
  table,
  column,
}: {
  readonly table: TableOf;
  readonly column: Column;
}) {
  const { t, rich, href, principal, f } = useConsole();
  const { name } = column;
  const find = (profiles: readonly ColumnProfile[] | undefined) =>
    profiles?.find((profile) => profile.name === name);
  const [now, before] = [find(table.profile), find(table.profileBefore)];
  const namespace = encodeURIComponent(`backlot://${principal.workspace}`);
  const node = `dataset/${namespace}/${encodeURIComponent(table.name)}`;
  const search = new URLSearchParams({ focus: node, column: name });
  return (
    <Panel
      title={rich('column.profile', { name: <Code>{name}</Code> })}
      aside={<CloseDetail param="column" />}
    >
      <div className="padded stack">
        {now ? (
          <Spread now={now} before={before} rows={table.snapshots[0]?.rows ?? 0} />
        ) : (
          <p className="small second">{t('column.noProfile')}</p>
        )}
        {now && <Drift now={now} before={before} />}
        {column.rules.length > 0 && (
          <dl className="facts">
            <Fact label={t('column.rules')}>{f.list(column.rules)}</Fact>
          </dl>
        )}
        <Link className="link" href={`${href('lineage')}?${search}`}>
          {t('column.lineage')}
        </Link>
      </div>
    </Panel>
  );
}

const levels = [0.01, 0.25, 0.5, 0.75, 0.99] as const;

function Spread(props: {
  readonly now: ColumnProfile;
  readonly before: ColumnProfile | undefined;
  readonly rows: number;
}) {
  const { t, f } = useConsole();
  const { now, before, rows } = props;
  const share = (count: number): string => f.share(count / (rows || 1));
  const { histogram, quantiles, top, languages } = now;
  return (
    <>
      {histogram && (
        <figure>
          <Histogram
            large
            counts={histogram.counts}
            before={before?.histogram?.counts}
            label={t('table.distributionOf', {
              name: now.name,
              note: t('table.range', {
                low: f.number(histogram.low),
                high: f.number(histogram.high),
              }),
            })}
          />
          <figcaption className="small second spread-ends" dir="ltr">
            <span>{f.number(histogram.low)}</span>
            <span>{f.number(histogram.high)}</span>
          </figcaption>
        </figure>
      )}
      <dl className="facts">
        <Fact label={t('table.nulls')}>{share(now.nulls)}</Fact>
        <Fact label={t('table.distinct')}>
          {f.exact(now.distinct)} {!now.exact && t('column.estimated')}
        </Fact>
        {quantiles?.length === levels.length &&
          levels.map((level, at) => (
            <Fact key={level} label={f.share(level)}>
              {f.number(quantiles[at]!)}
            </Fact>
          ))}
      </dl>
      {top && top.length > 0 && (
        <section>
          <h3 className="small second">{t('column.top')}</h3>
          <dl className="facts">
            {top.slice(0, 8).map(({ value, rows: count }) => (
              <Fact key={value} label={<bdi>{value}</bdi>}>
                {share(count)}
              </Fact>
            ))}
          </dl>
        </section>
      )}
      {languages && languages.length > 0 && (
        <section>
          <h3 className="small second">{t('column.languages')}</h3>
          <dl className="facts">
            {languages.slice(0, 8).map(({ language, share: part }) => (
              <Fact
                key={language}
                label={language === 'und' ? t('column.unknownLanguage') : <Code>{language}</Code>}
              >
                {f.share(part)}
              </Fact>
            ))}
          </dl>
        </section>
      )}
    </>
  );
}

/** What the server measured, or else what both histograms tell. */
function Drift({
  now,
  before,
}: {
  readonly now: ColumnProfile;
  readonly before: ColumnProfile | undefined;
}) {
  const { t, f } = useConsole();
  const psi = now.drift?.psi ?? driftOf(now, before);
  if (psi === undefined && !now.drift) return null;
  const text = psi === undefined ? '' : f.decimal(psi, 2);
  return (
    <section>
      <h3 className="small second">{t('column.drift')}</h3>
      <dl className="facts">
        {psi !== undefined && (
          <Fact label={t('column.psi')}>
            {psi > driftLimit ? <StateMark sign="warn">{text}</StateMark> : text}
          </Fact>
        )}
        {now.drift?.ks !== undefined && (
          <Fact label={t('column.ks')}>{f.decimal(now.drift.ks, 2)}</Fact>
        )}
        {now.drift?.top !== undefined && (
          <Fact label={t('column.topChange')}>{f.decimal(now.drift.top, 2)}</Fact>
        )}
        {now.drift && <Fact label={t('column.nullsChange')}>{f.decimal(now.drift.nulls, 3)}</Fact>}
      </dl>
    </section>
  );
}
