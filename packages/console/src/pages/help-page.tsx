import { useConsole } from '../console-context.ts';
import type { MessageKey } from '../i18n/catalogue-en.ts';
import { Page } from '../parts/page.tsx';
import { Panel } from '../parts/panel.tsx';
import { places } from '../places.ts';

const keys: readonly (readonly [readonly string[], MessageKey])[] = [
  [['Ctrl', 'K'], 'keys.palette'],
  [['/'], 'keys.search'],
  [['?'], 'keys.help'],
  [['j', 'k'], 'keys.rows'],
  [['Enter'], 'keys.open'],
  [['Esc'], 'keys.close'],
  [['[', ']'], 'keys.tabs'],
  [['r'], 'keys.act'],
  [['c'], 'keys.compare'],
  [['l'], 'keys.follow'],
  [['n'], 'keys.pages'],
  [['.'], 'keys.menu'],
  [['y'], 'keys.copy'],
  [['←', '→'], 'keys.walk'],
];

/** The keys of the console, and where to read on. */
export function HelpPage() {
  const { t } = useConsole();
  return (
    <Page title={t('rail.help')} sentence={t('help.sentence')} command="backlot --help">
      <div className="halves">
        <Panel title={t('help.keys')}>
          <dl className="keys">
            {keys.map(([pressed, meaning]) => (
              <KeyRow key={meaning} pressed={pressed} meaning={t(meaning)} />
            ))}
          </dl>
        </Panel>
        <Panel title={t('help.jumps')}>
          <dl className="keys">
            {places
              .filter((place) => place.key !== undefined)
              .map((place) => (
                <KeyRow key={place.kind} pressed={['g', place.key!]} meaning={t(place.title)} />
              ))}
          </dl>
        </Panel>
      </div>
    </Page>
  );
}

function KeyRow({
  pressed,
  meaning,
}: {
  readonly pressed: readonly string[];
  readonly meaning: string;
}) {
  return (
    <div className="key-row">
      <dt dir="ltr">
        {pressed.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{meaning}</dd>
    </div>
  );
}
