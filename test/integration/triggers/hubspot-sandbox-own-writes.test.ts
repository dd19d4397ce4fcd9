import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { listInbox } from '../../../database/index.ts';
import { ACME_DEAL_ID } from '../../../sandbox/index.ts';
import { kickoffWorkflowId } from '../../../workflows/messages.ts';
import { realParts } from '../../harness/real-parts.ts';
import { inPhase, requestsOf, startTestStack } from '../../harness/stack.ts';

const { temporalAddress, missing } = realParts();
const CONFIG = {
  crm: { hubspot: { portalId: '4242424' } },
  temporalUiUrl: 'http://temporal.example',
  kickoff: {
    steps: {
      on_requested: [
        {
          id: 'scheduling',
          kind: 'crm_status',
          status: 'Scheduling in Progress',
          properties: { kickoff_request_id: '{{meeting.requestId}}', kickoff_link: '{{links.kickoff}}' },
        },
      ],
      on_booked: [
        { id: 'booked', kind: 'crm_status', status: 'Kickoff Scheduled', properties: { kickoff_for: '{{deal.name}}' } },
        { id: 'note', kind: 'crm_note', text: 'See {{links.kickoff}}' },
      ],
    },
  },
};

interface DealDetails {
  properties: Record<string, string>;
  history: { property: string; to: string; source: string }[];
  notes: { properties: { hs_note_body: string } }[];
}

describe.skipIf(temporalAddress === undefined)(`Kickoff’s own writes at HubSpot ${missing.temporal ?? ''}`, () => {
  it('are told back to it for every property, and cause neither a second kickoff nor a second write', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kickoff-own-writes-'));
    const configFile = join(folder, 'kickoff.config.yaml');
    writeFileSync(configFile, JSON.stringify(CONFIG));
    const stack = await startTestStack({ temporalAddress: temporalAddress ?? '', configFile });
    onTestFinished(async () => {
      await stack.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    await stack.control('PATCH', '/settings', { crmTellsEveryProperty: true });
    await stack.control('POST', `/crm/deals/${ACME_DEAL_ID}/close`);
    const { request } = await inPhase(stack, ACME_DEAL_ID, 'scheduling');
    await stack.control('POST', `/meeting_requests/${request?.id}/events`, { event: 'booked' });
    await inPhase(stack, ACME_DEAL_ID, 'done');

    const reasons = await vi.waitFor(
      async () => {
        const rows = await listInbox(stack.services.database.db);
        const told = rows.filter(({ source }) => source === 'hubspot');
        const found = told.map(({ status, reason }) => `${status} ${reason ?? ''}`.trim()).sort();
        if (found.length < 6 || found.some((row) => row.startsWith('pending'))) throw new Error(found.join('\n'));
        return found;
      },
      { timeout: 20_000, interval: 50 },
    );
    expect(reasons).toEqual([
      'delivered',
      'ignored property kickoff_for changed, not dealstage',
      'ignored property kickoff_link changed, not dealstage',
      'ignored property kickoff_request_id changed, not dealstage',
      'ignored property kickoff_status changed, not dealstage',
      'ignored property kickoff_status changed, not dealstage',
    ]);
    expect(await requestsOf(stack, ACME_DEAL_ID)).toHaveLength(1);

    const link = `http://temporal.example/namespaces/${stack.services.temporal.client.options.namespace}/workflows/${encodeURIComponent(kickoffWorkflowId(ACME_DEAL_ID))}`;
    const deal = await stack.control<DealDetails>('GET', `/crm/deals/${ACME_DEAL_ID}`);
    expect(deal.properties).toMatchObject({
      kickoff_request_id: request?.id,
      kickoff_link: link,
      kickoff_for: 'Acme Corp – Enterprise, 12 months',
    });
    expect(deal.notes).toHaveLength(1);
    expect(deal.notes[0]?.properties.hs_note_body).toContain(link);
    const written = deal.history
      .filter(({ source }) => source === 'api')
      .map(({ property, to }) => `${property}: ${to}`);
    expect(written.sort()).toEqual([
      'kickoff_for: Acme Corp – Enterprise, 12 months',
      `kickoff_link: ${link}`,
      `kickoff_request_id: ${request?.id}`,
      'kickoff_status: Kickoff Scheduled',
      'kickoff_status: Scheduling in Progress',
    ]);
    const { entries } = await stack.control<{ entries: { method: string; path: string }[] }>(
      'GET',
      '/journal?type=api',
    );
    const patches = entries.filter(({ method, path }) => method === 'PATCH' && path.includes('/0-3/'));
    expect(patches).toHaveLength(2);
    const steps = await stack.services.database.db.selectFrom('steps').select(['step_id', 'outcome']).execute();
    const url = `https://app.hubspot.com/contacts/4242424/record/0-3/${ACME_DEAL_ID}`;
    expect(steps.find(({ step_id }) => step_id === 'scheduling')?.outcome).toEqual({
      detail: 'CRM status: Scheduling in Progress, with kickoff_request_id, kickoff_link',
      ids: {},
      url,
    });
  }, 90_000);
});
