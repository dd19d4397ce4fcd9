import { describe, expect, it } from 'vitest';
import { createHubSpot, type DealSignal } from '../../../crm/index.ts';
import { codeOf } from './inbound.ts';

const crm = createHubSpot({});

/** As HubSpot documents it. */
const stageChange = {
  eventId: 3816279340,
  subscriptionId: 25,
  portalId: 33,
  appId: 1160452,
  occurredAt: 1_784_000_000_000,
  subscriptionType: 'deal.propertyChange',
  attemptNumber: 0,
  objectId: 1148,
  propertyName: 'dealstage',
  propertyValue: 'closedwon',
  changeSource: 'CRM_UI',
  sourceId: 'userId:1',
};

const normalise = (batch: unknown): DealSignal[] => crm.normalise(Buffer.from(JSON.stringify(batch)));
const only = (event: object): DealSignal => {
  const [signal] = normalise([event]);
  if (signal === undefined) {
    throw new Error('no signal came of the event');
  }
  return signal;
};

describe('HubSpot events', () => {
  it('make one signal of a change of stage', () => {
    expect(only(stageChange)).toEqual({
      dealId: '1148',
      transitionKey: '33:deal.propertyChange:1148:dealstage:3816279340:1784000000000',
      occurredAt: '2026-07-14T03:33:20.000Z',
      eventType: 'deal.propertyChange',
    });
  });

  it('are taken in the newer form, and with eventType for subscriptionType', () => {
    const { subscriptionType: _, ...rest } = stageChange;
    const newer = only({ ...rest, subscriptionType: 'object.propertyChange', objectTypeId: '0-3' });
    expect(newer).toMatchObject({ dealId: '1148', eventType: 'object.propertyChange' });
    expect(newer.ignore).toBeUndefined();
    expect(only({ ...rest, eventType: 'deal.propertyChange' })).toEqual(only(stageChange));
  });

  it('of one batch become as many signals, in order', () => {
    const batch = Array.from({ length: 100 }, (_, index) => ({
      ...stageChange,
      eventId: index,
      objectId: 1000 + index,
    }));
    const signals = normalise(batch);
    expect(signals).toHaveLength(100);
    expect(new Set(signals.map(({ transitionKey }) => transitionKey)).size).toBe(100);
    expect(signals.map(({ dealId }) => dealId)).toEqual(batch.map(({ objectId }) => String(objectId)));
  });

  it('have the same key in every attempt, and another for the next transition', () => {
    const { transitionKey } = only(stageChange);
    expect(only({ ...stageChange, attemptNumber: 7, subscriptionId: 26 }).transitionKey).toBe(transitionKey);
    expect(only({ ...stageChange, occurredAt: stageChange.occurredAt + 1 }).transitionKey).not.toBe(transitionKey);
    expect(only({ ...stageChange, eventId: 1 }).transitionKey).not.toBe(transitionKey);
    expect(only({ ...stageChange, portalId: 34 }).transitionKey).not.toBe(transitionKey);
  });

  it.each([
    ['another property, as our own write-back makes it', { propertyName: 'kickoff_status' }, 'kickoff_status'],
    ['a contact', { subscriptionType: 'contact.propertyChange' }, 'contact'],
    ['another object in the newer form', { subscriptionType: 'object.propertyChange', objectTypeId: '0-1' }, '0-1'],
    ['a creation', { subscriptionType: 'deal.creation' }, 'deal.creation'],
    ['a restored deal', { subscriptionType: 'object.restore', objectTypeId: '0-3' }, 'object.restore'],
    ['a deleted contact', { subscriptionType: 'contact.deletion' }, 'contact'],
    ['merged companies', { subscriptionType: 'object.merge', objectTypeId: '0-2' }, '0-2'],
    [
      'an association, which has no object id',
      { subscriptionType: 'contact.associationChange', objectId: undefined },
      'contact',
    ],
  ])('about %s are marked as ignored with the reason', (_what, change, reason) => {
    expect(only({ ...stageChange, ...change }).ignore).toContain(reason);
  });

  it('name their type in subscriptionType or eventType, and subscriptionType counts when both are there', () => {
    expect(only({ ...stageChange, eventType: 'deal.creation' }).eventType).toBe('deal.propertyChange');
  });

  it('of a hundred are as many rows, whatever each of them is about', () => {
    const kinds = [
      {},
      { propertyName: 'amount' },
      { subscriptionType: 'deal.creation' },
      { subscriptionType: 'contact.propertyChange' },
    ];
    const batch = Array.from({ length: 100 }, (_, nth) => ({ ...stageChange, ...kinds[nth % 4], eventId: nth }));
    const signals = normalise(batch);
    expect(signals).toHaveLength(100);
    expect(signals.filter(({ ignore }) => ignore === undefined)).toHaveLength(25);
  });

  it('that are of use are kept beside those that are not', () => {
    const signals = normalise([{ ...stageChange, propertyName: 'amount' }, stageChange]);
    expect(signals.map(({ ignore }) => ignore === undefined)).toEqual([false, true]);
  });

  it.each([
    ['not JSON', 'nonsense', /JSON/],
    ['not UTF-8', Buffer.from([0x5b, 0xff, 0x5d]), /JSON/],
    ['an object', '{}', /array/],
    ['more than a hundred', JSON.stringify(Array(101).fill(stageChange)), /at most 100/],
    ['no event', '[null]', /at 0/],
    ['a wrong object id', JSON.stringify([stageChange, { ...stageChange, objectId: 'x' }]), /at 1\.objectId/],
    ['no object id', JSON.stringify([{ ...stageChange, objectId: undefined }]), /at 0\.objectId/],
    [
      'an id too large to be read exactly',
      `[${JSON.stringify(stageChange).replace('1148', '9007199254740993')}]`,
      /objectId/,
    ],
    ['no time', JSON.stringify([{ ...stageChange, occurredAt: null }]), /at 0\.occurredAt/],
    ['a time beyond all dates', JSON.stringify([{ ...stageChange, occurredAt: 8.64e15 + 1 }]), /at 0\.occurredAt/],
    ['no type', JSON.stringify([{ ...stageChange, subscriptionType: undefined }]), /at 0\.subscriptionType/],
  ])('that are %s are refused, naming the place', (_what, body, message) => {
    const work = () => crm.normalise(Buffer.from(body));
    expect(codeOf(work)).toBe('malformed_body');
    expect(work).toThrow(message);
  });

  it('may be none', () => {
    expect(normalise([])).toEqual([]);
  });
});

/** As HubSpot documents the fields of a merge; a merge of deals makes a new one of them. */
const merge = {
  eventId: 100,
  subscriptionId: 26,
  portalId: 33,
  appId: 1160452,
  occurredAt: 1_784_000_000_000,
  subscriptionType: 'deal.merge',
  attemptNumber: 0,
  changeSource: 'CRM_UI',
  primaryObjectId: 1148,
  mergedObjectIds: [1149],
  newObjectId: 2001,
  numberOfPropertiesMoved: 7,
};

describe('HubSpot’s merges and deletions', () => {
  it('signal the deal that came of the merge', () => {
    expect(only(merge)).toEqual({
      dealId: '2001',
      transitionKey: '33:deal.merge:::100:1784000000000:1148:1149:2001',
      occurredAt: '2026-07-14T03:33:20.000Z',
      eventType: 'deal.merge',
      mergedIds: ['1148', '1149'],
      tellsOnly: true,
    });
  });

  it.each([undefined, null, 0])('signal the primary deal when no new one was made (newObjectId %j)', (newObjectId) => {
    expect(only({ ...merge, newObjectId, objectId: 77 }).dealId).toBe('1148');
  });

  it('are taken in the newer form, with ids as texts, and with an object id besides', () => {
    const newer = { subscriptionType: 'object.merge', objectTypeId: '0-3', objectId: 1148, newObjectId: '2001' };
    expect(only({ ...merge, ...newer })).toMatchObject({ dealId: '2001', eventType: 'object.merge' });
  });

  it('have one key in every attempt, and another for every other merge', () => {
    const { transitionKey } = only(merge);
    expect(only({ ...merge, attemptNumber: 3, subscriptionId: 1 }).transitionKey).toBe(transitionKey);
    for (const change of [{ mergedObjectIds: [1150] }, { newObjectId: 2002 }, { primaryObjectId: 1 }, { eventId: 1 }]) {
      expect(only({ ...merge, ...change }).transitionKey).not.toBe(transitionKey);
    }
  });

  it('that name no deal at all are refused', () => {
    const body = JSON.stringify([{ ...merge, newObjectId: null, primaryObjectId: undefined }]);
    expect(() => crm.normalise(Buffer.from(body))).toThrow(/at 0\.newObjectId/);
  });

  it.each([
    ['deal.deletion', {}],
    ['object.deletion', { objectTypeId: '0-3' }],
  ])('signal a deleted deal by %s', (subscriptionType, more) => {
    const { propertyName: _name, propertyValue: _value, ...rest } = stageChange;
    expect(only({ ...rest, ...more, subscriptionType })).toEqual({
      dealId: '1148',
      transitionKey: `33:${subscriptionType}:1148::3816279340:1784000000000`,
      occurredAt: '2026-07-14T03:33:20.000Z',
      eventType: subscriptionType,
      tellsOnly: true,
    });
  });
});
