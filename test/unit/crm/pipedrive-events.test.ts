import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DealSignal } from '../../../crm/index.ts';
import { createPipedrive } from '../../../crm/pipedrive/index.ts';
import { TriggerRefused } from '../../../crm/port.ts';
import { codeOf } from './inbound.ts';
import { event } from './pipedrive/vendor.ts';

const NOW = '2026-11-21T10:00:00.000Z';
const crm = createPipedrive({ now: () => new Date(NOW) });

const normalise = (body: unknown): DealSignal[] => crm.normalise(Buffer.from(JSON.stringify(body)));
const only = (body: unknown): DealSignal => {
  const [signal, ...more] = normalise(body);
  if (signal === undefined || more.length > 0) {
    throw new Error('not one signal');
  }
  return signal;
};

const won = { id: 1148, status: 'won', title: 'Acme', stage_id: 5, won_time: '2026-02-08T15:00:00Z' };
const close = event('change', 'deal', '1148', won, { status: 'open', won_time: null });
const meta: Record<string, unknown> = Object(close.meta);
const withMeta = (change: object, body: object = close) => ({ ...body, meta: { ...meta, ...change } });

describe('a Pipedrive webhook', () => {
  it('makes a signal of a deal that becomes won', () => {
    expect(only(close)).toEqual({
      dealId: '1148',
      transitionKey: '12882925:deal:1148:c8b3a1de-0000-4000-8000-000000000001',
      occurredAt: '2026-02-08T15:00:01.000Z',
      eventType: 'change.deal',
    });
  });

  it('makes a signal of a deal that is created as won, which has no previous state', () => {
    expect(only(event('create', 'deal', '1148', won, null)).ignore).toBeUndefined();
    expect(only(event('create', 'deal', '1148', { ...won, status: 'open' }, null)).ignore).toContain('open');
  });

  it('has ids as numbers or as text, and may leave the deal’s id to its data', () => {
    const numbers = only(withMeta({ entity_id: 1148, company_id: 12882925 }));
    expect(numbers).toEqual(only(close));
    expect(only(withMeta({ entity_id: undefined })).dealId).toBe('1148');
  });

  it('of the guide’s form is one signal, whichever field of its meta block is not there or new', () => {
    // https://pipedrive.readme.io/docs/guide-for-webhooks-v2, "Webhook's meta block".
    const published = [
      ...['action', 'entity', 'company_id', 'correlation_id', 'entity_id', 'id', 'is_bulk_edit', 'timestamp', 'type'],
      ...['user_id', 'version', 'webhook_id', 'webhook_owner_id', 'change_source', 'attempt', 'host'],
      'permitted_user_ids',
    ];
    expect(Object.keys(meta).sort()).toEqual(published.toSorted());
    for (const field of published.filter((name) => name !== 'action' && name !== 'entity')) {
      const signal = only(withMeta({ [field]: undefined }));
      expect([field, signal.dealId, signal.ignore]).toEqual([field, '1148', undefined]);
    }
    expect(only(withMeta({ is_new: true, change_source: 'app', is_bulk_edit: true }))).toEqual(only(close));
    expect(only(withMeta({ timestamp: '1770562801' })).occurredAt).toBe('2026-02-08T15:00:01.000Z');
  });

  it('has one key in every attempt', () => {
    const keys = [1, 2, 3, 4].map(
      (attempt) => only(withMeta({ attempt, correlation_id: `c-${attempt}` })).transitionKey,
    );
    expect(new Set(keys)).toEqual(new Set([only(close).transitionKey]));
  });

  it('has another key when the deal is reopened and won again, and in another company', () => {
    const reopened = withMeta(
      { id: 'event-2' },
      { ...close, data: { ...won, status: 'open' }, previous: { status: 'won' } },
    );
    expect(only(reopened).ignore).toBeUndefined();
    expect(only(reopened).transitionKey).not.toBe(only(close).transitionKey);
    const again = only(withMeta({ id: 'event-3' }));
    expect(again.ignore).toBeUndefined();
    expect(again.transitionKey).not.toBe(only(close).transitionKey);
    expect(only(withMeta({ company_id: 2 })).transitionKey).not.toBe(only(close).transitionKey);
  });

  it('whose event has no id of its own, or the deal’s, is told from the next by the moment', () => {
    for (const id of [1148, '1148', undefined]) {
      const first = only(withMeta({ id }));
      const repeat = only(withMeta({ id, attempt: 3, timestamp: '2026-02-08T15:03:04.000Z' }));
      const next = only(withMeta({ id }, { ...close, data: { ...won, won_time: '2026-02-08 16:00:00' } }));
      expect(repeat.transitionKey).toBe(first.transitionKey);
      expect(next.transitionKey).not.toBe(first.transitionKey);
    }
  });

  it.each([
    ['2023-01-01T00:00:00.000Z', '2023-01-01T00:00:00.000Z'],
    [1_727_447_128, '2024-09-27T14:25:28.000Z'],
    ['1727447128', '2024-09-27T14:25:28.000Z'],
    [1_727_447_128_000, '2024-09-27T14:25:28.000Z'],
    ['2026-02-08 15:00:01', '2026-02-08T15:00:01.000Z'],
    ['2026-02-08T17:00:01+02:00', '2026-02-08T15:00:01.000Z'],
    [undefined, '2026-02-08T15:00:00.000Z'],
    [null, '2026-02-08T15:00:00.000Z'],
    ['yesterday', '2026-02-08T15:00:00.000Z'],
    [-1, '2026-02-08T15:00:00.000Z'],
    [1e300, '2026-02-08T15:00:00.000Z'],
  ])('with the time stamp %j happened at %s', (timestamp, expected) => {
    expect(only(withMeta({ timestamp })).occurredAt).toBe(expected);
  });

  it('without any time happened when it came', () => {
    const signal = only(withMeta({ timestamp: undefined }, { ...close, data: { ...won, won_time: null } }));
    expect(signal.occurredAt).toBe(NOW);
  });

  it.each([
    ['a person', event('change', 'person', '3', { id: 3, status: 'won' }, { status: 'x' }), 'a person, not a deal'],
    [
      'a lead, whose id is no number',
      event('create', 'lead', 'adf21080-0e10-11eb-879b-05d71fb426ec', {}, null),
      'a lead',
    ],
    ['an activity', event('create', 'activity', '9', { id: 9 }, null), 'an activity, not a deal'],
    ['an edit after closing', event('change', 'deal', '1148', won, { title: 'Old' }), 'status did not change'],
    [
      'an owner who changed after closing',
      event('change', 'deal', '1148', won, { owner_id: 5 }),
      'status did not change',
    ],
    ['an edit that names no field', event('change', 'deal', '1148', won, null), 'status did not change'],
    ['a status that was won before', event('change', 'deal', '1148', won, { status: 'won' }), 'status did not change'],
    [
      'an edit of an open deal',
      event('change', 'deal', '1148', { ...won, status: 'open' }, { title: 'Old' }),
      'edited',
    ],
    ['a deal made as open', event('create', 'deal', '1148', { ...won, status: 'open' }, null), 'open, not won'],
    ['an action of the future', withMeta({ action: 'archive' }), 'archive'],
  ])('about %s is ignored with the reason', (_what, body, reason) => {
    expect(only(body).ignore).toContain(reason);
  });

  it.each([
    ['a lost deal', event('change', 'deal', '1148', { ...won, status: 'lost' }, { status: 'open' })],
    ['a reopened deal', event('change', 'deal', '1148', { ...won, status: 'open' }, { status: 'won' })],
    ['a deal without a status', event('change', 'deal', '1148', { id: 1148 }, { status: 'open' })],
  ])('about %s is news: the deal is read again', (_what, body) => {
    expect(only(body)).toMatchObject({ dealId: '1148' });
    expect(only(body).ignore).toBeUndefined();
    expect(only(body).tellsOnly).toBeUndefined();
  });

  it.each([
    ['a deleted deal', event('delete', 'deal', '1148', null, won), '1148', undefined],
    [
      'a deal deleted in its data',
      event('change', 'deal', '1148', { ...won, is_deleted: true }, { status: 'open' }),
      '1148',
      undefined,
    ],
    ['a deal without data', event('change', 'deal', '1148', null, { status: 'open' }), '1148', undefined],
    [
      'the deal that a merge removed',
      withMeta({ action: 'delete', merged_to_id: '7' }, { ...close, data: null }),
      '7',
      ['1148'],
    ],
    ['the deal that a merge kept', withMeta({ merged_from_id: '7' }), '1148', ['7']],
  ])('about %s is told to kickoffs and starts none', (_what, body, dealId, mergedIds) => {
    const { ignore, ...signal } = only(body);
    expect(ignore).toBeUndefined();
    expect(signal).toMatchObject({ dealId, tellsOnly: true });
    expect(signal.mergedIds).toEqual(mergedIds);
  });

  it('gathered with others makes one signal of each, in order', () => {
    const batch = Array.from({ length: 100 }, (_, index) => withMeta({ id: `e-${index}`, entity_id: index + 1 }));
    const signals = normalise([...batch.slice(0, 99), event('change', 'person', '3', {}, {})]);
    expect(signals.map(({ dealId }) => dealId)).toEqual([...Array.from({ length: 99 }, (_, n) => String(n + 1)), '3']);
    expect(new Set(signals.map(({ transitionKey }) => transitionKey)).size).toBe(100);
    expect(signals.filter(({ ignore }) => ignore === undefined)).toHaveLength(99);
    expect(normalise([])).toEqual([]);
  });

  it.each([
    ['not JSON', 'nonsense', /JSON/],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), /JSON/],
    ['no event', 'null', /at the top/],
    ['without meta', '{"data":{}}', /at meta/],
    ['without action', JSON.stringify(withMeta({ action: undefined })), /at meta\.action/],
    ['without entity', JSON.stringify(withMeta({ entity: 5 })), /at meta\.entity/],
    ['about a deal whose id is no number', JSON.stringify(withMeta({ entity_id: '../users/1' })), /meta\.entity_id/],
    [
      'with an id too large to be exact',
      JSON.stringify(close).replace('"1148"', '9007199254740993'),
      /meta\.entity_id/,
    ],
    ['with a fraction as id', JSON.stringify(withMeta({ entity_id: 1.5 })), /meta\.entity_id/],
    ['with data of another kind', JSON.stringify({ ...close, data: [1] }), /at data/],
    ['with a status of another kind', JSON.stringify({ ...close, data: { ...won, status: {} } }), /at data\.status/],
    ['with an endless id', JSON.stringify(withMeta({ id: 'x'.repeat(200) })), /at meta\.id/],
    [
      'without anything that names the transition',
      JSON.stringify(withMeta({ id: null, timestamp: null }, { ...close, data: { id: 1148, status: 'won' } })),
      /at meta\.id/,
    ],
    ['one of a batch', JSON.stringify([close, withMeta({ action: null })]), /at 1\.meta\.action/],
    ['more than a hundred', JSON.stringify(Array(101).fill(close)), /At most 100/],
  ])('that is %s is refused, naming the place', (_what, body, message) => {
    const work = () => crm.normalise(Buffer.from(body));
    expect(codeOf(work)).toBe('malformed_body');
    expect(work).toThrow(message);
  });

  it('may be large, deep or strange, and is taken or refused at once', () => {
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    expect(codeOf(() => crm.normalise(Buffer.from(deep)))).toBe('malformed_body');
    const large = { ...close, data: { ...won, custom_fields: { text: 'x'.repeat(3_000_000) } } };
    expect(only(large)).toEqual(only(close));
    const inherited = `{"meta":${JSON.stringify(meta)},"data":${JSON.stringify(won)},"previous":{"__proto__":{"status":"open"}}}`;
    expect(crm.normalise(Buffer.from(inherited))).toMatchObject([
      { ignore: expect.stringContaining('did not change') },
    ]);
  });

  it('is normalised or refused, whatever it holds', () => {
    const value = fc.oneof(
      fc.object({ maxDepth: 3 }),
      fc.record(
        {
          meta: fc.record(
            {
              action: fc.constantFrom('change', 'create', 'delete', 'x'),
              entity: fc.constantFrom('deal', 'person'),
              object: fc.constantFrom('deal', 'person'),
              id: fc.anything(),
              entity_id: fc.anything(),
              timestamp: fc.anything(),
            },
            { requiredKeys: ['action'] },
          ),
          data: fc.oneof(fc.anything(), fc.record({ status: fc.constant('won'), won_time: fc.anything() })),
          current: fc.anything(),
          previous: fc.oneof(fc.anything(), fc.constant({ status: 'open' })),
        },
        { requiredKeys: ['meta'] },
      ),
    );
    const endsWell = (bytes: Uint8Array): boolean => {
      try {
        crm.normalise(bytes);
        return true;
      } catch (error) {
        return error instanceof TriggerRefused;
      }
    };
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          value.map((v) => Buffer.from(stringified(v))),
        ),
        endsWell,
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('a Pipedrive webhook of version 1', () => {
  const old = {
    v: 1,
    event: 'updated.deal',
    retry: 0,
    meta: {
      v: 1,
      action: 'updated',
      object: 'deal',
      id: 1148,
      company_id: 12882925,
      timestamp: 1770562801,
      webhook_id: '9',
    },
    current: { id: 1148, status: 'won', won_time: '2026-02-08 15:00:00', title: 'Acme' },
    previous: { id: 1148, status: 'open', won_time: null, title: 'Acme' },
  };

  it('makes a signal when the status changed to won, named by the moment of winning', () => {
    expect(only(old)).toEqual({
      dealId: '1148',
      transitionKey: '12882925:deal:1148:won@2026-02-08T15:00:00.000Z',
      occurredAt: '2026-02-08T15:00:01.000Z',
      eventType: 'updated.deal',
    });
    const repeat = { ...old, retry: 2, meta: { ...old.meta, timestamp: 1770562999 } };
    expect(only(repeat).transitionKey).toBe(only(old).transitionKey);
    const again = { ...old, current: { ...old.current, won_time: '2026-02-09 08:00:00' } };
    expect(only(again).transitionKey).not.toBe(only(old).transitionKey);
  });

  it.each([
    ['an edit after closing', { previous: { ...old.previous, status: 'won', title: 'Old' } }, 'did not change'],
    ['an edit without a previous state', { previous: null }, 'did not change'],
    ['a merge', { meta: { ...old.meta, action: 'merged' } }, 'merged'],
    ['a person', { meta: { ...old.meta, object: 'person' } }, 'a person, not a deal'],
  ])('about %s is ignored with the reason', (_what, change, reason) => {
    expect(only({ ...old, ...change }).ignore).toContain(reason);
  });

  it('about a lost deal is news, and about a deletion too, which starts nothing', () => {
    const lost = only({ ...old, current: { ...old.current, status: 'lost' } });
    expect([lost.ignore, lost.tellsOnly]).toEqual([undefined, undefined]);
    expect(lost.transitionKey).not.toBe(only(old).transitionKey);
    const deleted = only({ ...old, meta: { ...old.meta, action: 'deleted' }, current: null });
    expect([deleted.ignore, deleted.tellsOnly]).toEqual([undefined, true]);
  });

  it('about a deal added as won makes a signal', () => {
    const added = { ...old, meta: { ...old.meta, action: 'added' }, previous: null };
    expect(only(added).ignore).toBeUndefined();
  });

  it('that names neither deal nor moment is refused', () => {
    expect(codeOf(() => only({ ...old, meta: { ...old.meta, id: 'x' } }))).toBe('malformed_body');
    const timeless = { ...old, meta: { ...old.meta, timestamp: null }, current: { id: 1148, status: 'won' } };
    expect(() => only(timeless)).toThrow(/current\.won_time/);
  });
});

function stringified(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    return String(error);
  }
}
