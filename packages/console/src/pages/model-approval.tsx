import { PenLine, X } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { api, RequestFailed } from '../api.ts';
import type { Version } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Button } from '../parts/button.tsx';
import { Command, Id } from '../parts/copy.tsx';
import { Empty, Fact, Failed, Panel } from '../parts/panel.tsx';
import { StateIcon, StateMark } from '../parts/state-mark.tsx';
import { Ago } from '../parts/time.tsx';
import { putAnswer, reloadAll, useConnection } from '../query.ts';

const digestShape = /^sha256:[0-9a-f]{64}$/;

/** Who may sign, what a signature binds, the checks, and the act itself. */
export function ApprovalPanel({ version }: { readonly version: Version }) {
  const { t, rich } = useConsole();
  const { proposal } = version;
  const command = `backlot approve ${version.model} ${version.version} --reason "..."`;
  return (
    <Panel
      title={proposal ? t('approval.for', { endpoint: proposal.endpoint }) : t('approval.title')}
      className="grows approval"
      aside={
        proposal &&
        version.approval === 'proposed' && (
          <span className="small second">
            {rich('approval.expires', { when: <Ago at={proposal.expiresAt} /> })}
          </span>
        )
      }
      foot={
        proposal && version.approval === 'proposed' ? (
          <Decide version={version} command={command} />
        ) : (
          <Command>
            {proposal ? `backlot models ${version.model} ${version.version}` : command}
          </Command>
        )
      }
    >
      {proposal ? (
        <>
          <People version={version} />
          <div className="approval-part">
            <p className="small second">{t('approval.binds')}</p>
            <dl className="facts">
              {proposal.binds.map(({ name, value }) => (
                <Fact key={name} label={<bdi>{name}</bdi>}>
                  {digestShape.test(value) ? (
                    <Id id={value} copy={false} />
                  ) : (
                    <bdi className="small">{value}</bdi>
                  )}
                </Fact>
              ))}
            </dl>
          </div>
          <Checks checks={proposal.checks} />
        </>
      ) : (
        <Empty sentence={t('approval.notProposed')} />
      )}
    </Panel>
  );
}

/** What was checked before the proposal, each with its measure. */
function Checks({ checks }: Pick<NonNullable<Version['proposal']>, 'checks'>) {
  return (
    <ul className="checks small">
      {checks.map((check) => (
        <li key={check.name}>
          <StateIcon sign={check.ok ? 'ok' : 'warn'} size={15} />
          <div>
            <bdi>{check.name}</bdi>
            <bdi className="second">{check.measure}</bdi>
          </div>
        </li>
      ))}
    </ul>
  );
}

/** The proposer, those who decided, and the asker. */
function People({ version }: { readonly version: Version }) {
  const { t, rich, principal } = useConsole();
  const { proposal, decisions, mayApprove } = version;
  const decided = decisions.some(({ by }) => by === principal.id || by === principal.title);
  return (
    <ul className="people">
      <PersonRow name={proposal!.by} note={t('approval.author')}>
        {rich('approval.proposed.at', { when: <Ago at={proposal!.at} /> })}
      </PersonRow>
      {decisions.map((decision) => (
        <PersonRow
          key={`${decision.by} ${decision.at}`}
          name={decision.by}
          note={
            <StateMark sign={decision.decision === 'approved' ? 'ok' : 'refused'}>
              {t(`approval.did.${decision.decision}`)}
            </StateMark>
          }
        >
          {rich('approval.said', {
            reason: <bdi>{decision.reason}</bdi>,
            when: <Ago at={decision.at} />,
          })}
          {decision.statement && (
            <>
              {' '}
              <Id id={decision.statement} />
            </>
          )}
        </PersonRow>
      ))}
      {version.approval === 'proposed' && !decided && (
        <PersonRow
          name={principal.title}
          turn={mayApprove.allowed}
          you
          note={
            mayApprove.allowed ? (
              <StateMark sign="wait">{t('approval.yourTurn')}</StateMark>
            ) : undefined
          }
        >
          {mayApprove.allowed ? t('approval.outside') : <bdi>{mayApprove.reason}</bdi>}
        </PersonRow>
      )}
    </ul>
  );
}

function PersonRow(props: {
  readonly name: string;
  readonly note?: ReactNode;
  readonly you?: boolean;
  readonly turn?: boolean;
  readonly children: ReactNode;
}) {
  const { t } = useConsole();
  return (
    <li>
      <span className={props.turn ? 'avatar turn' : 'avatar'} aria-hidden>
        {[...props.name][0]?.toUpperCase()}
      </span>
      <div>
        <p className="person-name">
          <b className="name">{props.you ? t('approval.you') : <bdi>{props.name}</bdi>}</b>
          <span className="second">{props.note}</span>
        </p>
        <p className="small second">{props.children}</p>
      </div>
    </li>
  );
}

/** Reason and act for who may sign; for everyone else why there is no button. */
function Decide({ version, command }: { readonly version: Version; readonly command: string }) {
  const { t } = useConsole();
  if (version.mayApprove.allowed) return <DecideForm version={version} />;
  return (
    <div className="stack-small">
      <p className="with-icon small second" role="note">
        <StateIcon sign="skipped" size={14} />
        <span>
          {t('approval.absent')} <bdi>{version.mayApprove.reason}</bdi>
        </span>
      </p>
      <Command>{command}</Command>
    </div>
  );
}

type Decision = 'approve' | 'refuse';

/** Sends a decision and shows the version as it then stands. */
function useDecision(shown: Version) {
  const { model, version } = shown;
  const [busy, setBusy] = useState<Decision>();
  const [error, setError] = useState<RequestFailed>();
  const decide = async (decision: Decision, reason: string): Promise<void> => {
    setBusy(decision);
    setError(undefined);
    try {
      await api.decide(shown, decision, reason);
      putAnswer(`version ${model} ${version}`, await api.version(model, version));
      reloadAll();
    } catch (cause) {
      if (!(cause instanceof RequestFailed)) throw cause;
      setError(cause);
    } finally {
      setBusy(undefined);
    }
  };
  return { busy, error, decide };
}

function DecideForm({ version }: { readonly version: Version }) {
  const { t } = useConsole();
  const { busy, error, decide } = useDecision(version);
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const sign = (decision: Decision): void => {
    const given = reason.trim();
    setAsked(given === '');
    if (given === '') field.current?.focus();
    else void decide(decision, given);
  };
  return (
    <div className="stack-small">
      {error && <Failed error={error} />}
      <input
        ref={field}
        className="field"
        aria-invalid={asked || undefined}
        aria-describedby={asked ? 'approval-asked' : undefined}
        aria-label={t('approval.reason')}
        placeholder={t('approval.reason')}
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      {asked && (
        <p id="approval-asked" className="small hue-fail" role="alert">
          {t('approval.needsReason')}
        </p>
      )}
      <DecideButtons busy={busy} onSign={sign} />
    </div>
  );
}

function DecideButtons(props: {
  readonly busy: Decision | undefined;
  readonly onSign: (decision: Decision) => void;
}) {
  const { t } = useConsole();
  const { live } = useConnection();
  const { busy, onSign } = props;
  const because = live ? undefined : t('connection.waits');
  const off = because !== undefined || busy !== undefined;
  const shared = { disabled: off, because };
  return (
    <div className="decide">
      <Button icon={X} {...shared} busy={busy === 'refuse'} onPress={() => onSign('refuse')}>
        {t(busy === 'refuse' ? 'approval.refusing' : 'approval.refuse')}
      </Button>
      <span data-key-r="">
        <Button
          icon={PenLine}
          primary
          {...shared}
          busy={busy === 'approve'}
          onPress={() => onSign('approve')}
        >
          {t(busy === 'approve' ? 'approval.signing' : 'approval.sign')}
        </Button>
      </span>
    </div>
  );
}
