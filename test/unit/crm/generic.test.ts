import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCrms, createGeneric, type InboundRequest } from '../../../crm/index.ts';
import { codeOf, inbound } from './inbound.ts';
import { json, loopback } from './loopback.ts';

const SECRET = 'deal-secret';
const AT = 1_784_000_000;
const now = new Date(AT * 1000);
const TEXT = '{"dealId":"42"}';

const hmac = (secret: string, timestamp: number | string, text = TEXT) =>
  createHmac('sha256', secret).update(`${timestamp}.${text}`).digest('hex');
const signed = (header: string, text = TEXT): InboundRequest =>
  inbound({ text, headers: { 'x-webhook-signature': header } });
const bearer = (value: string): InboundRequest => inbound({ text: TEXT, headers: { authorization: value } });

describe('a signed deal event', () => {
  const crm = createGeneric({ secrets: ['old', SECRET], tokens: ['token-1', 'token-2'] });

  it('is accepted with any of the secrets, with parts in any order, several v1 and unknown schemes', () => {
    const signedAt = new Date(AT * 1000);
    const verified = crm.verify(signed(`t=${AT},v1=${hmac(SECRET, AT)}`), now);
    expect(verified).toEqual({ scheme: 't,v1', signedAt, secret: 2 });
    expect(crm.verify(signed(`t=${AT},v1=${hmac('old', AT)}`), now).secret).toBe(1);
    expect(crm.verify(signed(`v2=zz, v1=00,v1=${hmac(SECRET, AT).toUpperCase()} ,t=${AT}`), now).scheme).toBe('t,v1');
  });

  it('is refused when anything signed differs', () => {
    expect(codeOf(() => crm.verify(signed(`t=${AT},v1=${hmac(SECRET, AT)}`, `${TEXT} `), now))).toBe('no_match');
    expect(codeOf(() => crm.verify(signed(`t=${AT},v1=${hmac(SECRET, AT + 1)}`), now))).toBe('no_match');
    expect(codeOf(() => crm.verify(signed(`t=${AT},v1=${hmac('other', AT)}`), now))).toBe('no_match');
  });

  it('may be five minutes old or early, and no more', () => {
    const at = (seconds: number) =>
      codeOfOrNone(() => crm.verify(signed(`t=${AT},v1=${hmac(SECRET, AT)}`), new Date((AT + seconds) * 1000)));
    expect([at(300), at(-300), at(301), at(-301)]).toEqual([
      undefined,
      undefined,
      'timestamp_too_old',
      'timestamp_in_future',
    ]);
  });

  it.each([
    't=',
    `t=${AT}`,
    'v1=00',
    `t=1e9,v1=00`,
    `t=-1,v1=00`,
    `t=${AT},t=${AT},v1=00`,
    'x',
    ','.repeat(5_000),
    `t=${'9'.repeat(13)},v1=00`,
  ])('with the header %j is malformed', (header) => {
    expect(codeOf(() => crm.verify(signed(header), now))).toBe('malformed_signature');
  });

  it('may come with a bearer token instead, which does not save a wrong signature', () => {
    expect(crm.verify(bearer('Bearer token-2'), now)).toEqual({ scheme: 'bearer', secret: 2 });
    expect(crm.verify(bearer('bearer  token-1'), now).scheme).toBe('bearer');
    expect(codeOf(() => crm.verify(bearer('Bearer token-3'), now))).toBe('no_match');
    expect(codeOf(() => crm.verify(bearer('Basic dG9rZW4tMQ=='), now))).toBe('missing_signature');
    expect(codeOf(() => crm.verify(inbound({ text: TEXT }), now))).toBe('missing_signature');
    const both = signed(`t=${AT},v1=00`);
    both.headers.authorization = 'Bearer token-1';
    expect(codeOf(() => crm.verify(both, now))).toBe('no_match');
  });

  it('cannot be verified when nothing is configured', () => {
    expect(codeOf(() => createGeneric({}).verify(bearer('Bearer x'), now))).toBe('configuration');
  });
});

describe('a deal event', () => {
  const crm = createGeneric({ readableBy: 'hubspot', now: () => now });
  const normalise = (value: unknown) => crm.normalise(Buffer.from(JSON.stringify(value)));
  const deal = {
    id: 'D-1',
    name: 'Acme Corp',
    account: { id: 'acme', name: 'Acme Corp' },
    isWon: true,
    contacts: [{ email: 'jamie@acme.example', labels: ['Champion'] }],
  };

  it('by id names the CRM that reads it, and is told from others by the hash of its body', () => {
    const text = '{"dealId":"42"}';
    expect(crm.normalise(Buffer.from(text))).toEqual([
      {
        dealId: '42',
        crm: 'hubspot',
        eventType: 'deal.closed_won',
        transitionKey: createHash('sha256').update(text).digest('hex'),
        occurredAt: now.toISOString(),
      },
    ]);
  });

  it('may bring the whole deal, its own id, time and workstream', () => {
    const [signal] = normalise({ deal, eventId: 'evt-7', occurredAt: '2026-02-08T10:00:00+02:00', workstream: 'data' });
    expect(signal).toMatchObject({
      dealId: 'D-1',
      crm: 'generic',
      transitionKey: 'evt-7',
      occurredAt: '2026-02-08T08:00:00.000Z',
      workstream: 'data',
      deal: { ...deal, crm: 'generic', contacts: [{ ...deal.contacts[0], isPrimary: false, optedOut: false }] },
    });
  });

  it.each([
    [{}, /dealId/],
    [[], /./],
    [{ dealId: '' }, /dealId/],
    [{ dealId: true }, /dealId/],
    [{ dealId: '1', crm: 'sap' }, /crm/],
    [{ dealId: '1', crm: 'generic' }, /whole deal/],
    [{ dealId: '1', dealid: '2' }, /dealid/],
    [{ dealId: '1', workstream: 'Über' }, /workstream/],
    [{ dealId: '1', occurredAt: 'yesterday' }, /occurredAt/],
    [{ deal: { ...deal, isWon: 'maybe' } }, /deal\.isWon/],
    [{ deal: { ...deal, iswon: false } }, /iswon/],
    [{ deal: { ...deal, account: { id: 'a' } } }, /deal\.account\.name/],
    [{ deal, dealId: '1' }, /dealId/],
  ])('%j is refused, naming what is wrong', (value, message) => {
    expect(codeOf(() => normalise(value))).toBe('malformed_body');
    expect(() => normalise(value)).toThrow(message);
  });

  it('by id alone needs a CRM that can read it', () => {
    const alone = createCrms({ generic: { secrets: [SECRET] } }).generic;
    expect(codeOf(() => alone?.normalise(Buffer.from(TEXT)))).toBe('malformed_body');
    const beside = createCrms({ hubspot: {}, generic: { secrets: [SECRET] } }).generic;
    expect(beside?.normalise(Buffer.from(TEXT))).toMatchObject([{ crm: 'hubspot' }]);
  });
});

describe('the generic CRM', () => {
  it('reads no deal by id, and gives the contacts that came with one', async () => {
    const crm = createGeneric({});
    await expect(crm.readDeal('1')).rejects.toMatchObject({ code: 'not_found' });
    const contact = { email: 'a@b.example', labels: [], isPrimary: false, optedOut: false };
    const deal = { id: '1', crm: 'generic', name: 'n', account: { id: 'a', name: 'A' }, isWon: true } as const;
    expect(await crm.listStakeholders({ ...deal, contacts: [contact] })).toEqual([contact]);
    expect(await crm.listStakeholders(deal)).toEqual([]);
  });

  it('writes nowhere without a URL', async () => {
    expect(await createGeneric({}).writeBack('1', { status: 'x', marker: 'm' })).toEqual({});
  });

  it('posts writes to the URL, signed, with the marker as idempotency key', async () => {
    const server = await loopback((_call, response) => json(response, 200, { noteId: 'n1', other: 1 }));
    const crm = createGeneric({ secrets: [SECRET], writeBackUrl: `${server.url}/sink`, now: () => now });
    expect(await crm.writeBack('1', { note: 'Ünïcode', marker: 'kickoff:1 ä' })).toEqual({ noteId: 'n1' });
    const [call] = server.calls;
    expect(call?.json).toEqual({ dealId: '1', note: 'Ünïcode', marker: 'kickoff:1 ä' });
    expect(call?.headers['idempotency-key']).toBe('kickoff%3A1%20%C3%A4');
    expect(call?.headers['x-webhook-signature']).toBe(`t=${AT},v1=${hmac(SECRET, AT, call?.text)}`);
  });

  it('takes an empty answer, and reports a refusal', async () => {
    const quiet = await loopback((_call, response) => response.writeHead(204).end());
    expect(await createGeneric({ writeBackUrl: quiet.url }).writeBack('1', { marker: 'm' })).toEqual({});
    const strict = await loopback((_call, response) => json(response, 422, { message: 'unknown deal' }));
    await expect(createGeneric({ writeBackUrl: strict.url }).writeBack('1', { marker: 'm' })).rejects.toMatchObject({
      code: 'refused',
    });
  });
});

function codeOfOrNone(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}
