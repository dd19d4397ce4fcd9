import { describe, expect, it, onTestFinished } from 'vitest';
import { createHubSpot } from '../../../crm/index.ts';
import { ACME_DEAL_ID, startSandbox } from '../../../sandbox/index.ts';

const PORTAL_RULE = {
  status: 'error',
  category: 'VALIDATION_ERROR',
  message: 'Property values were not valid: [{"isValid":false,"error":"CANNOT_SET","name":"kickoff_status"}]',
  correlationId: 'c5f5d4a7-6a35-4d6a-8c7f-1f0a3a8e8f10',
};
const EXPIRED = { status: 'error', category: 'EXPIRED_AUTHENTICATION', message: 'The OAuth token used expired' };

/** The sandbox's CRM, and rules for what goes wrong in it. */
async function portal(...rules: object[]) {
  const sandbox = await startSandbox({ seed: 'faults' });
  onTestFinished(() => sandbox.close());
  const answer = await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(rules) });
  expect(answer.status).toBe(201);
  const crm = createHubSpot({ ...sandbox.hubspot, baseUrl: sandbox.hubspotBaseUrl, timeoutMs: 500 });
  const properties = async () => {
    const deal = await fetch(`${sandbox.url}/_sandbox/crm/deals/${ACME_DEAL_ID}`);
    return Object(await deal.json()).properties;
  };
  return { crm, properties };
}

const onDeals = { path: '/hubspot/crm/objects/*/0-3/*', next: 1 };
const query = { by: 'closed' as const, after: '2025-01-01T00:00:00Z', before: '2026-01-01T00:00:00Z', limit: 10 };

describe('what goes wrong at the sandbox’s CRM', () => {
  it('429 by its headers says how long to wait, and the next call is answered', async () => {
    const headers = {
      'retry-after': '10',
      'x-hubspot-ratelimit-max': '190',
      'x-hubspot-ratelimit-remaining': '0',
      'x-hubspot-ratelimit-interval-milliseconds': '10000',
    };
    const { crm } = await portal({ fault: 'status', status: 429, headers, ...onDeals });
    const refused = crm.readDeal(ACME_DEAL_ID);
    await expect(refused).rejects.toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: 10_000 });
    await expect(refused).rejects.toThrow(/ten_secondly_rolling limit/);
    expect((await crm.readDeal(ACME_DEAL_ID)).id).toBe(ACME_DEAL_ID);
  });

  it('401 after the token has expired is for a person to mend', async () => {
    const { crm } = await portal({ fault: 'status', status: 401, body: EXPIRED, path: '/hubspot/*' });
    for (const work of [crm.readDeal(ACME_DEAL_ID), crm.listWonDeals?.(query)]) {
      await expect(work).rejects.toMatchObject({ code: 'unauthorized', retryable: false });
      await expect(work).rejects.toThrow(/EXPIRED_AUTHENTICATION/);
    }
  });

  it('400 by a rule of the portal is told in its words, and nothing is written', async () => {
    const { crm, properties } = await portal({
      fault: 'status',
      status: 400,
      body: PORTAL_RULE,
      method: 'PATCH',
      ...onDeals,
    });
    const work = crm.writeBack(ACME_DEAL_ID, { status: 'x', properties: { kickoff_link: 'y' }, marker: 'm' });
    await expect(work).rejects.toMatchObject({ code: 'refused', retryable: false });
    await expect(work).rejects.toThrow(/CANNOT_SET/);
    expect(await properties()).not.toHaveProperty('kickoff_status');
    expect(await properties()).not.toHaveProperty('kickoff_link');
  });

  it.each([500, 502, 503, 504, 477, 423])('%i comes and goes', async (status) => {
    const { crm } = await portal({ fault: 'status', status, path: '/hubspot/*', next: 1 });
    await expect(crm.listWonDeals?.(query)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(await crm.listWonDeals?.(query)).toEqual({ deals: [], remaining: 0 });
  });

  it.each([
    ['half of an answer', { fault: 'truncated_body' }, 'unavailable'],
    ['an answer that never goes on', { fault: 'stalled_body' }, 'unavailable'],
    ['an answer that is no JSON', { fault: 'malformed_json' }, 'malformed_answer'],
    ['no answer at all', { fault: 'drop', when: 'after' }, 'unavailable'],
  ])('%s to a search is told from an empty list', async (_what, fault, code) => {
    const { crm } = await portal({ ...fault, path: '/hubspot/*', next: 1 });
    await expect(crm.listWonDeals?.(query)).rejects.toMatchObject({ code });
  });

  it('a write whose answer is lost is the same when it is repeated', async () => {
    const { crm, properties } = await portal({ fault: 'drop', when: 'after', method: 'PATCH', ...onDeals });
    const write = { status: 'Scheduled', properties: { kickoff_link: 'y' }, marker: 'm' };
    await expect(crm.writeBack(ACME_DEAL_ID, write)).rejects.toMatchObject({ code: 'unavailable' });
    await crm.writeBack(ACME_DEAL_ID, write);
    expect(await properties()).toMatchObject({ kickoff_status: 'Scheduled', kickoff_link: 'y' });
  });
});
