import { ShieldCheck } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { api, RequestFailed } from '../api.ts';
import type { Audit, Verification } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Button } from '../parts/button.tsx';
import { Code, Id } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Failed } from '../parts/panel.tsx';
import { Chip, StateIcon } from '../parts/state-mark.tsx';
import { Ago } from '../parts/time.tsx';
import { putAnswer, useAnswer, useQuery } from '../query.ts';
import { useParam } from '../router.tsx';
import { EntriesPanel } from './audit-entries.tsx';
import { EntryPanel } from './audit-entry.tsx';

/** Who did what, and can I prove it? */
export function AuditPage({ entry }: { readonly entry: number | undefined }) {
  const [actor] = useParam('actor');
  const [action] = useParam('action');
  const [resource] = useParam('resource');
  const [after] = useParam('after');
  const filter = {
    ...(actor && { actor }),
    ...(action && { action }),
    ...(resource && { resource }),
    ...(after && { after }),
  };
  const query = useQuery(`audit ${JSON.stringify(filter)}`, () => api.audit(filter));
  const verified = useAnswer<Verification>('verification');
  const [error, setError] = useState<RequestFailed>();
  return (
    <AuditFrame audit={query.data} onError={setError}>
      {error && <Failed error={error} />}
      {verified && <VerificationLine found={verified.data} />}
      <div className={entry === undefined ? 'stack' : 'with-side side-376'}>
        <Answered query={query} rows={14}>
          {(audit) => <EntriesPanel audit={audit} selected={entry} />}
        </Answered>
        {entry !== undefined && <EntryPanel key={entry} position={entry} />}
      </div>
    </AuditFrame>
  );
}

function AuditFrame(props: {
  readonly audit: Audit | undefined;
  readonly onError: (error: RequestFailed | undefined) => void;
  readonly children: ReactNode;
}) {
  const { t, rich, f } = useConsole();
  const { audit } = props;
  return (
    <Page
      title={t('rail.audit')}
      chip={<VerifiedChip />}
      facts={[
        rich(
          'audit.entries',
          { number: <b className="name">{f.number(audit?.size ?? 0)}</b> },
          audit?.size ?? 0,
        ),
        ...(audit?.checkpoint
          ? [
              rich('audit.root', { root: <Id id={audit.checkpoint.root} /> }),
              rich('audit.checkpoint', {
                when: (
                  <b className="name">
                    <Ago at={audit.checkpoint.at} />
                  </b>
                ),
              }),
            ]
          : []),
        t('audit.appendOnly'),
      ]}
      acts={<VerifyButton onError={props.onError} />}
      command="backlot audit verify"
      full
    >
      {props.children}
    </Page>
  );
}

function VerifiedChip() {
  const { t, f, now } = useConsole();
  const verified = useAnswer<Verification>('verification');
  if (verified === undefined) return <Chip sign="idle">{t('audit.notVerified')}</Chip>;
  const { data, at } = verified;
  return data.ok ? (
    <Chip sign="ok">{t('audit.verified', { when: f.ago(Math.min(at, now), now) })}</Chip>
  ) : (
    <Chip sign="fail">{t('audit.failedAt', { position: f.exact(data.firstBad ?? 0) })}</Chip>
  );
}

function VerifyButton({
  onError,
}: {
  readonly onError: (error: RequestFailed | undefined) => void;
}) {
  const { t } = useConsole();
  const [busy, setBusy] = useState(false);
  const verify = async (): Promise<void> => {
    setBusy(true);
    onError(undefined);
    try {
      putAnswer('verification', await api.verifyAudit());
    } catch (cause) {
      if (!(cause instanceof RequestFailed)) throw cause;
      onError(cause);
    } finally {
      setBusy(false);
    }
  };
  const verified = useAnswer<Verification>('verification');
  return (
    <Button icon={ShieldCheck} primary busy={busy} onPress={() => void verify()}>
      {t(busy ? 'audit.verifying' : verified ? 'audit.verifyAgain' : 'audit.verify')}
    </Button>
  );
}

function VerificationLine({ found }: { readonly found: Verification }) {
  const { t, f } = useConsole();
  return (
    <div className="verification" role="status">
      <StateIcon sign={found.ok ? 'ok' : 'fail'} size={16} />
      <b className="name">
        {found.ok
          ? t('audit.allRecomputed', { count: found.entries, number: f.number(found.entries) })
          : t('audit.firstBad', { position: f.exact(found.firstBad ?? 0) })}
      </b>
      {found.reason !== undefined && <bdi className="second">{found.reason}</bdi>}
      <span className="second">{f.duration(found.ms)}</span>
      <span className="grow" />
      <span className="small second">
        {t('audit.checkpoints', { count: found.checkpoints })} <Code>{found.root.slice(0, 8)}</Code>
      </span>
    </div>
  );
}
