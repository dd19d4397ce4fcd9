import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createHubSpot, type HubSpotOptions, type InboundRequest } from '../../../crm/index.ts';
import { codeOf, inbound } from './inbound.ts';

/** HubSpot's published example: "Validating requests". */
const SECRET = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy';
const BODY = "{'example_field':'example_value'}";
const SENT_AT = 15_000_000;
const SIGNATURE = 'HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw=';
const V1_BODY =
  '[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation",' +
  '"attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]';

const options: HubSpotOptions = { clientSecret: SECRET, publicUrl: 'https://www.example.com' };
const crm = createHubSpot(options);
const now = new Date(SENT_AT);

function v3(parts: { signature?: string; timestamp?: string; text?: string; path?: string } = {}): InboundRequest {
  return inbound({
    path: parts.path ?? '/webhook_uri',
    text: parts.text ?? BODY,
    headers: {
      'x-hubspot-signature-v3': parts.signature ?? SIGNATURE,
      'x-hubspot-request-timestamp': parts.timestamp ?? String(SENT_AT),
    },
  });
}

function sign(uri: string, timestamp = String(SENT_AT), text: string | Uint8Array = BODY): string {
  return createHmac('sha256', SECRET).update(`POST${uri}`).update(text).update(timestamp).digest('base64');
}

describe('HubSpot signature v3', () => {
  it('accepts the published example', () => {
    expect(crm.verify(v3(), now)).toEqual({ scheme: 'v3', signedAt: now });
  });

  it.each([
    ['the body', v3({ text: `${BODY} ` })],
    ['the path', v3({ path: '/webhook_uri2' })],
    ['the time stamp', v3({ timestamp: String(SENT_AT + 1) })],
    ['the signature', v3({ signature: SIGNATURE.replace('H', 'I') })],
    ['the method', { ...v3(), method: 'PUT' }],
  ])('refuses the example with another value of %s', (_what, request) => {
    expect(codeOf(() => crm.verify(request, now))).toBe('no_match');
  });

  it('accepts an age of exactly five minutes, both ways, and nothing beyond', () => {
    const at = (ms: number) => new Date(SENT_AT + ms);
    expect(crm.verify(v3(), at(300_000)).scheme).toBe('v3');
    expect(crm.verify(v3(), at(-300_000)).scheme).toBe('v3');
    expect(codeOf(() => crm.verify(v3(), at(300_001)))).toBe('timestamp_too_old');
    expect(codeOf(() => crm.verify(v3(), at(-300_001)))).toBe('timestamp_in_future');
  });

  it.each(['', ' ', '1.5e7', '15000000x', '-15000000', '0x10', '1'.repeat(17)])(
    'refuses %j as a time stamp',
    (timestamp) => {
      expect(['missing_signature', 'malformed_signature']).toContain(codeOf(() => crm.verify(v3({ timestamp }), now)));
    },
  );

  it('decodes the twelve escapes that HubSpot decodes, and no other', () => {
    const path = '/hook?u=https%3A%2F%2Fx.io%3Fq%40a%21%24%27%28%29%2A%2C%3B&keep=%20%25%26%2B%C3%A4';
    const decoded = "https://www.example.com/hook?u=https://x.io?q@a!$'()*,;&keep=%20%25%26%2B%C3%A4";
    expect(crm.verify(v3({ path, signature: sign(decoded) }), now).scheme).toBe('v3');
    const asReceived = `https://www.example.com${path}`;
    expect(codeOf(() => crm.verify(v3({ path, signature: sign(asReceived) }), now))).toBe('no_match');
  });

  it('takes the address from the configuration, never from the Host header', () => {
    const forged = v3({ signature: sign('https://evil.example/webhook_uri') });
    forged.headers.host = 'evil.example';
    expect(codeOf(() => crm.verify(forged, now))).toBe('no_match');
  });

  it('signs under a public URL that has a path of its own', () => {
    const behindProxy = createHubSpot({ ...options, publicUrl: 'https://www.example.com/kickoff/' });
    const signature = sign('https://www.example.com/kickoff/triggers/hubspot');
    expect(behindProxy.verify(v3({ path: '/triggers/hubspot', signature }), now).scheme).toBe('v3');
  });

  it('is over the bytes, also those that are not UTF-8', () => {
    const body = Uint8Array.from([0xff, 0xfe, 0x00, 0x80]);
    const signature = sign('https://www.example.com/webhook_uri', String(SENT_AT), body);
    expect(crm.verify({ ...v3({ signature }), body }, now).scheme).toBe('v3');
  });

  it.each([[''], ['short'], ['='.repeat(10_000)], ['\u0000'], ['é'.repeat(44)]])(
    'refuses %j without throwing anything else',
    (signature) => {
      expect(['no_match', 'missing_signature']).toContain(codeOf(() => crm.verify(v3({ signature }), now)));
    },
  );

  it('refuses a request without headers, and one whose header came as a list', () => {
    expect(codeOf(() => crm.verify(inbound({ text: BODY }), now))).toBe('missing_signature');
    const twice = v3();
    twice.headers['x-hubspot-signature-v3'] = [SIGNATURE, SIGNATURE];
    expect(codeOf(() => crm.verify(twice, now))).toBe('missing_signature');
  });

  it('says what is to be configured when the secret or the public address is missing', () => {
    const { publicUrl } = options;
    expect(codeOf(() => createHubSpot({ publicUrl }).verify(v3(), now))).toBe('configuration');
    expect(codeOf(() => createHubSpot({ clientSecret: '', publicUrl }).verify(v3(), now))).toBe('configuration');
    expect(codeOf(() => createHubSpot({ clientSecret: SECRET }).verify(v3(), now))).toBe('configuration');
  });
});

describe('HubSpot signatures v2 and v1', () => {
  const v2 = inbound({
    method: 'GET',
    path: '/webhook_uri',
    headers: {
      'x-hubspot-signature': 'eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e',
      'x-hubspot-signature-version': 'v2',
    },
  });
  const v1 = inbound({
    text: V1_BODY,
    headers: {
      'x-hubspot-signature': '232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de',
      'x-hubspot-signature-version': 'v1',
    },
  });

  it('are refused by default, because they can be replayed for ever', () => {
    expect(codeOf(() => crm.verify(v2, now))).toBe('missing_signature');
    expect(codeOf(() => crm.verify(v1, now))).toBe('missing_signature');
  });

  it('accept the published examples where they are configured, each only itself', () => {
    expect(createHubSpot({ ...options, signatureVersions: ['v3', 'v2'] }).verify(v2, now).scheme).toBe('v2');
    expect(createHubSpot({ ...options, signatureVersions: ['v3', 'v1'] }).verify(v1, now).scheme).toBe('v1');
    expect(codeOf(() => createHubSpot({ ...options, signatureVersions: ['v1'] }).verify(v2, now))).toBe(
      'missing_signature',
    );
  });

  it('do not save a request whose v3 signature is wrong', () => {
    const both = v3({ signature: 'wrong' });
    Object.assign(both.headers, v1.headers);
    const lenient = createHubSpot({ ...options, signatureVersions: ['v3', 'v2', 'v1'] });
    expect(codeOf(() => lenient.verify({ ...both, body: v1.body }, now))).toBe('no_match');
  });
});
