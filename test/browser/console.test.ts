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
  let event = 0;

  beforeAll(async () => {
    const { database } = stack().services;
    booked = await seedBooked(database);
    const { ids } = await insertInbox(database.db, [
      {
        source: 'deal',
        dedupeKey: 'seen',
        eventType: 'deal.won',
        subject: '5012',
        payload: {},
        status: 'ignored',
        reason: 'not won',
      },
    ]);
    event = ids[0] ?? 0;
    scheduling = await startedKickoff(stack());
  });

  it('is found without fault by axe-core, wide and light, narrow and dark', async () => {
    await look({ mayComplain: /status of 404/ }, async (page) => {
      for (const path of consolePaths({ kickoff: booked, event })) {
        await page.goto(path);
        await expectAccessible(page, path);
      }
    });
    await look({ as: 'nobody' }, async (page) => {
      for (const path of PUBLIC_PATHS) {
        await page.goto(path);
        await expectAccessible(page, path);
      }
    });
  });

  it('a kickoff is found, opened and cancelled with a reason by keyboard alone', async () => {
    await look({}, async (page) => {
      await page.goto(`/kickoffs/${encodeURIComponent(scheduling)}`);
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

  it('follows what changes without a reload, and leaves alone what somebody fills in', async () => {
    await look({}, async (page) => {
      await page.goto(`/kickoffs/${encodeURIComponent(booked)}`);
      // Gone with a reload.
      await page.locator('body').evaluate((body) => body.setAttribute('data-same', ''));
      await recordPhase(stack().services.database.db, {
        workflowId: booked,
        revision: 1,
        phase: 'needs_attention',
        needs: ['Somebody has to sign.'],
      });
      await page.getByText('Somebody has to sign.').first().waitFor();
      expect(await page.locator('body[data-same]').count()).toBe(1);
    });
  });

  it('shows times in the browser’s zone, and in another that is chosen', async () => {
    await look({ timezoneId: 'Asia/Tokyo' }, async (page) => {
      await page.getByText('Times are in Asia/Tokyo.').waitFor();
      await page.goto('/inbox');
      expect(await page.locator('main time').first().textContent()).toMatch(/Asia\/Tokyo$/);
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
    await look({ mayComplain: /status of 401/ }, async (page) => {
      await page.goto('/inbox');
      await page.context().clearCookies({ name: 'kickoff_session' });
      await insertInbox(stack().services.database.db, [
        { source: 'deal', dedupeKey: 'later', eventType: 'deal.won', subject: '1', payload: {}, status: 'ignored' },
      ]);
      await page.getByRole('link', { name: 'Sign in again' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    });
  });

  it('works without script', async () => {
    await look({ javaScriptEnabled: false }, async (page) => {
      await page.goto('/inbox');
      await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
      await page.getByText('operator', { exact: true }).click();
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
