import { describe, expect, it } from 'vitest';
import { html } from '../../../console/page/html.ts';
import { instant } from '../../../console/page/instant.ts';
import { isolated, kickoffPath, outsideLink } from '../../../console/page/link.ts';
import { facts, table } from '../../../console/page/table.ts';

describe('html', () => {
  it('turns everything that has a meaning in markup into text', () => {
    const hostile = `<script>alert(1)</script> & "double" 'single'`;
    expect(html`<p title="${hostile}">${hostile}</p>`.toString()).toBe(
      '<p title="&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;double&quot; &#39;single&#39;">' +
        '&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;double&quot; &#39;single&#39;</p>',
    );
  });

  it('leaves what it has made itself as it is, also in arrays within arrays', () => {
    const items = ['a', ['<', html`<b>${'&'}</b>`]];
    expect(html`<ul>${items}</ul>`.toString()).toBe('<ul>a&lt;<b>&amp;</b></ul>');
  });

  it('leaves nothing behind for what is absent, and shows zero', () => {
    expect(html`[${null}${undefined}${false}${''}${0}]`.toString()).toBe('[0]');
  });

  it('escapes text that was escaped before once more, because it is text', () => {
    expect(html`${'&amp;'}`.toString()).toBe('&amp;amp;');
  });

  it('replaces half a surrogate pair, which cannot be sent', () => {
    expect(html`${'a\ud800b'}`.toString()).toBe('a\ufffdb');
  });

  it('is not fooled by an object that only looks like markup', () => {
    const fake: unknown = JSON.parse('["<i>", {"toString": "x"}]');
    expect(Array.isArray(fake) && html`${String(fake[0])}`.toString()).toBe('&lt;i&gt;');
  });
});

describe('instant', () => {
  it('says the zone, and gives machines the instant', () => {
    expect(instant('2026-02-10T14:00:00Z', 'UTC').toString()).toBe(
      '<time datetime="2026-02-10T14:00:00.000Z">10 Feb 2026, 14:00 UTC</time>',
    );
    expect(instant(new Date('2026-02-10T14:00:00Z'), 'America/New_York').toString()).toBe(
      '<time datetime="2026-02-10T14:00:00.000Z">10 Feb 2026, 09:00 America/New_York</time>',
    );
  });

  it('leaves a day a day', () => {
    expect(instant('2026-02-10', 'UTC').toString()).toBe('<time datetime="2026-02-10">2026-02-10</time>');
  });

  it('falls back to UTC for a zone that does not exist, and to the text for what is no instant', () => {
    expect(instant('2026-02-10T14:00:00Z', 'Mars/<b>').toString()).toContain('14:00 UTC');
    expect(instant('<soon>', 'UTC').toString()).toBe('&lt;soon&gt;');
  });
});

describe('links', () => {
  it('links to http and https, and shows every other address as text', () => {
    expect(outsideLink('https://crm.example/deal?a=1&b=2', 'Deal').toString()).toBe(
      '<a href="https://crm.example/deal?a=1&amp;b=2" rel="noreferrer">Deal</a>',
    );
    for (const address of ['javascript:alert(1)', ' JaVaScRiPt:alert(1)', 'data:text/html,x', '//evil', 'nonsense']) {
      expect(outsideLink(address, 'Deal').toString()).toBe('Deal');
    }
  });

  it('encodes workflow ids', () => {
    expect(kickoffPath('kickoff:a/b?c#d%')).toBe('/kickoffs/kickoff%3Aa%2Fb%3Fc%23d%25');
  });

  it('keeps the direction of a name to itself', () => {
    expect(isolated('\u202Eevil').toString()).toBe('<bdi>\u202Eevil</bdi>');
  });
});

describe('tables and facts', () => {
  it('gives every column and every row its heading', () => {
    const text = table('People', ['Name', 'E-mail'], [['Ada', 'ada@example.com']]).toString();
    expect(text).toContain('<th scope="col">Name</th><th scope="col">E-mail</th>');
    expect(text).toContain('<th scope="row">Ada</th><td data-label="E-mail">ada@example.com</td>');
    expect(text).toContain('role="group" aria-label="People" tabindex="0"');
  });

  it('leaves out what has no value', () => {
    const text = facts([
      ['Known', 0],
      ['Unknown', undefined],
      ['Empty', ''],
    ]).toString();
    expect(text).toContain('<dt>Known</dt><dd>0</dd>');
    expect(text).not.toContain('Unknown');
    expect(text).not.toContain('Empty');
  });
});
