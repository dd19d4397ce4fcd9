import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { SkipUpClient } from '../../skipup/index.ts';
import { describeTemporalUi } from '../harness/browser.ts';
import { withPicture } from '../harness/pictures.ts';
import { kickoffOf, newDeal, requestsOf, statusOf, type TestStack, winQuietly } from '../harness/stack.ts';

/** What a person does, by the names that the Temporal UI (2.42) gives its fields. */
function temporalUi(stack: TestStack, page: Page) {
  const { temporalUi: root, config } = stack;
  const namespace = `${root}/namespaces/${config.temporal.namespace}`;
  const main = page.getByRole('main');
  return {
    main,
    /** Fills in the form "Start Workflow", and follows the link to what it has started. */
    async startDispatch(workflowId: string, input: string) {
      await page.goto(`${namespace}/workflows/start-workflow`);
      // First, because the page moves when it puts the JSON on lines of its own.
      await main.getByRole('textbox').last().fill(input);
      await main.getByLabel('Workflow ID').fill(workflowId);
      await main.getByLabel('Task Queue').fill('kickoff');
      await main.getByLabel('Workflow Type').fill('dispatchKickoff');
      await main.getByText('Task Queue is Active').waitFor();
      await main.getByRole('button', { name: 'Start Workflow' }).click();
      await page.getByRole('log').getByRole('link', { name: 'Workflow started successfully' }).click();
      await main.getByRole('heading', { name: workflowId }).waitFor();
    },
    async open(workflowId: string) {
      await page.goto(`${namespace}/workflows/${encodeURIComponent(workflowId)}`);
      await main.getByRole('heading', { name: workflowId }).waitFor();
    },
    async isInStatus(status: string) {
      await main.getByText(status, { exact: true }).first().waitFor();
    },
    /** The Markdown under "Current Details" as it is shown: in a frame of its own. */
    async currentDetails(): Promise<Locator> {
      await main.getByRole('tab', { name: 'User Metadata' }).click();
      await main.getByRole('heading', { name: 'Current Details' }).waitFor();
      return page.frameLocator('iframe').last().locator('body');
    },
    /** Sends an update with "More Actions"; the dialog stays open, and says why, when it is refused. */
    async sendUpdate(name: string, input: string): Promise<Locator> {
      await main.getByRole('button', { name: 'More Actions' }).click();
      await page.getByRole('menuitem', { name: 'Send an Update' }).click();
      const dialog = page.getByRole('dialog', { name: 'Send an Update' });
      await dialog.getByRole('textbox').last().fill(input);
      await dialog.getByRole('button', { name: 'Select an Update' }).click();
      await page.getByRole('option', { name, exact: true }).click();
      await dialog.getByRole('button', { name: 'Submit' }).click();
      return dialog;
    },
  };
}

describeTemporalUi('by hand, in the Temporal UI', (stack, page) => {
  it('a deal is dispatched, is seen to wait, and is cancelled by an update', async () => {
    const dealId = await newDeal(stack());
    await winQuietly(stack(), dealId);
    let requestId = '';
    const ui = temporalUi(stack(), page());
    await withPicture(page(), async () => {
      await ui.startDispatch(`by-hand-${dealId}`, JSON.stringify({ dealId }));
      await ui.isInStatus('Completed');
      await ui.main.getByText('The kickoff of Acme Corp has started.').first().waitFor();
      await ui.main.getByText(`kickoff:${dealId}`).first().waitFor();
      await (await ui.currentDetails()).getByRole('link', { name: `kickoff:${dealId}` }).waitFor();

      await ui.open(`kickoff:${dealId}`);
      await ui.isInStatus('Running');
      const details = await ui.currentDetails();
      await details.getByText('scheduling', { exact: true }).waitFor();
      await details.getByText('jamie.chen@acme-corp.example').first().waitFor();
      await details.getByText('{"reason":"postponed by the customer","notify":false}').waitFor();

      requestId = (await statusOf(stack(), dealId)).request?.id ?? '';

      const refused = await ui.sendUpdate('cancel', '{"notify": true}');
      await refused.getByText('reason: say why, in 1 to 500 characters.').first().waitFor();
      await refused.getByRole('button', { name: 'Cancel' }).last().click();

      await ui.sendUpdate('cancel', JSON.stringify({ reason: 'postponed by the customer' }));
      await ui.isInStatus('Completed');
      await ui.main.getByRole('tab', { name: 'History' }).click();
      await ui.main.getByText('The kickoff and its meeting request are cancelled.').first().waitFor();
    });
    expect(await kickoffOf(stack(), dealId).result()).toMatchObject({
      phase: 'cancelled',
      outcome: 'postponed by the customer',
    });
    expect(await requestsOf(stack(), dealId)).toMatchObject([{ id: requestId, status: 'cancelled' }]);
    expect(await statusAtSkipUp(stack(), requestId)).toBe('cancelled');
  });

  it('a wrong input fails with every problem by its field, and with a right one to copy', async () => {
    const ui = temporalUi(stack(), page());
    await withPicture(page(), async () => {
      await ui.startDispatch('by-hand-wrong', '{"dealid": 5, "crm": "fax"}');
      await ui.isInStatus('Failed');
      const details = await ui.currentDetails();
      await details.getByRole('listitem').nth(2).waitFor();
      expect(await details.getByRole('listitem').allInnerTexts()).toEqual([
        'crm: must be one of hubspot, salesforce, pipedrive, generic',
        expect.stringMatching(/^input: .dealid. unknown here; known are dealId, crm, /),
        'dealId: is missing; give it, or a whole deal',
      ]);
      await details.getByText('{"dealId": "5012345678"}', { exact: true }).waitFor();
    });
  });

  it('an empty input fails the same way', async () => {
    const ui = temporalUi(stack(), page());
    await withPicture(page(), async () => {
      await ui.startDispatch('by-hand-empty', '');
      await ui.isInStatus('Failed');
      await (await ui.currentDetails()).getByText('input: is missing').waitFor();
    });
    const { client } = stack().services.temporal;
    await expect(client.workflow.getHandle('by-hand-empty').result()).rejects.toMatchObject({
      cause: { type: 'DispatchInput', message: expect.stringContaining('{"dealId": "5012345678"}') },
    });
  });
});

async function statusAtSkipUp({ sandbox, secrets }: TestStack, requestId: string): Promise<string> {
  const skipup = new SkipUpClient({ baseUrl: sandbox.apiBaseUrl, apiKey: secrets.skipupApiKey });
  try {
    return (await skipup.meetingRequests.get(requestId)).status;
  } finally {
    await skipup.close();
  }
}
