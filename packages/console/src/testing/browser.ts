import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Fixture } from './fixture-server.ts';

const executablePath = '/usr/bin/chromium';

/** Why the browser tests cannot run here; CI must have the browser, so there this is a failure. */
export function noBrowser(): string | false {
  if (existsSync(executablePath)) return false;
  const reason = `Chromium is not installed at ${executablePath}`;
  assert.notEqual(process.env.CI, 'true', `${reason}, and CI must have it`);
  return reason;
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}

/** A page with a session, and every error that its console showed. */
export async function signedIn(
  browser: Browser,
  fixture: Fixture,
  options: BrowserContextOptions = {},
): Promise<{ readonly page: Page; readonly errors: string[] }> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    timezoneId: 'UTC',
    locale: 'en-US',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(fixture.signIn);
  await page.waitForSelector('.rail');
  return { page, errors };
}

/** What a person chose, put where the console keeps it. */
export async function choose(page: Page, chosen: Readonly<Record<string, unknown>>): Promise<void> {
  await page.evaluate(
    (settings) => localStorage.setItem('backlot.settings', JSON.stringify(settings)),
    chosen,
  );
}

/** Waits until a page shows its content and no skeleton. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('h1');
  await page.waitForFunction(() => document.querySelector('.skeleton') === null);
}

/** Addresses of the story, by name. */
export const addresses: Readonly<Record<string, string>> = {
  home: '/lumen-media',
  reviews: '/lumen-media/reviews',
  tables: '/lumen-media/film-recommend/tables',
  table: '/lumen-media/film-recommend/tables/plays',
  deliveries: '/lumen-media/film-recommend/deliveries?delivery=d31c8f0',
  column: '/lumen-media/film-recommend/tables/plays?column=msPlayed',
  quarantine: '/lumen-media/film-recommend/tables/plays?tab=quarantine',
  features: '/lumen-media/film-recommend/features',
  feature: '/lumen-media/film-recommend/features/listening',
  lineage: '/lumen-media/film-recommend/lineage',
  'lineage-column':
    '/lumen-media/film-recommend/lineage?column=listened&focus=dataset%2Fbacklot%253A%252F%252Flumen-media%2Flistened',
  pipelines: '/lumen-media/film-recommend/pipelines',
  pipeline: '/lumen-media/film-recommend/pipelines/daily-recommend',
  runs: '/lumen-media/film-recommend/runs',
  run: '/lumen-media/film-recommend/runs/b81c02e?task=evaluate/EG',
  'run-failed': '/lumen-media/film-recommend/runs/7f3a91c?task=evaluate/EG',
  models: '/lumen-media/film-recommend/models',
  versions: '/lumen-media/film-recommend/models/als-film',
  model: '/lumen-media/film-recommend/models/als-film/14',
  estimators: '/lumen-media/estimators',
  estimator: '/lumen-media/estimators/gradientBoosting?rows=1000000&columns=28',
  endpoints: '/lumen-media/film-recommend/endpoints',
  endpoint: '/lumen-media/film-recommend/endpoints/film-recommend',
  audit: '/lumen-media/audit/52',
  settings: '/lumen-media/settings',
  help: '/lumen-media/help',
};
