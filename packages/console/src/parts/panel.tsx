import { Lock, RefreshCw, Table2 } from 'lucide-react';
import { type ReactNode, useEffect, useId, useState } from 'react';
import type { RequestFailed } from '../api.ts';
import { useConsole } from '../console-context.ts';
import type { Query } from '../query.ts';
import { Button, IconButton } from './button.tsx';
import { Code, Command } from './copy.tsx';
import { type Copies, MoreMenu, useCopyActs } from './menu.tsx';
import { StateIcon } from './state-mark.tsx';
import { useScrollFocus } from './use-scroll-focus.ts';

interface PanelProps {
  readonly title: ReactNode;
  /** Right of the title: a legend, a count or a filter. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  /** The same facts as a table; every chart has one. */
  readonly twin?: ReactNode;
  readonly copies?: Copies;
  /** A command or an act at the panel's foot. */
  readonly foot?: ReactNode;
  readonly className?: string;
}

/** A framed part of a page. It fails, loads and is copied alone. */
export function Panel(props: PanelProps) {
  const { t } = useConsole();
  const titleId = useId();
  const [asTable, setAsTable] = useState(false);
  const body = useScrollFocus<HTMLDivElement>();
  return (
    <section className={`panel ${props.className ?? ''}`} aria-labelledby={titleId}>
      <header className="panel-head">
        <h2 id={titleId}>{props.title}</h2>
        <span className="panel-aside">{props.aside}</span>
        {props.twin !== undefined && (
          <IconButton
            icon={Table2}
            label={t('panel.twin')}
            pressed={asTable}
            onPress={() => setAsTable(!asTable)}
          />
        )}
        {props.copies && <PanelMenu copies={props.copies} />}
      </header>
      <div className="panel-body" ref={body}>
        {asTable ? props.twin : props.children}
      </div>
      {props.foot !== undefined && <footer className="panel-foot">{props.foot}</footer>}
    </section>
  );
}

function PanelMenu({ copies }: { readonly copies: Copies }) {
  const { t } = useConsole();
  return <MoreMenu label={t('panel.menu')} acts={useCopyActs(copies)} />;
}

/** Shows a panel's content, or why there is none yet. */
export function Answered<Result>(props: {
  readonly query: Query<Result>;
  readonly rows?: number;
  readonly children: (data: Result) => ReactNode;
}) {
  const { data, error, reload } = props.query;
  if (data !== undefined) return props.children(data);
  if (error === undefined) return <Loading rows={props.rows ?? 6} />;
  return error.status === 401 || error.status === 403 ? (
    <NotAllowed error={error} />
  ) : (
    <Failed error={error} onRetry={reload} />
  );
}

const quietMs = 150;

/** Nothing at first, then the final geometry in grey, and the time it takes from a second on. */
function Loading({ rows }: { readonly rows: number }) {
  const { t, f } = useConsole();
  const [elapsed, setElapsed] = useState(0);
  useEffect(() => {
    const start = Date.now();
    const timer = setInterval(() => setElapsed(Date.now() - start), quietMs);
    return () => clearInterval(timer);
  }, []);
  if (elapsed < quietMs) return <div className="skeleton" aria-busy="true" />;
  return (
    <div className="skeleton" aria-busy="true">
      <span className="hidden-visually" role="status">
        {t('panel.loading')}
      </span>
      {Array.from({ length: rows }, (_, row) => (
        // Skeleton rows are all alike and never move.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <div key={row} className="skeleton-row" aria-hidden>
          <span />
          <span />
          <span />
        </div>
      ))}
      {elapsed >= 1000 && <span className="skeleton-time small third">{f.duration(elapsed)}</span>}
    </div>
  );
}

/** Code, where, why and mend of a failure, and another try. */
export function Failed({
  error,
  onRetry,
}: {
  readonly error: RequestFailed;
  readonly onRetry?: () => void;
}) {
  const { t } = useConsole();
  const { code, reason, place, mend } = error.problem;
  return (
    <div className="failed" role="alert">
      <p className="failed-title">
        <StateIcon sign="fail" />
        <b>{t('panel.failed')}</b>
        <Code>{code}</Code>
      </p>
      <dl className="facts">
        {place !== undefined && <Fact label={t('panel.where')}>{place}</Fact>}
        <Fact label={t('panel.why')}>{reason}</Fact>
        {mend !== undefined && !mend.startsWith('backlot ') && (
          <Fact label={t('panel.mend')}>{mend}</Fact>
        )}
      </dl>
      <div className="row">
        {mend?.startsWith('backlot ') && <Command>{mend}</Command>}
        {onRetry && (
          <Button icon={RefreshCw} onPress={onRetry}>
            {t('panel.again')}
          </Button>
        )}
      </div>
    </div>
  );
}

function NotAllowed({ error }: { readonly error: RequestFailed }) {
  const { t } = useConsole();
  return (
    <div className="placeholder">
      <Lock aria-hidden size={16} strokeWidth={1.6} className="icon" />
      <b>{t('panel.notAllowed')}</b>
      <p className="small second">{error.problem.reason}</p>
    </div>
  );
}

/** One sentence and one act where there is nothing. */
export function Empty({
  sentence,
  children,
}: {
  readonly sentence: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className="placeholder">
      <p className="second">{sentence}</p>
      {children}
    </div>
  );
}

/** A name and its value on one line. */
export function Fact({
  label,
  children,
}: {
  readonly label: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <div className="fact">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
