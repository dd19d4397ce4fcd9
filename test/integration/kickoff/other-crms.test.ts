import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { realParts } from '../../harness/real-parts.ts';
import { inPhase, startTestStack, type TestStack } from '../../harness/stack.ts';
import { TOKEN, vendor } from '../../unit/crm/pipedrive/vendor.ts';
import { outboundMessage } from '../../unit/crm/salesforce/message.ts';
import { CLIENT, DEAL_ID as OPPORTUNITY, organization } from '../../unit/crm/salesforce/organization.ts';

const { temporalAddress, missing } = realParts();
const STEPS = {
  on_requested: [{ id: 'scheduling', kind: 'crm_status', status: 'Scheduling in Progress' }],
  on_booked: [
    { id: 'scheduled', kind: 'crm_status', status: 'Kickoff Scheduled', onFailure: 'wait' },
    { id: 'agenda', kind: 'crm_task', subject: 'Prepare the agenda' },
  ],
};

/** The whole stack beside a CRM of this test. */
async function stackWith(crm: object, env: Record<string, string>, organizer: string): Promise<TestStack> {
  const folder = mkdtempSync(join(tmpdir(), 'kickoff-crm-'));
  const configFile = join(folder, 'kickoff.config.yaml');
  writeFileSync(configFile, JSON.stringify({ crm, kickoff: { steps: STEPS } }));
  const stack = await startTestStack({ temporalAddress: temporalAddress ?? '', configFile, env });
  onTestFinished(async () => {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  await stack.control('POST', '/members', { email: organizer, name: 'The organizer' });
  return stack;
}

async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number; text: string }> {
  const answer = await request(url, { method: 'POST', headers, body });
  return { status: answer.statusCode, text: await answer.body.text() };
}

async function book(stack: TestStack, dealId: string): Promise<void> {
  const { request: made, organizer } = await inPhase(stack, dealId, 'scheduling');
  expect(organizer?.from).toBe('deal owner');
  await stack.control('POST', `/meeting_requests/${made?.id}/events`, { event: 'booked' });
  await inPhase(stack, dealId, 'done');
}

describe.skipIf(temporalAddress === undefined)(`a kickoff of another CRM ${missing.temporal ?? ''}`, () => {
  it('from Salesforce: outbound message, opportunity and its contacts, status and task written back', async () => {
    const org = await organization();
    org.roles.push(
      {
        ContactId: '003Hs00001AbCdEIAV',
        Role: 'Champion',
        IsPrimary: true,
        Contact: { Name: 'Jamie Chen', Email: 'jamie@acme.example', HasOptedOutOfEmail: false },
      },
      {
        ContactId: '003Hs00001AbCdFIAV',
        Role: null,
        IsPrimary: false,
        Contact: { Name: 'Robin', Email: 'robin@acme.example', HasOptedOutOfEmail: true },
      },
    );
    const stack = await stackWith(
      { salesforce: { loginUrl: org.url } },
      {
        SALESFORCE_TRIGGER_TOKENS: 'a-secret-end',
        SALESFORCE_CLIENT_ID: CLIENT.clientId,
        SALESFORCE_CLIENT_SECRET: CLIENT.clientSecret,
      },
      'sam@vendor.example',
    );
    const deliver = () =>
      post(`${stack.serveUrl}/triggers/salesforce/a-secret-end`, { 'content-type': 'text/xml' }, outboundMessage());
    const answers = await Promise.all([deliver(), deliver(), deliver()]);
    expect(answers.map(({ status, text }) => [status, text.includes('<Ack>true</Ack>')])).toEqual(
      Array(3).fill([200, true]),
    );

    await book(stack, OPPORTUNITY);
    expect((await inPhase(stack, OPPORTUNITY, 'done')).participants.map(({ email }) => email)).toEqual([
      'jamie@acme.example',
    ]);
    expect(org.opportunities[OPPORTUNITY]).toMatchObject({ Kickoff_Status__c: 'Kickoff Scheduled' });
    expect(org.tasks).toMatchObject([{ Subject: 'Prepare the agenda', WhatId: OPPORTUNITY }]);
  }, 90_000);

  it('from Pipedrive: webhook, deal and its people, status and task written back, whose own webhooks start nothing', async () => {
    const { company, url } = await vendor();
    const stack = await stackWith(
      { pipedrive: { baseUrl: url, statusField: 'Kickoff status' } },
      { PIPEDRIVE_WEBHOOK_USER: 'kickoff', PIPEDRIVE_WEBHOOK_PASSWORD: 'secret', PIPEDRIVE_API_TOKEN: TOKEN },
      'jordan@vendor.example',
    );
    const deliver = (event: object) =>
      post(
        `${stack.serveUrl}/triggers/pipedrive`,
        { 'content-type': 'application/json', authorization: `Basic ${btoa('kickoff:secret')}` },
        JSON.stringify(event),
      );
    const meta = { action: 'change', entity: 'deal', entity_id: '1148', id: 'event-1', attempt: 1, version: '2.0' };
    const won = { meta, data: company.deals['1148'], previous: { status: 'open' } };
    expect(await deliver(won)).toMatchObject({ status: 200 });

    await book(stack, '1148');
    expect(company.activities).toMatchObject([{ subject: 'Prepare the agenda', deal_id: 1148 }]);
    expect(JSON.stringify(company.deals['1148'])).toContain('Kickoff Scheduled');

    expect(company.events.length).toBeGreaterThan(0);
    for (const event of company.events) expect(await deliver(event)).toMatchObject({ status: 200 });
    await vi.waitFor(async () => {
      const rows = await stack.services.database.db
        .selectFrom('inbox')
        .select('status')
        .where('source', '=', 'pipedrive')
        .execute();
      const statuses = rows.map(({ status }) => status).sort();
      expect(statuses).toEqual(['delivered', ...statuses.slice(1).map(() => 'ignored')]);
      expect(statuses.length).toBeGreaterThan(1);
    });
  }, 90_000);
});
