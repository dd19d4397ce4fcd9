import { describe, expect, it } from 'vitest';
import { returnTo } from '../../../../console/access/return-to.ts';

describe('where somebody goes after signing in', () => {
  it.each([
    '/',
    '/kickoffs?q=acme%20corp&phase=done',
    '/kickoffs/kickoff%3A5012',
    '/inbox/12',
    '/leads/lead%3A%2F%2F7',
  ])('is the page of the console that they asked for: %s', (wanted) => expect(returnTo(wanted)).toBe(wanted));

  it.each([
    'https://evil.example/',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '/%2f%2fevil.example',
    '/%2Fevil.example',
    '/%5cevil.example',
    'javascript:alert(1)',
    'evil.example',
    '',
    `/${'a'.repeat(2000)}`,
  ])('is the overview for what leads, or might lead, elsewhere: %j', (wanted) => expect(returnTo(wanted)).toBe('/'));

  it.each(['/sign-in', '/sign-in/oidc?to=/', '/sign-out', '/signed-out', '/live?of=inbox'])(
    'is the overview for what is no place to be: %s',
    (wanted) => expect(returnTo(wanted)).toBe('/'),
  );

  it.each([undefined, null, 7, ['/inbox'], {}])('is the overview for what is no text: %j', (wanted) =>
    expect(returnTo(wanted)).toBe('/'),
  );
});
