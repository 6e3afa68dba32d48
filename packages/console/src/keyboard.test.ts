import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { build } from '../build.ts';
import { addresses, launchBrowser, noBrowser, settled, signedIn } from './testing/browser.ts';
import { type Fixture, startFixture } from './testing/fixture-server.ts';

const skip = noBrowser();
let browser: Browser;
let fixture: Fixture;
let page: Page;
before(async () => {
  if (skip) return;
  await build();
  browser = await launchBrowser();
  fixture = await startFixture();
  ({ page } = await signedIn(browser, fixture));
});
beforeEach(async () => {
  if (skip) return;
  await page.goto(fixture.origin + addresses.home);
  await settled(page);
});
after(async () => {
  await browser?.close();
  await fixture?.close();
});

const path = (): string => new URL(page.url()).pathname + new URL(page.url()).search;
const focusedRow = (): Promise<string | null> =>
  page.evaluate(() => document.activeElement?.getAttribute('data-row') ?? null);

test('the palette finds a model and goes there', { skip }, async () => {
  await page.keyboard.press('Control+k');
  const box = page.getByRole('combobox');
  await box.fill('als-f');
  const first = page.getByRole('option').first();
  assert.match((await first.textContent()) ?? '', /als-film/);
  assert.equal(await first.getAttribute('aria-selected'), 'true');
  await page.keyboard.press('ArrowDown');
  assert.equal(await first.getAttribute('aria-selected'), 'false');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/models/als-film/14');
  assert.equal(await page.getByRole('combobox').count(), 0, 'the palette closed');
});

test('the palette narrows to acts and closes with Escape', { skip }, async () => {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('> dark');
  assert.match((await page.getByRole('option').first().textContent()) ?? '', /dark theme/);
  assert.equal(await page.locator('.palette .tag').count(), 1, 'it begins in the project');
  await page.getByRole('combobox').fill('');
  await page.keyboard.press('Backspace');
  assert.equal(await page.locator('.palette .tag').count(), 0, 'Backspace widens it');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.querySelector('.palette') === null);
});

test('g and a letter jump to every kind of page', { skip }, async () => {
  const jumps = {
    t: 'tables',
    d: 'deliveries',
    p: 'pipelines',
    r: 'runs',
    m: 'models',
    k: 'estimators',
    e: 'endpoints',
    a: 'audit',
    v: 'reviews',
  };
  for (const [key, kind] of Object.entries(jumps)) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await page.waitForURL(`**/${kind}`);
  }
  await page.keyboard.press('?');
  await page.waitForURL('**/help');
});

test('j and k walk rows, Enter opens one', { skip }, async () => {
  await page.goto(fixture.origin + addresses.tables);
  await settled(page);
  await page.keyboard.press('j');
  assert.equal(await focusedRow(), 'plays');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  assert.equal(await focusedRow(), 'purchases');
  await page.keyboard.press('k');
  await page.keyboard.press('k');
  assert.equal(await focusedRow(), 'plays');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/tables/plays');
});

test('a filter is in the address, Back undoes it, and a reload keeps it', { skip }, async () => {
  await page.getByRole('button', { name: 'Failed 2' }).click();
  assert.equal(path(), '/lumen-media?filter=failed');
  assert.equal(await page.locator('.need').count(), 2);
  await page.reload();
  await settled(page);
  assert.equal(await page.locator('.need').count(), 2);
  await page.goBack();
  await page.waitForFunction(() => document.querySelectorAll('.need').length === 6);
  assert.equal(path(), '/lumen-media');
});

test('sorting a table is in the address and orders its rows', { skip }, async () => {
  await page.goto(fixture.origin + addresses.tables);
  await settled(page);
  const names = () =>
    page.locator('tbody tr').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-row')));
  await page.getByRole('button', { name: 'Rows' }).click();
  assert.match(path(), /sort=-rows$/);
  assert.deepEqual(await names(), ['plays', 'searches', 'purchases', 'prices', 'films']);
  await page.getByRole('button', { name: 'Rows' }).click();
  assert.deepEqual((await names())[0], 'films');
});

test('a deep link opens on its task, attempt and tab', { skip }, async () => {
  await page.goto(
    `${fixture.origin}/lumen-media/film-recommend/runs/7f3a91c?task=evaluate/EG&tab=attempts`,
  );
  await settled(page);
  assert.match((await page.textContent('.task-panel')) ?? '', /evaluate\/EG/);
  assert.equal(await page.locator('.task-tab tbody tr').count(), 3);
  await page.keyboard.press(']');
  assert.match(path(), /view=tasks/);
  await page.goBack();
  await page.waitForFunction(() => !window.location.search.includes('view'));
});

test('arrows follow the edges of a graph', { skip }, async () => {
  await page.goto(fixture.origin + addresses['run-failed']);
  await settled(page);
  await page.locator('[data-node="evaluate"]').focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-node') === 'card');
  assert.match(path(), /task=card/);
  await page.keyboard.press('ArrowLeft');
  await page.waitForFunction(
    () => document.activeElement?.getAttribute('data-node') === 'evaluate',
  );
});

test('single keys are silent in text fields and when switched off', { skip }, async () => {
  await page.goto(fixture.origin + addresses.model);
  await settled(page);
  await page.getByLabel('Reason, kept in the ledger').focus();
  await page.keyboard.type('gt?');
  assert.match(path(), /als-film\/14$/);
  await page.goto(`${fixture.origin}/lumen-media/settings`);
  await settled(page);
  await page
    .getByRole('group', { name: 'Single keys' })
    .getByRole('button', { name: 'Off' })
    .click();
  await page.locator('h1').click();
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  assert.match(path(), /settings$/);
  await page
    .getByRole('group', { name: 'Single keys' })
    .getByRole('button', { name: 'On' })
    .click();
});

test('a chart is walked with arrows and tells its reading', { skip }, async () => {
  await page.goto(fixture.origin + addresses.endpoint);
  await settled(page);
  const chart = page.locator('.chart-walk').first();
  await chart.focus();
  await page.keyboard.press('End');
  const last = await page.textContent('.reading');
  assert.match(last ?? '', /p99 \d+/);
  await page.keyboard.press('Home');
  assert.notEqual(await page.textContent('.reading'), last);
});

test('the ledger verifies, filters and proves an entry in this browser', { skip }, async () => {
  await page.goto(fixture.origin + addresses.audit);
  await settled(page);
  await page.waitForSelector('.entry .hue-ok');
  assert.match((await page.textContent('.entry')) ?? '', /Holds/);
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.waitForSelector('.verification');
  assert.match((await page.textContent('.page-title')) ?? '', /Verified/);
  await page.keyboard.press('Escape');
  await page.waitForURL('**/audit');
  await page.getByLabel('Who').selectOption('tarek');
  await page.waitForURL('**/audit?actor=tarek');
  await page.waitForFunction(() =>
    [...document.querySelectorAll('tbody tr td:nth-child(3)')].every(
      (cell) => cell.textContent === 'tarek',
    ),
  );
});

test('an estimator is found by words, opened with Enter, and its memory worked out for a size', {
  skip,
}, async () => {
  await page.goto(fixture.origin + addresses.estimators);
  await settled(page);
  await page.keyboard.press('/');
  await page.keyboard.type('trees grown');
  await page.waitForFunction(() => document.querySelectorAll('[data-row]').length === 1);
  assert.equal(path(), '/lumen-media/estimators?find=trees+grown');
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/estimators/gradientBoosting');
  await settled(page);
  const rows = page.getByLabel('Rows');
  assert.equal(await rows.inputValue(), '100000');
  await rows.fill('1000000');
  await rows.press('Enter');
  await page.waitForURL('**/estimators/gradientBoosting?rows=1000000&columns=50');
  await page.getByText('at most 359 MiB').waitFor();
  assert.equal(await page.getByText('rounds', { exact: true }).count(), 1);
});
