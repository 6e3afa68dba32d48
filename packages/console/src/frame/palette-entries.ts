import { api } from '../api.ts';
import { apiCommand } from '../api-command.ts';
import { useConsole } from '../console-context.ts';
import { type Kind, places } from '../places.ts';
import { putAnswer, reloadAll } from '../query.ts';
import { navigate, useAddress } from '../router.tsx';
import { changeSettings, useSettings } from '../settings.ts';
import { useThings } from './siblings.ts';

export interface Entry {
  readonly id: string;
  readonly group: 'jump' | 'do' | 'copy';
  readonly title: string;
  readonly note: string;
  readonly kind?: Kind;
  readonly href?: string;
  readonly act?: () => void;
}

const most = 24;

/** What `>`, `#` and plain text find: words of the text in any order, at word starts first. */
export function search(entries: readonly Entry[], text: string): readonly Entry[] {
  const sign = /^[>#]/.exec(text)?.[0];
  const words = text
    .replace(/^[>#@]/, '')
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean);
  const inSign = entries.filter((entry) =>
    sign === '>' ? entry.group === 'do' : sign === '#' ? entry.kind === 'runs' : true,
  );
  const scored = inSign.flatMap((entry) => {
    const title = entry.title.toLowerCase();
    const all = `${title} ${entry.note.toLowerCase()}`;
    if (!words.every((word) => all.includes(word))) return [];
    const score = words.reduce(
      (sum, word) => sum + (title.startsWith(word) ? 0 : title.includes(word) ? 1 : 2),
      0,
    );
    return [{ entry, score }];
  });
  const order = ['jump', 'do', 'copy'];
  const sorted = scored.toSorted((one, two) => one.score - two.score).slice(0, most);
  return sorted
    .map(({ entry }) => entry)
    .toSorted((one, two) => order.indexOf(one.group) - order.indexOf(two.group));
}

/** The local index: things, pages, acts and commands. Nothing is asked while one types. */
export function usePaletteEntries(): readonly Entry[] {
  const { t, href } = useConsole();
  const things = useThings();
  return [
    ...things.map((thing) => ({
      id: thing.href,
      group: 'jump' as const,
      title: thing.title,
      note: thing.note,
      kind: thing.kind,
      href: thing.href,
    })),
    ...places.map((place) => ({
      id: place.kind,
      group: 'jump' as const,
      title: t(place.title),
      note: t('palette.page'),
      kind: place.kind,
      href: href(place.kind),
    })),
    ...useActs(),
    ...useCommands(),
  ];
}

function useActs(): readonly Entry[] {
  const { t, href } = useConsole();
  const { theme, locale } = useSettings();
  const things = useThings();
  const act = (id: string, title: string, run: () => void, note = ''): Entry => ({
    id: `do-${id}`,
    group: 'do',
    title,
    note,
    act: run,
  });
  return [
    ...things
      .filter((thing) => thing.kind === 'pipelines')
      .map((thing) =>
        act(`run-${thing.title}`, t('do.run', { name: thing.title }), () => {
          void api.startRun(thing.title).then(({ run }) => navigate(href('runs', run)));
        }),
      ),
    act('verify', t('do.verify'), () => {
      navigate(href('audit'));
      void api.verifyAudit().then((found) => putAnswer('verification', found));
    }),
    act('reload', t('do.reload'), reloadAll),
    theme === 'dark'
      ? act('light', t('do.light'), () => changeSettings({ theme: 'light' }))
      : act('dark', t('do.dark'), () => changeSettings({ theme: 'dark' })),
    locale === 'ar'
      ? act('english', 'English', () => changeSettings({ locale: 'en' }), t('settings.language'))
      : act('arabic', 'العربية', () => changeSettings({ locale: 'ar' }), t('settings.language')),
  ];
}

/** Commands that go with the page in view. */
function useCommands(): readonly Entry[] {
  const { t } = useConsole();
  const { parts } = useAddress();
  const [, , kind, name, version] = parts;
  const commands = [
    ...(kind === 'runs' && name ? [`backlot runs ${name}`, `backlot runs ${name}`] : []),
    ...(kind === 'models' && name ? [`backlot models ${name} ${version ?? ''}`.trim()] : []),
    ...(kind === 'tables' && name ? [apiCommand(`/tables/${name}`)] : []),
    'backlot runs',
    'backlot models',
    'backlot audit verify',
  ];
  return commands.map((command) => ({
    id: `copy-${command}`,
    group: 'copy',
    title: command,
    note: t('copy.command'),
    act: () => void navigator.clipboard?.writeText(command),
  }));
}
