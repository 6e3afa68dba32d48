import { useConsole } from '../console-context.ts';
import { Empty } from '../parts/panel.tsx';
import type { Place } from '../places.ts';
import { AuditPage } from './audit-page.tsx';
import { DeliveriesPage } from './deliveries-page.tsx';
import { EndpointPage } from './endpoint-page.tsx';
import { EndpointsPage } from './endpoints-page.tsx';
import { EstimatorPage } from './estimator-page.tsx';
import { EstimatorsPage } from './estimators-page.tsx';
import { FeaturePage } from './feature-page.tsx';
import { FeaturesPage } from './features-page.tsx';
import { HelpPage } from './help-page.tsx';
import { HomePage } from './home-page.tsx';
import { LineagePage } from './lineage-page.tsx';
import { ModelPage } from './model-page.tsx';
import { ModelsPage } from './models-page.tsx';
import { PipelinePage } from './pipeline-page.tsx';
import { PipelinesPage } from './pipelines-page.tsx';
import { ReviewsPage } from './reviews-page.tsx';
import { RunPage } from './run-page.tsx';
import { RunsPage } from './runs-page.tsx';
import { SettingsPage } from './settings-page.tsx';
import { TablePage } from './table-page.tsx';
import { TablesPage } from './tables-page.tsx';
import { VersionsPage } from './versions-page.tsx';

/** The page that an address names. A thing's page starts afresh when the thing changes. */
export function PageOf({ place }: { readonly place: Place }) {
  const [name, second] = place.rest;
  switch (place.kind) {
    case 'home':
      return <HomePage />;
    case 'reviews':
      return <ReviewsPage />;
    case 'tables':
      return name ? <TablePage key={name} name={name.replace(/@.*/, '')} /> : <TablesPage />;
    case 'deliveries':
      return <DeliveriesPage />;
    case 'features':
      return name ? <FeaturePage key={name} name={name} /> : <FeaturesPage />;
    case 'lineage':
      return <LineagePage />;
    case 'pipelines':
      return name ? <PipelinePage key={name} name={name} /> : <PipelinesPage />;
    case 'runs':
      return name ? <RunPage key={name} id={name} /> : <RunsPage />;
    case 'models':
      if (!name) return <ModelsPage />;
      return second ? (
        <ModelPage key={`${name} ${second}`} name={name} version={Number(second)} />
      ) : (
        <VersionsPage key={name} name={name} />
      );
    case 'estimators':
      return name ? <EstimatorPage key={name} kind={name} /> : <EstimatorsPage />;
    case 'endpoints':
      return name ? <EndpointPage key={name} name={name} /> : <EndpointsPage />;
    case 'audit':
      return <AuditPage entry={name === undefined ? undefined : Number(name)} />;
    case 'settings':
      return <SettingsPage />;
    case 'help':
      return <HelpPage />;
  }
}

export function NotFound() {
  const { t } = useConsole();
  return (
    <div className="page">
      <h1>{t('notFound.title')}</h1>
      <Empty sentence={t('notFound.sentence')} />
    </div>
  );
}
