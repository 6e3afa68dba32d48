import type { ReactNode } from 'react';
import { api } from '../api.ts';
import { apiCommand } from '../api-command.ts';
import type { Token } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Id } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { Answered, Empty, Panel } from '../parts/panel.tsx';
import { Segments } from '../parts/segments.tsx';
import { StateMark } from '../parts/state-mark.tsx';
import { Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { useQuery } from '../query.ts';
import { changeSettings, type Density, type Locale, type Theme, useSettings } from '../settings.ts';

/** How this browser shows things, and who may speak to the server. */
export function SettingsPage() {
  const { t } = useConsole();
  return (
    <Page
      title={t('rail.settings')}
      sentence={t('settings.sentence')}
      command={apiCommand('/tokens')}
    >
      <Appearance />
      <Tokens />
    </Page>
  );
}

function Appearance() {
  const { t } = useConsole();
  const { theme, locale, density, singleKeys } = useSettings();
  return (
    <Panel title={t('settings.appearance')}>
      <ul className="settings">
        <Setting title={t('settings.theme')} note={t('settings.themeNote')}>
          <Segments
            label={t('settings.theme')}
            current={theme}
            onSelect={(id) => changeSettings({ theme: id as Theme })}
            segments={(['system', 'light', 'dark'] as const).map((id) => ({
              id,
              title: t(`settings.theme.${id}`),
            }))}
          />
        </Setting>
        <Setting title={t('settings.language')} note={t('settings.languageNote')}>
          <Segments
            label={t('settings.language')}
            current={locale}
            onSelect={(id) => changeSettings({ locale: id as Locale })}
            segments={[
              { id: 'en', title: 'English' },
              { id: 'ar', title: 'العربية' },
            ]}
          />
        </Setting>
        <Setting title={t('settings.density')} note={t('settings.densityNote')}>
          <Segments
            label={t('settings.density')}
            current={density}
            onSelect={(id) => changeSettings({ density: id as Density })}
            segments={(['compact', 'comfortable'] as const).map((id) => ({
              id,
              title: t(`settings.density.${id}`),
            }))}
          />
        </Setting>
        <Setting title={t('settings.keys')} note={t('settings.keysNote')}>
          <Segments
            label={t('settings.keys')}
            current={singleKeys ? 'on' : 'off'}
            onSelect={(id) => changeSettings({ singleKeys: id === 'on' })}
            segments={(['on', 'off'] as const).map((id) => ({
              id,
              title: t(`settings.keys.${id}`),
            }))}
          />
        </Setting>
      </ul>
    </Panel>
  );
}

function Setting(props: {
  readonly title: string;
  readonly note: string;
  readonly children: ReactNode;
}) {
  return (
    <li>
      <div>
        <h3>{props.title}</h3>
        <p className="small second">{props.note}</p>
      </div>
      {props.children}
    </li>
  );
}

function Tokens() {
  const { t, f, now } = useConsole();
  const query = useQuery('tokens', api.tokens);
  return (
    <Panel title={t('settings.tokens')} copies={{ cli: apiCommand('/tokens') }}>
      <Answered query={query} rows={3}>
        {({ tokens }) => (
          <Table
            label={t('settings.tokens')}
            rows={tokens}
            rowKey={({ id }) => id}
            empty={<Empty sentence={t('settings.noTokens')} />}
            columns={[
              {
                id: 'title',
                title: t('token.title'),
                cell: ({ title }) => <bdi className="name">{title}</bdi>,
              },
              {
                id: 'state',
                title: t('runs.state'),
                cell: (token) => {
                  const { sign, word } = tokenState(token, now);
                  return <StateMark sign={sign}>{t(word)}</StateMark>;
                },
              },
              {
                id: 'principal',
                title: t('token.principal'),
                cell: ({ principal }) => <bdi>{principal}</bdi>,
              },
              {
                id: 'actions',
                title: t('token.actions'),
                cell: ({ actions }) => (
                  <bdi className="small second">{f.list(actions.slice(0, 4))}</bdi>
                ),
              },
              { id: 'id', title: t('token.id'), cell: ({ id }) => <Id id={id} copy={false} /> },
              {
                id: 'created',
                title: t('token.created'),
                end: true,
                cell: ({ createdAt }) => <Ago at={createdAt} />,
              },
              {
                id: 'expires',
                title: t('token.expires'),
                end: true,
                cell: ({ expiresAt }) => <Ago at={expiresAt} />,
              },
            ]}
          />
        )}
      </Answered>
    </Panel>
  );
}

function tokenState(token: Token, now: number) {
  return token.revokedAt !== undefined
    ? ({ sign: 'skipped', word: 'token.revoked' } as const)
    : token.expiresAt < now
      ? ({ sign: 'stale', word: 'token.expired' } as const)
      : ({ sign: 'ok', word: 'token.valid' } as const);
}
