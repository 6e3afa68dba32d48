import { useEffect, useState } from 'react';
import { api } from '../api.ts';
import type { EntryDetail, Json } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { checkInclusion, type Inclusion } from '../inclusion.ts';
import { Code, Command, Copyable, Id } from '../parts/copy.tsx';
import { Answered, Fact, Panel } from '../parts/panel.tsx';
import { StateMark } from '../parts/state-mark.tsx';
import { useQuery } from '../query.ts';
import { useAddress } from '../router.tsx';
import { Act } from './audit-entries.tsx';
import { ProofTree } from './audit-proof.tsx';
import { CloseDetail } from './close-detail.tsx';

const digestShape = /^sha256:[0-9a-f]{64}$/;

/** An entry, and the proof that the signed checkpoint includes it, recomputed here. */
export function EntryPanel({ position }: { readonly position: number }) {
  const { t, f, href } = useConsole();
  const { query: search } = useAddress();
  const query = useQuery(`audit entry ${position}`, () => api.auditEntry(position), 60_000);
  return (
    <Panel
      title={t('audit.entryTitle', { position: f.exact(position) })}
      className="grows"
      aside={<CloseDetail href={`${href('audit')}${search.size > 0 ? `?${search}` : ''}`} />}
      copies={{ cli: 'backlot audit verify' }}
      foot={<Command>{'backlot audit verify'}</Command>}
    >
      <Answered query={query}>{(detail) => <Detail detail={detail} />}</Answered>
    </Panel>
  );
}

function Detail({ detail }: { readonly detail: EntryDetail }) {
  const { t, f } = useConsole();
  const { entry, checkpoint } = detail;
  return (
    <div className="entry">
      <div className="entry-part">
        <p className="entry-line">
          <bdi className="name">{entry.actor}</bdi> <Act action={entry.action} />{' '}
          <bdi dir="ltr">{entry.resource}</bdi>
        </p>
        <p className="small second">{f.instant(entry.at)}</p>
        <dl className="facts">
          {factsOf(entry.facts).map(([key, value]) => (
            <Fact key={key} label={<Code>{key}</Code>}>
              {digestShape.test(value) ? (
                <Id id={value} />
              ) : (
                <bdi dir="ltr" className="small">
                  {value}
                </bdi>
              )}
            </Fact>
          ))}
          <Fact label={t('audit.leaf')}>
            <Copyable text={detail.leaf.slice(0, 12)} label={t('copy.id', { id: detail.leaf })} />
          </Fact>
          {checkpoint && (
            <Fact label={t('audit.signedWith')}>
              <Id id={checkpoint.key} />
            </Fact>
          )}
        </dl>
      </div>
      <Proof detail={detail} />
    </div>
  );
}

/** Facts are salted commitments and names, never personal data; a nested one prints as JSON. */
function factsOf(facts: Json): readonly (readonly [string, string])[] {
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts)) return [];
  return Object.entries(facts).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
}

function Proof({ detail }: { readonly detail: EntryDetail }) {
  const { t } = useConsole();
  const [found, setFound] = useState<Inclusion>();
  const { proof } = detail;
  useEffect(() => {
    if (proof === undefined) return;
    let wanted = true;
    void checkInclusion({
      bytes: detail.bytes,
      position: detail.entry.position,
      size: proof.size,
      path: proof.path,
      root: proof.root,
    }).then((result) => wanted && setFound(result));
    return () => {
      wanted = false;
    };
  }, [detail, proof]);
  if (proof === undefined) return <p className="entry-part small second">{t('audit.noProof')}</p>;
  if (found === undefined) return null;
  const ok = found.holds && found.leaf === detail.leaf;
  return (
    <>
      <div className="entry-part">
        <p className="row spread">
          <b>{t('audit.proof')}</b>
          <StateMark sign={ok ? 'ok' : 'fail'}>{t(ok ? 'audit.holds' : 'audit.broken')}</StateMark>
        </p>
        <ProofTree found={found} />
      </div>
      <div className="entry-part">
        <p className="small second">{t('audit.path', { count: proof.path.length })}</p>
        <ol className="path-lines mono" dir="ltr">
          <li>{`leaf  ${found.leaf.slice(0, 8)} ${found.leaf.slice(8, 16)}`}</li>
          {found.steps.slice(0, 5).map((step) => (
            <li key={step.sibling}>
              {`${step.side.padEnd(5)} ${step.sibling.slice(0, 8)} ${step.sibling.slice(8, 16)}`}
            </li>
          ))}
          {found.steps.length > 5 && <li>{t('home.more', { count: found.steps.length - 5 })}</li>}
        </ol>
      </div>
    </>
  );
}
