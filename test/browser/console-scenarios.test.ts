import type { Locator, Page } from 'playwright-core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { listInbox, markDead } from '../../database/index.ts';
import { kickoffWorkflowId } from '../../workflows/messages.ts';
import { describeConsole } from '../harness/browser.ts';
import { inPhase, newDeal, sendHubSpotEvent, type TestStack, winQuietly } from '../harness/stack.ts';
import { seedBooked, seedKickoff } from '../integration/console/console.ts';

const WAIT = { timeout: 20_000, interval: 50 };

describeConsole('what people do in the console, in a browser', (stack, look) => {
  it('kickoffs are found by account, person and request; filters stand in the address, chips take them away', async () => {
    const { database } = stack().services;
    await seedKickoff(database, '7001', { account: 'Zenith Labs' });
    await seedBooked(database, '7002', 'Grace Hopper');
    await look({ at: '/kickoffs' }, async (page) => {
      const list = page.getByRole('group', { name: 'Kickoffs, newest first' });
      const found = async (text: string, deals: readonly string[]) => {
        await page.getByLabel('Deal, account, person or request').fill(text);
        await page.getByRole('button', { name: 'Search' }).click();
        await page.waitForURL((url) => url.searchParams.get('q') === text);
        expect(await list.getByRole('row').filter({ hasText: 'Deal 7' }).count()).toBe(deals.length);
        for (const deal of deals) await list.getByText(deal, { exact: true }).waitFor();
      };
      await found('zenith', ['Deal 7001']);
      await found('grace hop', ['Deal 7002']);
      await found('mr_7002', ['Deal 7002']);
      await found('deal 70', ['Deal 7001', 'Deal 7002']);

      await page.getByText('Filters', { exact: true }).click();
      await page.getByLabel('Finding out who takes part').check();
      await page.getByRole('button', { name: 'Show these' }).click();
      await page.getByRole('heading', { name: '1 kickoff' }).waitFor();
      const address = new URL(page.url()).searchParams;
      expect([address.get('q'), address.getAll('phase')]).toEqual(['deal 70', ['resolving']]);
      await page.reload();
      await page.getByRole('heading', { name: '1 kickoff' }).waitFor();

      const chips = page.getByRole('list', { name: 'Shown are only' }).getByRole('link');
      await chips.filter({ hasText: 'Phase: Finding out' }).click();
      await page.getByRole('heading', { name: '2 kickoffs' }).waitFor();
      expect(new URL(page.url()).search).not.toContain('phase');
      expect(await page.getByLabel('Finding out who takes part').isChecked()).toBe(false);
      await page.goBack();
      await page.getByRole('heading', { name: '1 kickoff' }).waitFor();
      await list.getByRole('link', { name: 'Zenith Labs' }).click();
      await page.getByRole('heading', { level: 1, name: /Zenith Labs/ }).waitFor();
    });
  });

  it('a viewer sees no button, and is told in words that an action is not for them', async () => {
    const dealId = await won(stack(), await newDeal(stack(), account('610001', 'Watched Ltd')));
    await inPhase(stack(), dealId, 'scheduling');
    const on = encodeURIComponent(kickoffWorkflowId(dealId));
    const actions = (page: Page) =>
      page.locator('a[href*="/actions/"], a[href*="/bulk/"], form[action^="/actions/"], a[href="/start"]');
    await look({ at: `/kickoffs/${on}` }, async (page) => {
      await page.getByRole('link', { name: 'Pause', exact: true }).waitFor();
      expect(await actions(page).count()).toBeGreaterThan(1);
    });
    await look({ as: 'viewer', at: `/kickoffs/${on}`, mayComplain: /status of 403/ }, async (page) => {
      await stands(page, 'Scheduling').waitFor();
      for (const path of ['', '/', '/kickoffs?q=watched', '/registry/account?id=610001', '/inbox', '/sandbox']) {
        if (path !== '') await page.goto(path);
        await page.getByRole('heading', { level: 1 }).waitFor();
        expect(await actions(page).count(), path).toBe(0);
      }
      for (const path of [`/actions/kickoff.pause?on=${on}`, '/bulk/kickoff.pause?q=watched']) {
        expect((await page.goto(path))?.status()).toBe(403);
        await page.getByText('You are signed in as viewer, who may look but not change anything.').waitFor();
        expect(await page.getByLabel('Why?').count()).toBe(0);
      }
    });
    await inPhase(stack(), dealId, 'scheduling');
  });

  it('a gap is settled by adding a stakeholder: the kickoff goes on without a reload', async () => {
    const dealId = await won(stack(), await newDeal(stack(), { ...account('610002', 'Empty Ltd'), contacts: [] }));
    await inPhase(stack(), dealId, 'needs_attention');
    await look({ at: `/kickoffs/${encodeURIComponent(kickoffWorkflowId(dealId))}` }, async (page) => {
      await stands(page, 'Needs a person').waitFor();
      await mark(page);
      const other = await page.context().newPage();
      await other.goto('/');
      const card = other.getByRole('listitem').filter({ has: other.getByRole('heading', { name: /Empty Ltd/ }) });
      await card.getByRole('link', { name: 'The account’s people' }).click();
      await other
        .getByRole('link', { name: /^Add somebody for/ })
        .first()
        .click();
      await other.getByLabel('E-mail', { exact: true }).fill('lou@late.example');
      await other.getByLabel(/^Name/).fill('Lou Late');
      await other.getByRole('button', { name: 'Add somebody' }).click();
      await other.getByText('Lou Late was added; 1 kickoff looks again.').waitFor();

      await stands(page, 'Scheduling').waitFor();
      await page.getByRole('region', { name: 'Participants' }).getByText('Lou Late').waitFor();
      await expectMark(page);
    });
  });

  it('a failed step is run again with a reason, and is done', async () => {
    const dealId = await newDeal(stack(), account('610003', 'Faulty Ltd'));
    const heal = await fault(stack(), { method: 'PATCH', path: `/hubspot/*/${dealId}*` });
    await won(stack(), dealId);
    await look({ at: '/' }, async (page) => {
      const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: /Faulty Ltd/ }) });
      // It is there as soon as the step has failed.
      await card.getByText('crm_scheduling').waitFor();
      await card.getByRole('heading').getByRole('link').click();
      const step = page.getByRole('region', { name: 'Onboarding steps' }).getByRole('row', { name: /crm_scheduling/ });
      await step.getByText('failed', { exact: true }).waitFor();
      await heal();
      await step.getByRole('link', { name: 'Retry this step' }).click();
      await page.getByLabel('Why?').fill('the CRM takes it again');
      await page.getByRole('button', { name: 'Retry this step' }).click();
      await page.getByRole('status').filter({ hasText: 'crm_scheduling' }).first().waitFor();
      await step.getByText('done', { exact: true }).waitFor();
      expect(await page.getByRole('link', { name: 'Retry this step' }).count()).toBe(0);
      await page.getByRole('region', { name: 'Timeline' }).getByText('the CRM takes it again').waitFor();
    });
  });

  it('a dead event is replayed with a reason, and its page says what becomes of it', async () => {
    const dealId = await newDeal(stack(), account('610004', 'Dead Letter Ltd'));
    await winQuietly(stack(), dealId);
    const { db } = stack().services.database;
    const heal = await fault(stack(), { method: 'GET', path: `/hubspot/*/${dealId}*` });
    await sendHubSpotEvent(stack(), dealId);
    const event = await vi.waitFor(async () => {
      const [row] = await listInbox(db, { subject: dealId });
      if (row === undefined || row.reason === null) throw new Error('it has not been tried yet');
      return row;
    }, WAIT);
    // As after the last attempt, which is hours away.
    await markDead(db, event.id, `${event.reason} (given up)`);
    await heal();
    await look({ at: '/inbox' }, async (page) => {
      await page.getByRole('link', { name: /^Dead: \d+$/ }).click();
      const row = page.getByRole('row').filter({ hasText: dealId });
      await row.getByText('(given up)').waitFor();
      await row.getByRole('link', { name: 'Replay it' }).click();
      await page.getByLabel('Why?').fill('the CRM answers again');
      await page.getByRole('button', { name: 'Replay it' }).click();
      await page.getByText(`Event ${event.id} is back in the line`).waitFor();
      const fate = page.getByRole('region', { name: 'What became of it' });
      await fate.getByText('Delivered', { exact: true }).first().waitFor();
      await fate.getByRole('link').click();
      await page.getByRole('heading', { level: 1, name: /Dead Letter Ltd/ }).waitFor();
    });
  });

  it('many are paused at once, with preview, count and reason; never without a filter', async () => {
    for (const _ of [1, 2]) {
      const dealId = await won(stack(), await newDeal(stack(), account('610005', 'Many Moons')));
      await inPhase(stack(), dealId, 'scheduling');
    }
    await look({ at: '/kickoffs', mayComplain: /status of 422/ }, async (page) => {
      const offer = page.getByText('Do something with all of these …');
      await page.getByRole('heading', { name: /^\d+ kickoffs$/ }).waitFor();
      expect(await offer.count()).toBe(0);
      expect((await page.goto('/bulk/kickoff.pause'))?.status()).toBe(422);
      await page.getByText('Choose kickoffs by a filter first').waitFor();

      await page.goto('/kickoffs');
      await page.getByLabel('Deal, account, person or request').fill('many moons');
      await page.getByRole('button', { name: 'Search' }).click();
      await offer.click();
      await page.getByRole('link', { name: 'Pause …' }).click();
      await page.getByRole('heading', { level: 1, name: 'Pause 2 kickoffs' }).waitFor();
      const whom = page.getByRole('group', { name: 'The kickoffs it is done to' });
      expect(await whom.getByRole('link', { name: /Many Moons/ }).count()).toBe(2);
      await page.getByLabel('Why?').fill('holidays');
      await page.getByRole('button', { name: 'Pause 2 kickoffs' }).click();
      await page.getByText('2 of 2 answered: 2 done.').waitFor();
      await page.getByText('It has ended.').waitFor();
      await page.getByText('holidays', { exact: true }).waitFor();
      await page
        .getByRole('link', { name: /Many Moons/ })
        .first()
        .click();
      await stands(page, 'Paused').waitFor();
    });
  });

  // The last one: the sandbox's clock is days ahead from here on.
  it('the sample deal is started with a button, and becomes booked on its page without a reload', async () => {
    await look({ at: '/sandbox' }, async (page) => {
      await page.getByRole('button', { name: 'Close the sample deal' }).click();
      await page.getByRole('heading', { level: 1, name: /Acme Corp/ }).waitFor();
      await mark(page);
      await stands(page, 'Scheduling').waitFor();

      const sandbox = await page.context().newPage();
      await sandbox.goto('/sandbox');
      for (const _ of [1, 2]) {
        const before = sandbox.url();
        await sandbox.getByRole('button', { name: 'Three days' }).click();
        await sandbox.waitForURL((url) => url.href !== before);
        await sandbox.getByText('The sandbox’s clock shows').waitFor();
      }
      const meeting = page.getByRole('region', { name: 'Meeting request' });
      await meeting.getByText('booked', { exact: true }).waitFor();
      await stands(page, 'Done').waitFor();
      await expectMark(page);
    });
  });
});

/** The word for how a kickoff stands, on its page. */
function stands(page: Page, phase: string): Locator {
  return page.getByRole('region', { name: 'How it stands' }).getByText(phase, { exact: true });
}

/** Puts on the page what is gone with a reload. */
async function mark(page: Page): Promise<void> {
  await page.locator('body').evaluate((body) => body.setAttribute('data-same', ''));
}

async function expectMark(page: Page): Promise<void> {
  expect(await page.locator('body[data-same]').count(), 'the page was loaded again').toBe(1);
}

function account(id: string, name: string) {
  return { company: { id, name, domain: `${id}.example` } };
}

/** Has the CRM say that a deal is won. */
async function won(stack: TestStack, dealId: string): Promise<string> {
  await winQuietly(stack, dealId);
  await sendHubSpotEvent(stack, dealId);
  return dealId;
}

/** Has calls refused. @returns what ends that; the end of the test does too */
async function fault(stack: TestStack, rule: { method: string; path: string }): Promise<() => Promise<void>> {
  const { ids } = await stack.control<{ ids: string[] }>('POST', '/faults', { fault: 'status', status: 400, ...rule });
  const heal = async () => {
    for (const id of ids.splice(0)) await stack.control('DELETE', `/faults/${id}`);
  };
  onTestFinished(heal);
  return heal;
}
