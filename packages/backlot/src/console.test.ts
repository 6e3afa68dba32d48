import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/**
 * The console in a real browser on the real command: what the console's own tests show against a
 * story holds here against the store, its main job and its ledger. The steps build on each other.
 */
const bin = join(import.meta.dirname, '../../../bin/backlot.js');
const executablePath = '/usr/bin/chromium';
const skip = noBrowser();
const project = '/main/store';
const model = 'als-store';
const tasks = 10;

/** Why this cannot run here; CI must have the browser, so there its absence is a failure. */
function noBrowser(): string | false {
  if (existsSync(executablePath)) return false;
  const reason = `Chromium is not installed at ${executablePath}`;
  assert.notEqual(process.env.CI, 'true', `${reason}, and CI must have it`);
  return reason;
}

let folder: string;
let server: ChildProcess;
let browser: Browser;
let printed: string;
let origin: string;
let page: Page;
/** What the signed-in page complained about; every step ends with none. */
const complaints: string[] = [];

function backlot(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [bin, ...args, '--home', join(folder, 'home')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { PATH: process.env.PATH, CI: '1' },
  });
}

/** The address on stdout: the first line that carries a code. */
async function addressOf(child: ChildProcess): Promise<string> {
  const talk = text(child.stderr!);
  for await (const line of createInterface({ input: child.stdout! })) {
    const address = /http:\/\/127\.0\.0\.1:\d+\/\S*#code=\S+/.exec(line)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error(`the server ended without an address: ${await talk}`);
}

function newContext(): Promise<BrowserContext> {
  return browser.newContext({
    viewport: { width: 1440, height: 900 },
    timezoneId: 'UTC',
    locale: 'en-US',
    reducedMotion: 'reduce',
  });
}

function listen(to: Page): void {
  to.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  to.on('pageerror', (error) => complaints.push(String(error)));
  to.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  to.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    // Leaving a page ends what it was still listening to.
    if (reason !== 'net::ERR_ABORTED') complaints.push(`${reason} ${request.url()}`);
  });
}

/** A page as a person finds it: its content without skeletons, failures or a scroll to the side. */
async function standing(where: string): Promise<void> {
  await page.waitForSelector('main h1');
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
  assert.equal(await page.locator('.failed').count(), 0, `${where} shows a failure`);
  const wide = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(wide <= 0, `${where} is ${wide} pixels wider than the window`);
  assert.deepEqual(complaints, [], where);
}

async function visit(path: string): Promise<void> {
  await page.goto(origin + path);
  await standing(path);
}

/** Waits for a text that is seen in the content; the call fails when it does not come. */
async function sees(what: string | RegExp, timeout = 10_000): Promise<void> {
  await page.locator('main').getByText(what).first().waitFor({ state: 'visible', timeout });
}

before(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), 'backlot-console-'));
  server = backlot('start', '--port', '0');
  [printed, browser] = await Promise.all([
    addressOf(server),
    chromium.launch({
      executablePath,
      headless: true,
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    }),
  ]);
  origin = new URL(printed).origin;
});
after(async () => {
  await browser?.close();
  if (server?.exitCode === null) process.kill(-server.pid!, 'SIGKILL');
  if (folder) await rm(folder, { recursive: true, force: true });
});

test('the printed address signs in once and leaves no code behind', { skip }, async () => {
  page = await (await newContext()).newPage();
  page.setDefaultTimeout(10_000);
  listen(page);
  await page.goto(printed);
  await page.waitForSelector('.rail');
  assert.equal(page.url(), `${origin}/main`);

  const stranger = await newContext();
  const second = await stranger.newPage();
  await second.goto(printed);
  assert.match(await second.getByRole('alert').innerText(), /E-[A-Z]+-\d{3}/);
  assert.equal(await second.locator('.rail').count(), 0);
  assert.doesNotMatch(second.url(), /code=/);
  await stranger.close();
});

test('home and the lists show what the main job left', { skip }, async () => {
  await visit('/main');
  await page.getByRole('heading', { name: 'Nothing needs you', exact: true }).waitFor();
  await sees('Launched');
  for (const [kind, what] of [
    ['tables', 'plays'],
    ['deliveries', 'plays'],
    ['pipelines', 'store-recommend'],
    ['pipelines/store-recommend', 'deliver-plays'],
    ['runs', '10 of 10'],
    ['models', model],
    [`models/${model}`, 'v1'],
    ['endpoints', 'store-home'],
  ] as const) {
    await visit(`${project}/${kind}`);
    await sees(what);
  }
  await visit('/main/reviews');
  await visit('/main/settings');
  await sees('Tokens');
  await visit('/main/help');
});

test('a table shows its contract beside the profile of its rows', { skip }, async () => {
  await visit(`${project}/tables/plays`);
  const columns = page.locator('.columns-table');
  for (const name of ['account', 'item', 'playedAt', 'msPlayed', 'storefront', 'device']) {
    await columns.getByRole('row', { name }).first().waitFor();
  }
  await sees(/^US\s\d+%/);
  await columns.getByText('Pseudonym', { exact: true }).first().waitFor();
  const cut = await page
    .locator('.columns-table .table-scroll')
    .evaluate((box) => box.scrollWidth - box.clientWidth);
  assert.ok(cut <= 0, `the table's last column is ${cut} pixels out of sight`);
});

test('a run shows the graph of its tasks', { skip }, async () => {
  await visit(`${project}/runs`);
  await page.locator('main tbody tr').first().click();
  await page.waitForSelector('.graph-node');
  await standing('the run');
  assert.equal(await page.locator('.graph-node').count(), tasks);
  assert.equal(await page.locator('.graph-node.sign-ok').count(), tasks);
  await page.locator('[data-node="evaluate"]').click();
  await page.locator('.task-panel h2', { hasText: 'evaluate' }).waitFor();
  await page.reload();
  await page.locator('.task-panel h2', { hasText: 'evaluate' }).waitFor();
  await standing('the run, read again');
});

test('a model shows its differences by storefront and who signed', { skip }, async () => {
  await visit(`${project}/models/${model}/1`);
  const rows = page.locator('.forest-table tbody tr');
  await rows.filter({ hasText: 'US' }).first().waitFor();
  assert.ok((await rows.count()) > 10, 'the total and the storefronts');
  assert.match(await rows.first().innerText(), /All[\s\S]*\+0\.\d+ to \+0\.\d+[\s\S]*Better/);
  await sees('Approved and deployed');
  const signer = page.locator('.people li', { hasText: 'approver' });
  assert.match(await signer.innerText(), /Approved/);
  // What went in is a table's snapshot: the step back leads to a page that stands.
  await page.locator('.lineage a').first().click();
  await page.waitForURL(/\/tables\//);
  await standing('the table of the first input');
});

test('an account is tried, and the answer computed again is the same', { skip }, async () => {
  await visit(`${project}/endpoints/store-home`);
  await page.getByRole('button', { name: 'Another account' }).click();
  await page.locator('.titles li').first().waitFor();
  assert.equal(await page.locator('.titles li').count(), 10);
  await page.getByRole('button', { name: 'Replay' }).click();
  await sees('Computed again: the same, bit for bit');
  await standing('the endpoint');
});

test('the ledger verifies, and so does the proof of an entry', { skip }, async () => {
  await visit('/main/audit');
  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  await sees(/^Verified/);
  await page.locator('main tbody tr').first().click();
  await page.waitForURL(/\/audit\/\d+/);
  await page.reload();
  await sees('Holds');
  await standing('an entry');
});

test('a second run is seen live, and its model is approved by hand', { skip }, async () => {
  const run = backlot('run', 'store-recommend', '--set', '{"factors":16}');
  const ended = once(run, 'close');
  run.stdout!.resume();
  let talk = '';
  run.stderr!.on('data', (chunk) => {
    talk += chunk;
  });
  while (!/^run \w+/m.test(talk)) await Promise.race([once(run.stderr!, 'data'), ended]);
  await visit(`${project}/runs`);
  await page.locator('main tbody tr', { hasText: 'Running' }).first().click();
  await page.waitForSelector('.graph-node');
  // A mark on the document would not outlive a reload.
  await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
  await page.locator('.page-head .chip', { hasText: /of 10/ }).waitFor();
  await page.locator('.page-head .chip', { hasText: 'Done' }).waitFor({ timeout: 40_000 });
  assert.equal(await page.locator('.graph-node.sign-ok, .graph-node.sign-cached').count(), tasks);
  assert.equal(await page.evaluate(() => 'sameDocument' in globalThis), true);
  await ended;
  assert.equal(run.exitCode, 0, talk);

  await visit('/main');
  await page.getByRole('heading', { name: '1 thing needs you', exact: true }).waitFor();
  await page.locator('.need').getByRole('link', { name: 'Review' }).click();
  await page.waitForURL(new RegExp(`/models/${model}/2$`));
  await sees('Your turn');
  await page.getByRole('button', { name: 'Sign and approve' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByPlaceholder('Reason').fill('Smaller, and still better than popularity');
  await page.getByRole('button', { name: 'Sign and approve' }).click();
  await page.locator('.page-head .chip', { hasText: 'Approved' }).waitFor();
  await sees('Smaller, and still better than popularity');
  await standing('the approved model');

  await visit('/main/audit?action=proposal.approve');
  const entries = page.locator('main tbody tr');
  assert.equal(await entries.count(), 2);
  assert.match(await entries.first().innerText(), /owner/);
});

test('a signal to the group stops the server with success', { skip }, async () => {
  await page.close();
  process.kill(-server.pid!, 'SIGTERM');
  await once(server, 'close');
  assert.equal(server.exitCode, 0);
});
