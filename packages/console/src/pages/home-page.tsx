import { api } from '../api.ts';
import { apiCommand } from '../api-command.ts';
import type { Home } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Page } from '../parts/page.tsx';
import { Answered } from '../parts/panel.tsx';
import { useQuery } from '../query.ts';
import { HomeActivity } from './home-activity.tsx';
import { HomeEmpty } from './home-empty.tsx';
import { NeedsPanel } from './home-needs.tsx';
import { HomeStages } from './home-stages.tsx';

/** What needs me now? */
export function HomePage() {
  const query = useQuery('home', api.home);
  return (
    <Answered query={query} rows={8}>
      {(home) => (isEmpty(home) ? <HomeEmpty /> : <Full home={home} />)}
    </Answered>
  );
}

function isEmpty({ needs, counts, activity }: Home): boolean {
  return needs.length + counts.tables + counts.models + activity.length === 0;
}

function Full({ home }: { readonly home: Home }) {
  const { t } = useConsole();
  return (
    <Page
      title={t('home.title', { count: home.needs.length })}
      facts={useFacts(home)}
      command={apiCommand('/home')}
      full
    >
      <div className="home-grid">
        <NeedsPanel needs={home.needs} />
        <HomeActivity activity={home.activity} now={home.now} />
      </div>
      {home.projects.length > 0 && <HomeStages projects={home.projects} />}
    </Page>
  );
}

function useFacts({ counts }: Home) {
  const { rich, f } = useConsole();
  const bold = (value: number) => <b>{f.number(value)}</b>;
  return [
    rich('home.runs', { runs: bold(counts.runs), failed: bold(counts.failed) }, counts.runs),
    rich(
      'home.endpoints',
      { within: bold(counts.endpointsWithinTarget), all: bold(counts.endpoints) },
      counts.endpoints,
    ),
    rich('home.tables', { number: bold(counts.tables) }, counts.tables),
    rich('home.models', { number: bold(counts.models) }, counts.models),
  ];
}
