import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPipedrive } from '../../../crm/pipedrive/index.ts';
import { TriggerRefused } from '../../../crm/port.ts';
import { codeOf, inbound } from './inbound.ts';

const USER = 'kickoff';
const PASSWORD = 'p4ss:with:colons';
const crm = createPipedrive({ webhookUser: USER, webhookPassword: PASSWORD });

const basic = (user: string, password: string, encoding: BufferEncoding = 'utf8') =>
  `Basic ${Buffer.from(`${user}:${password}`, encoding).toString('base64')}`;
const withHeader = (authorization: string | string[] | undefined) => inbound({ headers: { authorization } });
const verdict = (authorization: string | undefined, of = crm) => codeOf(() => of.verify(withHeader(authorization)));

describe('the HTTP Basic credentials of a Pipedrive webhook', () => {
  it('are accepted as they are configured, with colons in the password', () => {
    expect(crm.verify(withHeader(basic(USER, PASSWORD))).scheme).toBe('basic');
  });

  it.each([
    ['another case of the scheme', basic(USER, PASSWORD).replace('Basic', 'bASIC')],
    ['several blanks', basic(USER, PASSWORD).replace('Basic ', '  Basic    ')],
    ['another scheme before', `Bearer abc.def, ${basic(USER, PASSWORD)}`],
    ['another scheme behind', `${basic(USER, PASSWORD)} , Digest username="x"`],
    ['no padding', basic(USER, PASSWORD).replace(/=+$/, '')],
  ])('are accepted with %s', (_what, header) => {
    expect(crm.verify(withHeader(header)).scheme).toBe('basic');
  });

  it('are accepted beyond ASCII, in UTF-8 and in ISO 8859-1', () => {
    const umlauts = createPipedrive({ webhookUser: 'müller', webhookPassword: 'straße' });
    expect(umlauts.verify(withHeader(basic('müller', 'straße'))).scheme).toBe('basic');
    expect(umlauts.verify(withHeader(basic('müller', 'straße', 'latin1'))).scheme).toBe('basic');
    expect(verdict(basic('muller', 'strasse'), umlauts)).toBe('no_match');
    const beyond = createPipedrive({ webhookUser: 'u', webhookPassword: '鍵🔑' });
    expect(beyond.verify(withHeader(basic('u', '鍵🔑'))).scheme).toBe('basic');
  });

  it.each([
    ['another user', basic('kickof', PASSWORD)],
    ['another case of the user', basic('Kickoff', PASSWORD)],
    ['another password', basic(USER, `${PASSWORD}x`)],
    ['a part of the password', basic(USER, 'p4ss')],
    ['the colon at another place', `Basic ${Buffer.from('kick:off:p4ss:with:colons').toString('base64')}`],
    ['an empty user', basic('', PASSWORD)],
    ['an empty password', basic(USER, '')],
    ['nothing but the colon', basic('', '')],
    ['user and password exchanged', basic(PASSWORD, USER)],
    ['bytes that are no text', `Basic ${Buffer.from([0xff, 0x3a, 0xfe, 0x00]).toString('base64')}`],
  ])('are refused with %s', (_what, header) => {
    expect(verdict(header)).toBe('no_match');
  });

  it.each([
    ['no colon', `Basic ${Buffer.from('kickoffp4ss').toString('base64')}`],
    ['no credentials', 'Basic'],
    ['blank credentials', 'Basic   '],
    ['padding alone', 'Basic =='],
    ['no base64', `Basic ${USER}:${PASSWORD}`],
    ['another scheme', 'Bearer a2lja29mZjpwNHNz'],
    ['no scheme', basic(USER, PASSWORD).slice('Basic '.length)],
    ['more than any header', `Basic ${'A'.repeat(5_000)}`],
    ['the right ones at the end of an endless header', `Bearer ${'x'.repeat(5_000)}, ${basic(USER, PASSWORD)}`],
    ['commas without end', ','.repeat(4_000)],
  ])('are malformed with %s', (_what, header) => {
    expect(verdict(header)).toBe('malformed_signature');
  });

  it('are missing without the header, with an empty one, and with a list of them', () => {
    expect(verdict(undefined)).toBe('missing_signature');
    expect(verdict('  ')).toBe('missing_signature');
    expect(codeOf(() => crm.verify(withHeader([basic(USER, PASSWORD)])))).toBe('missing_signature');
  });

  it('are never told in a refusal', () => {
    const refusal = (header: string): string => {
      try {
        return crm.verify(withHeader(header)).scheme;
      } catch (error) {
        return String(error);
      }
    };
    expect(refusal(basic(USER, 'guess-1234'))).toContain('TriggerRefused');
    expect(refusal(basic(USER, 'guess-1234'))).not.toMatch(/guess-1234|p4ss/);
  });

  it('are refused and nothing else, whatever the header holds', () => {
    const header = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.string()),
      fc.uint8Array().map((bytes) => `Basic ${Buffer.from(bytes).toString('base64')}`),
    );
    const isRefused = (authorization: string | string[]): boolean => {
      try {
        crm.verify(withHeader(authorization));
        return false;
      } catch (error) {
        return error instanceof TriggerRefused && error.code !== 'configuration';
      }
    };
    fc.assert(fc.property(header, isRefused), { numRuns: 1_000 });
  });

  it('must be configured whole, and in a way that HTTP Basic can carry', () => {
    const header = basic(USER, PASSWORD);
    expect(verdict(header, createPipedrive({}))).toBe('configuration');
    expect(verdict(header, createPipedrive({ webhookUser: USER }))).toBe('configuration');
    expect(verdict(header, createPipedrive({ webhookPassword: PASSWORD }))).toBe('configuration');
    expect(verdict(basic('', ''), createPipedrive({ webhookUser: '', webhookPassword: '' }))).toBe('configuration');
    expect(verdict(header, createPipedrive({ webhookUser: 'a:b', webhookPassword: PASSWORD }))).toBe('configuration');
  });
});
