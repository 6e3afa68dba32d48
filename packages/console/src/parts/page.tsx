import type { ReactNode } from 'react';
import { useConsole } from '../console-context.ts';
import { useConnection } from '../query.ts';
import { Command } from './copy.tsx';
import { StateIcon } from './state-mark.tsx';

/** A page's head answers its question; its foot is the command that does the same. */
export function Page(props: {
  readonly title: ReactNode;
  readonly chip?: ReactNode;
  readonly tags?: ReactNode;
  /** One sentence, or facts on one line. */
  readonly sentence?: ReactNode;
  readonly facts?: readonly ReactNode[];
  readonly acts?: ReactNode;
  readonly banner?: ReactNode;
  readonly children: ReactNode;
  readonly command?: string | undefined;
  /** Fills the window, so that panels scroll inside it. */
  readonly full?: boolean;
}) {
  return (
    <div className={props.full ? 'page full' : 'page'}>
      <header className="page-head">
        <div className="page-title">
          <h1>{props.title}</h1>
          {props.chip}
          {props.tags}
        </div>
        {props.acts && <div className="page-acts">{props.acts}</div>}
        {props.sentence && <p className="sentence">{props.sentence}</p>}
        {props.facts && (
          <ul className="facts-line small">
            {props.facts.map((fact, index) => (
              // A header's facts have fixed places.
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              <li key={index}>{fact}</li>
            ))}
          </ul>
        )}
      </header>
      <ConnectionBanner />
      {props.banner}
      {props.children}
      {props.command && (
        <div className="page-foot">
          <Command>{props.command}</Command>
        </div>
      )}
    </div>
  );
}

/** A full-width note under the head, with the mark of its state at the start. */
export function Banner(props: {
  readonly sign: 'fail' | 'warn';
  readonly children: ReactNode;
  readonly act?: ReactNode;
}) {
  return (
    <div className={`banner banner-${props.sign}`} role="alert">
      <StateIcon sign={props.sign} size={16} />
      <div className="banner-text">{props.children}</div>
      {props.act}
    </div>
  );
}

function ConnectionBanner() {
  const { rich } = useConsole();
  const { live } = useConnection();
  if (live) return null;
  return (
    <Banner sign="fail">
      {rich('connection.lost', { host: <bdi dir="ltr">{window.location.host}</bdi> })}
    </Banner>
  );
}
