import { Code2 } from 'lucide-react';
import { api } from '../api.ts';
import type { Endpoint } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import type { MessageKey } from '../i18n/catalogue-en.ts';
import { Button } from '../parts/button.tsx';
import { Copyable } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered } from '../parts/panel.tsx';
import { Chip } from '../parts/state-mark.tsx';
import { useQuery } from '../query.ts';
import type { Sign } from '../state.ts';
import { ChangesPanel } from './endpoint-changes.tsx';
import { LatencyPanel, LoadPanel } from './endpoint-charts.tsx';
import { TryPanel } from './endpoint-try.tsx';
import { VersionPanel } from './endpoint-version.tsx';

/** Is it healthy, and what would a person get? */
export function EndpointPage({ name }: { readonly name: string }) {
  const query = useQuery(`endpoint ${name}`, () => api.endpoint(name), 5000);
  return (
    <Answered query={query} rows={10}>
      {(endpoint) => <Full endpoint={endpoint} />}
    </Answered>
  );
}

/** One reading decides the chip: a stopped or degraded endpoint, or its latency against its limit. */
function healthOf({ state, latency }: Endpoint): readonly [Sign, MessageKey] {
  if (state === 'stopped') return ['idle', 'endpoint.stopped'];
  if (state === 'degraded') return ['warn', 'endpoint.degraded'];
  return latency.p99Ms !== undefined && latency.p99Ms > latency.limitMs
    ? ['warn', 'endpoint.over']
    : ['ok', 'endpoint.within'];
}

function Full({ endpoint }: { readonly endpoint: Endpoint }) {
  const { t } = useConsole();
  const [sign, word] = healthOf(endpoint);
  const path = `/v2/models/${endpoint.name}`;
  const code = [
    `curl ${window.location.origin}/api/v1/endpoints/${endpoint.name}/recommend`,
    '-H "authorization: Bearer $BACKLOT_TOKEN" -H "content-type: application/json"',
    `-d '{"account":"...","k":10}'`,
  ].join(' ');
  return (
    <Page
      title={<bdi dir="ltr">{endpoint.name}</bdi>}
      chip={<Chip sign={sign}>{t(word)}</Chip>}
      tags={
        <>
          {endpoint.storefronts.length > 0 && (
            <span className="tag">
              {t('endpoint.storefronts', { count: endpoint.storefronts.length })}
            </span>
          )}
          <Copyable text={path} label={t('copy.path')} />
        </>
      }
      facts={useFacts(endpoint)}
      acts={
        <Button icon={Code2} onPress={() => void navigator.clipboard?.writeText(code)}>
          {t('endpoint.copyClient')}
        </Button>
      }
      full
    >
      <div className="with-side side-352">
        <div className="stack">
          <VersionPanel endpoint={endpoint} />
          <div className="halves natural">
            <LatencyPanel endpoint={endpoint} />
            <LoadPanel endpoint={endpoint} />
          </div>
          <ChangesPanel endpoint={endpoint} />
        </div>
        <TryPanel endpoint={endpoint} />
      </div>
    </Page>
  );
}

function useFacts({ latency, users, items, minutes }: Endpoint) {
  const { rich, f } = useConsole();
  const bold = (text: string) => <b className="name">{text}</b>;
  const recent = minutes.at(-1);
  return [
    ...(recent ? [rich('endpoint.rate', { rate: bold(f.rate(recent.requests / 60)) })] : []),
    ...(latency.p99Ms === undefined
      ? []
      : [
          rich('endpoint.p99', {
            p99: bold(f.duration(latency.p99Ms)),
            limit: f.duration(latency.limitMs),
          }),
        ]),
    rich('endpoint.errorShare', {
      share: bold(f.share(latency.requests === 0 ? 0 : latency.errors / latency.requests)),
    }),
    rich('endpoint.users', { number: bold(f.number(users)) }, users),
    rich('endpoint.items', { number: bold(f.number(items)) }, items),
  ];
}
