import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { insertInbox, recordPhase } from '../../database/index.ts';
import { kickoffWorkflowId } from '../../workflows/messages.ts';
import { expectAccessible } from '../harness/accessible.ts';
import { describeConsole } from '../harness/browser.ts';
import { consolePaths, PUBLIC_PATHS } from '../harness/console-paths.ts';
import { inPhase, newDeal, sendHubSpotEvent, type TestStack } from '../harness/stack.ts';
import { seedBooked } from '../integration/console/console.ts';

describeConsole('the console in a browser', (stack, look) => {
  /** Seeded: booked, with a failed step. */
  let booked = '';
  /** A real one: it waits for SkipUp. */
  let scheduling = '';

  beforeAll(async () => {
    const { database } = stack().services;
    booked = await seedBooked(database);
    scheduling = await startedKickoff(stack());
  });

  it.each(consolePaths({ kickoff: 'kickoff:5012', event: 1 }))('axe-core finds nothing on %s', async (at) => {
    await look({ at, mayComplain: /status of 404/ }, expectAccessible);
  });

  it.each(PUBLIC_PATHS)('axe-core finds nothing on %s, which anybody may see', async (at) => {
    await look({ at, as: 'nobody' }, expectAccessible);
  });

  it('a kickoff is found, opened and cancelled with a reason by keyboard alone', async () => {
    await look({ at: `/kickoffs/${encodeURIComponent(scheduling)}` }, async (page) => {
      await tabTo(page, 'link', /^Cancel/);
      await page.keyboard.press('Enter');
      await tabTo(page, 'textbox', /why/i);
      await page.keyboard.type('postponed by the customer');
      await tabTo(page, 'button', /^Cancel/);
      await page.keyboard.press('Enter');
      await page.getByRole('status').filter({ hasText: 'cancelled' }).first().waitFor();
    });
    const row = await stack()
      .services.database.db.selectFrom('audit_log')
      .select(['subject', 'reason', 'outcome'])
      .where('target', '=', scheduling)
      .where('kind', '=', 'answered')
      .executeTakeFirst();
    expect(row).toMatchObject({ subject: 'link:operator', outcome: 'done' });
  });

  it('follows what changes without a reload, and keeps what is open and where the keyboard is', async () => {
    await look({ at: `/kickoffs/${encodeURIComponent(booked)}` }, async (page) => {
      // Gone with a reload.
      await page.locator('body').evaluate((body) => body.setAttribute('data-same', ''));
      const details = page.locator('[data-part] details');
      await details.first().locator('summary').click();
      const link = page.locator('main [data-part] a').last();
      await link.focus();
      const { db } = stack().services.database;
      const needs = ['Somebody has to sign.'];
      await recordPhase(db, { workflowId: booked, revision: 1, phase: 'needs_attention', needs });
      await page.getByText('Somebody has to sign.').first().waitFor();
      await page.getByRole('status').getByText('Updated.').waitFor();
      expect(await page.locator('body[data-same]').count()).toBe(1);
      expect(await details.first().getAttribute('open')).not.toBeNull();
      expect(await link.evaluate((element) => element.matches(':focus'))).toBe(true);
    });
  });

  it('the overview shows a kickoff that begins to need somebody, without a reload', async () => {
    await look({}, async (page) => {
      await page.locator('body').evaluate((body) => body.setAttribute('data-same', ''));
      const needs = ['Somebody has to call them.'];
      await recordPhase(stack().services.database.db, {
        workflowId: booked,
        revision: 1,
        phase: 'needs_attention',
        needs,
      });
      await page.getByText('Somebody has to call them.').first().waitFor();
      expect(await page.locator('body[data-same]').count()).toBe(1);
    });
  });

  it('leaves alone what somebody is filling in, until they have left it as it was', async () => {
    await look({}, async (page) => {
      let answers = 0;
      page.on('response', (response) => {
        const isRefresh = response.request().headers()['x-kickoff-refresh'] !== undefined;
        if (isRefresh && response.url().endsWith('/inbox')) answers += 1;
      });
      await page.goto('/inbox');
      // No page has a form beside what changes: a part with one is made here, as the server would send it from now on.
      const part = page.locator('[data-part]#events');
      await part.evaluate((element) =>
        element.insertAdjacentHTML('afterbegin', '<input id="typed" aria-label="typed">'),
      );
      await page.getByLabel('typed').fill('half a word');
      const rows = part.getByRole('row');
      const before = await rows.count();
      // The first is asked for when the stream is open: whatever is new from then on is told.
      await expect.poll(() => answers).toBeGreaterThan(0);
      const asked = answers;
      await insertInbox(stack().services.database.db, [
        { source: 'deal', dedupeKey: 'while', eventType: 'deal.won', subject: '2', payload: {}, status: 'ignored' },
      ]);
      await expect.poll(() => answers).toBeGreaterThan(asked);
      expect(await rows.count()).toBe(before);
      await page.getByLabel('typed').fill('');
      await page.keyboard.press('Tab');
      await expect.poll(() => rows.count()).toBe(before + 1);
    });
  });

  it('shows times in the browser’s zone, and in another that is chosen', async () => {
    await look({ timezoneId: 'Asia/Tokyo' }, async (page) => {
      await page.getByText('Times are in Asia/Tokyo.').waitFor();
      await page.goto('/inbox');
      expect(await page.locator('main time').first().textContent()).toMatch(/ (GMT\+9|JST)$/);
      await page.getByRole('link', { name: 'Another zone' }).click();
      await page.getByLabel('Show times in').fill('America/New_York');
      await page.getByRole('button', { name: 'Use this zone' }).click();
      await page.getByText('Times are in America/New_York.').waitFor();
      expect(new URL(page.url()).pathname).toBe('/inbox');
      await page.getByRole('link', { name: 'Another zone' }).click();
      await page.getByRole('button', { name: 'Use the browser’s own' }).click();
      await page.getByText('Times are in Asia/Tokyo.').waitFor();
    });
  });

  it('says when somebody is signed out meanwhile', async () => {
    await look({ mayComplain: /status of 401/, at: '/inbox' }, async (page) => {
      await page.context().clearCookies({ name: 'kickoff_session' });
      await insertInbox(stack().services.database.db, [
        { source: 'deal', dedupeKey: 'later', eventType: 'deal.won', subject: '1', payload: {}, status: 'ignored' },
      ]);
      await page.getByRole('link', { name: 'Sign in again' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    });
  });

  it('works without script', async () => {
    await look({ javaScriptEnabled: false, mayComplain: /status of 422/, at: '/inbox' }, async (page) => {
      await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
      await page.locator('header summary').click();
      await page.getByRole('button', { name: 'Sign out' }).waitFor();
      await page.getByRole('link', { name: 'Another zone' }).click();
      await page.getByLabel('Show times in').fill('Nowhere/At_All');
      await page.getByRole('button', { name: 'Use this zone' }).click();
      await page.getByText('There is no zone “Nowhere/At_All”').waitFor();
    });
  });
});

/** Presses Tab until what has the focus is of this role and name. */
async function tabTo(page: Page, role: 'link' | 'button' | 'textbox', name: RegExp): Promise<void> {
  const wanted = page.getByRole(role, { name });
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    for (const each of await wanted.all()) {
      if (await each.evaluate((element) => element.matches(':focus'))) return;
    }
  }
  throw new Error(`80 presses of Tab lead to no ${role} that is named ${name}`);
}

/** Starts a kickoff as a CRM does, and waits until SkipUp has its request. */
async function startedKickoff(stack: TestStack): Promise<string> {
  const dealId = await newDeal(stack);
  await stack.control('POST', `/crm/deals/${dealId}/close`, { notify: false });
  await sendHubSpotEvent(stack, dealId);
  await inPhase(stack, dealId, 'scheduling');
  return kickoffWorkflowId(dealId);
}
