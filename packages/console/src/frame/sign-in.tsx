import { useEffect, useState } from 'react';
import { api, RequestFailed } from '../api.ts';
import type { Principal } from '../api-types.ts';
import type { Language } from '../i18n/language.tsx';

type Session =
  | { readonly state: 'asking' }
  | { readonly state: 'open'; readonly principal: Principal; readonly version: string }
  | { readonly state: 'closed'; readonly error?: RequestFailed };

/** The one-time code of the printed address; it leaves the address at once, used or not. */
function takeCode(): string | undefined {
  const code = new URLSearchParams(window.location.hash.slice(1)).get('code') ?? undefined;
  if (code !== undefined) {
    window.history.replaceState(null, '', `${window.location.pathname}${window.location.search}`);
  }
  return code;
}

let opening: Promise<Session> | undefined;

async function openSession(): Promise<Session> {
  const code = takeCode();
  try {
    if (code !== undefined) await api.openSession(code);
    const { principal, version } = await api.whoAmI();
    return { state: 'open', principal, version };
  } catch (cause) {
    const error = cause instanceof RequestFailed ? cause : undefined;
    const asked = code !== undefined || error === undefined || error.status !== 401;
    return { state: 'closed', ...(asked && error && { error }) };
  }
}

/** Swaps the address's code for a session, or goes on with the session of an earlier visit. */
export function useSession(): Session {
  const [session, setSession] = useState<Session>({ state: 'asking' });
  useEffect(() => {
    // A code is good for one use, so the exchange must not run twice.
    opening ??= openSession();
    void opening.then(setSession);
  }, []);
  return session;
}

/** What a person without a session sees: how to get one. There is no password to ask for. */
export function SignIn({
  language,
  error,
}: {
  readonly language: Language;
  readonly error?: RequestFailed | undefined;
}) {
  const { t } = language;
  return (
    <main className="sign-in">
      <h1>{t('signIn.title')}</h1>
      <p className="sentence second">{t('signIn.how')}</p>
      <div className="command">
        <bdi dir="ltr" className="command-text">
          <span aria-hidden className="third">
            $
          </span>
          <code>backlot serve --open</code>
        </bdi>
      </div>
      {error && (
        <p role="alert" className="small hue-fail">
          <bdi dir="ltr">{`${error.problem.code} ${error.problem.reason}`}</bdi>
        </p>
      )}
    </main>
  );
}
