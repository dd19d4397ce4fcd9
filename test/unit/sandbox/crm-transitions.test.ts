import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ACME_DEAL_ID } from '../../../sandbox/index.ts';
import { endWithTest, receiver, running } from './running.ts';

const OTHER = '6000000001';
const READ = (id: string) => `GET /objects/2026-03/0-3/${id}?properties=dealname,dealstage,hs_merged_object_ids,amount`;

async function withTwoDeals() {
  const hook = await receiver(200);
  const sandbox = await running({ hubspot: { webhookUrl: hook.url } });
  await sandbox.control(`PUT /crm/deals/${OTHER}`, {
    properties: { dealname: 'Acme twice', amount: '1', source: 'a list' },
    contacts: [
      { id: '30101', email: 'jamie.chen@acme-corp.example' },
      { id: '40001', email: 'new@acme-corp.example' },
    ],
  });
  const events = () => hook.received.flatMap(({ raw }) => z.array(z.looseObject({})).parse(JSON.parse(raw)));
  return { sandbox, hook, events };
}

/** A state file as it was before the CRM's records had lines of their own, and before there were merges. */
function asWrittenBefore(written: string): string {
  const records: Record<string, unknown[]> = { deals: [], contacts: [], companies: [], notes: [], tasks: [] };
  const lines = written.trimEnd().split('\n');
  const kept = lines.flatMap((line) => {
    const read = z.record(z.string(), z.unknown()).parse(JSON.parse(line));
    const [kind = ''] = Object.keys(read);
    if (kind === 'gone') return [];
    if (kind.startsWith('crm.')) {
      records[kind.slice('crm.'.length)]?.push(read[kind]);
      return [];
    }
    if (kind !== 'rest') return [line];
    const rest = z.looseObject({ settings: z.looseObject({}), crm: z.looseObject({}) }).parse(read.rest);
    const { crmSearchesPerSecond: _s, crmTellsEveryProperty: _p, ...settings } = rest.settings;
    const { merged: _m, ...crm } = rest.crm;
    return [JSON.stringify({ rest: { ...rest, settings, crm: { ...crm, ...records } } })];
  });
  return `${kept.join('\n')}\n`;
}

describe('deals that are merged', () => {
  it('become a new one with both their values, people and notes; the old ids lead to it', async () => {
    const { sandbox } = await withTwoDeals();
    const associations = [
      { to: { id: OTHER }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 214 }] },
    ];
    const note = { properties: { hs_timestamp: '1', hs_note_body: 'kept' }, associations };
    await sandbox.crm('POST /objects/2026-03/notes', note);
    const merged = await sandbox.crm('POST /objects/2026-03/deals/merge', {
      primaryObjectId: ACME_DEAL_ID,
      objectIdToMerge: OTHER,
    });
    expect(merged.status).toBe(200);
    const id = String(merged.body.id);
    expect([ACME_DEAL_ID, OTHER]).not.toContain(id);
    for (const asked of [ACME_DEAL_ID, OTHER, id]) {
      expect((await sandbox.crm(READ(asked))).body).toMatchObject({
        id,
        properties: { amount: '148000', hs_merged_object_ids: `${ACME_DEAL_ID};${OTHER}`, hs_object_id: id },
      });
    }
    const list = (deal: string, kind: string) => sandbox.crm(`GET /objects/2026-03/deals/${deal}/associations/${kind}`);
    expect((await list(id, 'contacts')).body.results).toHaveLength(5);
    expect((await list(id, 'notes')).body.results).toHaveLength(1);
    expect((await list(OTHER, 'notes')).body.results).toEqual([]);
    const details = (await sandbox.control(`GET /crm/deals/${OTHER}`)).body;
    expect(details).toMatchObject({
      id,
      properties: { source: 'a list' },
      notes: [{ properties: { hs_note_body: 'kept' } }],
    });
  });

  it('are told as a merge, in either form, and not as a change of stage', async () => {
    const { sandbox, events } = await withTwoDeals();
    const { body } = await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/merge`, { with: OTHER, form: 'object' });
    const id = z.object({ id: z.string() }).parse(body.deal).id;
    await sandbox.control(`PUT /crm/deals/${OTHER}`, {});
    await sandbox.crm('POST /objects/2026-03/0-3/merge', { primaryObjectId: id, objectIdToMerge: OTHER });
    await sandbox.advance('1s');
    expect(events()).toMatchObject([
      {
        subscriptionType: 'object.merge',
        objectTypeId: '0-3',
        primaryObjectId: Number(ACME_DEAL_ID),
        mergedObjectIds: [Number(OTHER)],
        newObjectId: Number(id),
        numberOfPropertiesMoved: 1,
      },
      { subscriptionType: 'deal.merge', primaryObjectId: Number(id), mergedObjectIds: [Number(OTHER)] },
    ]);
    const twice = (await sandbox.crm(READ(ACME_DEAL_ID))).body;
    expect(twice.properties).toMatchObject({ hs_merged_object_ids: `${ACME_DEAL_ID};${OTHER};${id};${OTHER}` });
  });

  it('must be two, and there', async () => {
    const sandbox = await running();
    const merge = (primaryObjectId: string, objectIdToMerge: string) =>
      sandbox.crm('POST /objects/2026-03/deals/merge', { primaryObjectId, objectIdToMerge });
    expect((await merge(ACME_DEAL_ID, ACME_DEAL_ID)).status).toBe(400);
    expect((await merge(ACME_DEAL_ID, '1')).status).toBe(404);
    expect((await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/merge`, { with: '1' })).status).toBe(404);
  });

  it('are still merged after a restart, and a state file from before there were merges is read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kickoff-merge-'));
    endWithTest(() => rm(folder, { recursive: true }));
    const stateFile = join(folder, 'state');
    const first = await running({ stateFile });
    await first.control(`PUT /crm/deals/${OTHER}`, {});
    const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 214 }];
    const note = { properties: { hs_timestamp: '1' }, associations: [{ to: { id: OTHER }, types }] };
    await first.crm('POST /objects/2026-03/notes', note);
    const { body } = await first.control(`POST /crm/deals/${ACME_DEAL_ID}/merge`, { with: OTHER });
    const { id } = z.object({ id: z.string() }).parse(body.deal);
    const [token] = [first.hubspot.accessToken];
    await first.close();
    const second = await running({ stateFile });
    expect((await second.crm(READ(OTHER), undefined, token)).status).toBe(200);
    await second.close();
    await writeFile(stateFile, asWrittenBefore(await readFile(stateFile, 'utf8')));
    const third = await running({ stateFile });
    expect((await third.crm(READ(OTHER), undefined, token)).status).toBe(404);
    expect((await third.crm(READ(id), undefined, token)).body).toMatchObject({ properties: { amount: '148000' } });
    expect((await third.control(`GET /crm/deals/${id}`)).body.notes).toHaveLength(1);
    expect((await third.control('GET /')).body.settings).toMatchObject({ crmSearchesPerSecond: 5 });
  });
});

describe('the control of a deal', () => {
  it('reopens and loses it, and closes it again; the close date moves with a closing alone', async () => {
    const { sandbox, events } = await withTwoDeals();
    const closedAt = async () => (await sandbox.crm(`GET /objects/2026-03/0-3/${ACME_DEAL_ID}`)).body.properties;
    await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/close`);
    await sandbox.advance('1h');
    await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/stage`, { stage: 'contractsent' });
    expect(await closedAt()).toMatchObject({ closedate: '2026-02-10T14:00:00.000Z', dealstage: 'contractsent' });
    await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/stage`, { stage: 'closedlost' });
    expect(await closedAt()).toMatchObject({ closedate: '2026-02-10T15:00:00.000Z' });
    await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/stage`, { stage: 'closedwon', notify: false });
    expect(events().map(({ propertyValue }) => propertyValue)).toEqual(['closedwon', 'contractsent', 'closedlost']);
    expect((await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/stage`, {})).status).toBe(400);
  });

  it('deletes it, and tells so', async () => {
    const { sandbox, events } = await withTwoDeals();
    expect((await sandbox.control(`POST /crm/deals/${OTHER}/delete`)).status).toBe(200);
    expect((await sandbox.crm(READ(OTHER))).status).toBe(404);
    expect((await sandbox.control(`POST /crm/deals/${OTHER}/delete`)).status).toBe(404);
    expect(events()).toMatchObject([{ subscriptionType: 'deal.deletion', objectId: Number(OTHER) }]);
  });

  it('changes its owner, or what else is asked for, as a person would', async () => {
    const { sandbox, events } = await withTwoDeals();
    await sandbox.advance('1h');
    const properties = { hubspot_owner_id: '71002', amount: '5' };
    const { status } = await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/properties`, { properties });
    expect(status).toBe(200);
    expect(events()).toMatchObject([
      { propertyName: 'hubspot_owner_id', propertyValue: '71002', changeSource: 'CRM_UI' },
      { propertyName: 'amount', propertyValue: '5' },
    ]);
    expect((await sandbox.crm(READ(ACME_DEAL_ID))).body.updatedAt).toBe('2026-02-10T15:00:00.000Z');
    const computed = { properties: { hs_is_closed_won: 'true' } };
    expect((await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/properties`, computed)).status).toBe(400);
  });

  it('has every property that a program writes told, when the setting asks for it', async () => {
    const { sandbox, events } = await withTwoDeals();
    const write = { properties: { kickoff_status: 'Scheduled', amount: '7' } };
    await sandbox.crm(`PATCH /objects/2026-03/0-3/${ACME_DEAL_ID}`, write);
    await sandbox.advance('1s');
    expect(events()).toEqual([]);
    expect((await sandbox.control('PATCH /settings', { crmTellsEveryProperty: true })).status).toBe(200);
    await sandbox.crm(`PATCH /objects/2026-03/0-3/${ACME_DEAL_ID}`, {
      properties: { kickoff_status: 'Booked', amount: '7' },
    });
    await sandbox.advance('1s');
    expect(events()).toMatchObject([
      { propertyName: 'kickoff_status', propertyValue: 'Booked', changeSource: 'INTEGRATION' },
    ]);
  });
});
