import { describe, expect, it } from 'vitest';
import { filterInAddress, inboxAddress, inboxFilter, inboxSearch } from '../../../console/inbox/address.ts';
import {
  chosenKickoffs,
  isFiltered,
  kickoffsAddress,
  kickoffsFilter,
  kickoffsPlace,
} from '../../../console/kickoffs/address.ts';
import { BadAddress } from '../../../console/page/address.ts';
import { commandLine } from '../../../console/words/command.ts';

const queryOf = (address: string) => Object.fromEntries(new URL(address, 'http://console').searchParams);

describe('the address of the list of kickoffs', () => {
  const at = (address: string) => new URL(address, 'http://console').searchParams;
  const query = (params: URLSearchParams) => ({
    ...Object.fromEntries(params),
    ...(params.has('phase') && { phase: params.getAll('phase') }),
  });

  it('takes a view through an address and back', () => {
    const filter = {
      search: 'Acme & Söhne +1',
      phases: ['needs_attention', 'paused'] as const,
      needsPerson: true,
      workstream: 'main',
      crm: 'hubspot',
      account: 'a/b',
      organizer: 'cs@vendor.example',
      from: '2026-02-10',
      to: '2026-02-11',
      zone: 'Europe/Berlin',
    };
    const before = { created_at: new Date('2026-02-10T09:00:00.123Z'), workflow_id: 'kickoff:a_b:c d' };
    const params = at(kickoffsAddress(filter, { before }));
    expect(kickoffsFilter(query(params), 'Europe/Berlin')).toEqual(filter);
    expect(kickoffsPlace(query(params))).toEqual({ before });
    expect(chosenKickoffs(filter)).toMatchObject({
      workstream: '',
      begunFrom: new Date('2026-02-09T23:00:00Z'),
      begunBefore: new Date('2026-02-11T23:00:00Z'),
    });
  });

  it('is plain without filters, and takes empty fields of the form for none', () => {
    const empty = kickoffsFilter({ q: '  ', phase: '', needs: '', from: '', to: '', before: '', reason: 'x' }, 'UTC');
    expect(isFiltered(empty)).toBe(false);
    expect(kickoffsAddress(empty)).toBe('/kickoffs');
    expect(kickoffsAddress({ ...empty, search: 'x' }, {}, '/bulk/kickoff.cancel')).toBe('/bulk/kickoff.cancel?q=x');
  });

  it.each([
    [{ phase: 'nonsense' }],
    [{ phase: ['paused', 'constructor'] }],
    [{ q: ['a', 'b'] }],
    [{ q: 'x'.repeat(201) }],
    [{ organizer: 'a\0' }],
    [{ from: '2026-02-30' }],
    [{ needs: 'robot' }],
  ])('refuses %j', (given) => {
    expect(() => kickoffsFilter(given, 'UTC')).toThrow(BadAddress);
  });

  it.each([
    [{ before: 'yesterday' }],
    [{ after: '2026-13-45T99:99:99.000Z_kickoff:1' }],
    [{ before: '2026-02-10T09:00:00.123Z_' }],
    [{ before: '2026-02-10T09:00:00.123Z_a\0b' }],
    [{ before: '2026-02-10T09:00:00.123Z_a', after: '2026-02-10T09:00:00.123Z_a' }],
  ])('refuses the page %j', (given) => {
    expect(() => kickoffsPlace(given)).toThrow(BadAddress);
  });
});

describe('the inbox’s address', () => {
  it('takes a view through an address and back', () => {
    expect(inboxFilter(queryOf(inboxAddress({ status: 'dead', before: 17 })))).toEqual({ status: 'dead', before: 17 });
    expect(inboxAddress({})).toBe('/inbox');
    const filter = { source: 'skipup' as const, q: 'mr_1 & 2', since: '2026-02-10', until: '2026-02-11' };
    expect(inboxFilter(queryOf(inboxAddress(filter)))).toEqual(filter);
    expect(filterInAddress(inboxAddress(filter))).toEqual(filter);
    for (const other of ['', '/', '/inbox2', '/inbox?status=lost', '/inbox?a?b', 'https://evil.example/inbox']) {
      expect(filterInAddress(other), other).toBeUndefined();
    }
  });

  it('means the days of whoever looks, the last one whole', () => {
    const days = { since: '2026-03-29', until: '2026-03-29' };
    expect(inboxSearch(days, 'Europe/Berlin')).toMatchObject({
      since: new Date('2026-03-28T23:00:00Z'),
      until: new Date('2026-03-29T22:00:00Z'),
    });
    expect(inboxSearch(days, 'No/Where')).toMatchObject({ since: new Date('2026-03-29T00:00:00Z') });
  });

  it.each([
    [{ status: 'lost' }],
    [{ before: '0' }],
    [{ before: '-1' }],
    [{ before: '1e9' }],
    [{ before: '9'.repeat(20) }],
    [{ status: ['dead', 'dead'] }],
    [{ source: 'fax' }],
    [{ since: '2026-02-30' }],
    [{ q: 'a\0b' }],
    [{ q: 'x'.repeat(201) }],
  ])('refuses %j', (query) => {
    expect(() => inboxFilter(query)).toThrow(BadAddress);
  });
});

describe('commandLine', () => {
  it('can be copied as it is', () => {
    expect(commandLine('proceed', { deal_id: '5012', workstream: '' })).toBe('kickoff proceed --deal 5012');
    expect(commandLine('proceed', { deal_id: '5012', workstream: 'emea' })).toBe(
      'kickoff proceed --deal 5012 --workstream emea',
    );
  });

  it('leaves a shell nothing to run in an id from outside', () => {
    expect(commandLine('proceed', { deal_id: "x'; rm -rf $HOME", workstream: '' })).toBe(
      "kickoff proceed --deal 'x'\\''; rm -rf $HOME'",
    );
  });
});
