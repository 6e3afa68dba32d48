import { useCallback, useEffect, useMemo, useState } from 'react';
import { I18nProvider } from 'react-aria-components';
import { api } from './api.ts';
import { type Console, ConsoleContext, useConsole } from './console-context.ts';
import { useKeys } from './frame/keys.ts';
import { Palette } from './frame/palette.tsx';
import { Rail } from './frame/rail.tsx';
import { SignIn, useSession } from './frame/sign-in.tsx';
import { workspaceTitle } from './frame/titles.ts';
import { TopBar } from './frame/top-bar.tsx';
import { type Language, useLanguage } from './i18n/language.tsx';
import { NotFound, PageOf } from './pages/page-of.tsx';
import { hrefs, type Place, placeOf, places } from './places.ts';
import { useQuery } from './query.ts';
import { navigate, useAddress } from './router.tsx';
import { useSettings } from './settings.ts';

const clockMs = 20_000;

/** The time of the page, renewed for "38 min ago". */
function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), clockMs);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** The console: a language, a session, then the page that the address names. */
export function App() {
  const { locale } = useSettings();
  const language = useLanguage(locale);
  const session = useSession();
  const now = useNow();
  const value = useMemo<Console | undefined>(() => {
    if (session.state !== 'open' || language === undefined) return undefined;
    const { principal } = session;
    const href = hrefs(principal.workspace, principal.project);
    return { ...language, principal, href, now };
  }, [session, language, now]);
  if (language === undefined || session.state === 'asking') return null;
  if (session.state === 'closed') return <SignIn language={language} error={session.error} />;
  if (value === undefined) return null;
  return (
    <I18nProvider locale={language.locale}>
      <ConsoleContext value={value}>
        <Frame language={language} />
      </ConsoleContext>
    </I18nProvider>
  );
}

function Frame({ language }: { readonly language: Language }) {
  const { t, href, principal } = useConsole();
  const { parts, href: here } = useAddress();
  const [paletteOpen, setPaletteOpen] = useState(false);
  const openPalette = useCallback(() => setPaletteOpen(true), []);
  useKeys({ href, openPalette });
  const place = placeOf(parts);
  const home = useQuery('home', api.home).data;
  useEffect(() => {
    if (parts.length === 0) navigate(href('home'), { replace: true });
  }, [parts, href]);
  useTitle(place, language, principal.workspace, here);
  const reviews = home?.needs.filter((need) => need.kind === 'review').length;
  return (
    <div className="frame">
      <a className="skip" href="#content">
        {t('frame.skip')}
      </a>
      <Rail
        current={place?.kind}
        counts={{
          ...(home && { home: home.needs.length }),
          ...(reviews !== undefined && { reviews }),
        }}
      />
      <div className="beside-rail">
        {place && <TopBar place={place} openPalette={openPalette} />}
        <main id="content" tabIndex={-1}>
          {place ? <PageOf place={place} /> : <NotFound />}
        </main>
      </div>
      <Palette open={paletteOpen} onClose={() => setPaletteOpen(false)} />
    </div>
  );
}

/** The window's title names the thing first, so that tabs can be told apart. */
function useTitle(
  place: Place | undefined,
  language: Language,
  workspace: string,
  here: string,
): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address stands for its place
  useEffect(() => {
    const kind = places.find((each) => each.kind === place?.kind);
    const name = place?.rest.join(' ') ?? '';
    document.title = language.t('frame.title', {
      page: name || (kind ? language.t(kind.title) : ''),
      workspace: workspaceTitle(workspace),
    });
  }, [here, language]);
}
