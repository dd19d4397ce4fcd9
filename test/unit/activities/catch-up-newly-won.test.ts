import { describe, expect, it } from 'vitest';
import { knownAs, type Ledger, newlyWon } from '../../../activities/catch-up/newly-won.ts';

const SINCE = '2026-11-20T09:00:00.000Z';
const WON = '2026-11-20T10:00:00.000Z';
const LATER = '2026-11-20T11:00:00.000Z';
const EARLIER = '2026-11-20T09:30:00.000Z';

const ledger = (changes: Partial<Ledger> = {}): Ledger => ({
  since: new Date(SINCE),
  pipelines: undefined,
  kickoffs: [],
  toBeRead: new Set(),
  ...changes,
});
const kickoff = (lostAt?: string, dealId = '7', workstream = '') => ({
  deal_id: dealId,
  workstream,
  deal_lost_at: lostAt === undefined ? null : new Date(lostAt),
});
const idsOf = (deals: Parameters<typeof newlyWon>[0], changes?: Partial<Ledger>) =>
  newlyWon(deals, ledger(changes)).map(({ deal }) => deal.dealId);

describe('which won deals are news', () => {
  it('those that were won since Kickoff first looked, at that very instant too', () => {
    const deals = [
      { dealId: 'before', wonAt: '2026-11-20T08:59:59.999Z' },
      { dealId: 'at', wonAt: SINCE },
      { dealId: 'after', wonAt: WON },
      { dealId: 'undated' },
      { dealId: 'wrong', wonAt: 'yesterday' },
    ];
    expect(idsOf(deals)).toEqual(['at', 'after']);
  });

  it('those that were won in the second of the first look, where the CRM leaves out what is below one', () => {
    const since = new Date('2026-11-20T09:00:00.700Z');
    expect(idsOf([{ dealId: '7', wonAt: SINCE }], { since })).toEqual(['7']);
  });

  it('however the CRM spells the instant, it is the same one', () => {
    const [spelt] = newlyWon([{ dealId: '7', wonAt: '2026-11-20T11:00:00+01:00' }], ledger());
    expect(spelt?.wonAt).toBe(WON);
  });

  it.each<[string, ReturnType<typeof kickoff>[], boolean]>([
    ['no kickoff', [], true],
    ['a kickoff, whatever became of it', [kickoff()], false],
    ['a kickoff that fell through after its deal was lost', [kickoff(EARLIER)], true],
    ['a kickoff that takes its deal for lost, whatever the clocks say', [kickoff(LATER)], true],
    ['one of two workstreams that takes it for lost', [kickoff(), kickoff(EARLIER, '7', 'data')], true],
    ['a main kickoff alone, whatever workstreams there are by now', [kickoff()], false],
    ['a workstream’s alone, begun by hand', [kickoff(undefined, '7', 'data')], true],
    ['a kickoff of a deal that was merged into it', [kickoff(undefined, '6')], false],
    ['one of a merged deal that was taken for lost', [kickoff(EARLIER, '6')], true],
    ['one of its own, beside that', [kickoff(EARLIER, '6'), kickoff()], false],
    ['another deal’s kickoff', [kickoff(undefined, '8')], true],
  ])('with %s', (_case, kickoffs, isNews) => {
    const found = idsOf([{ dealId: '7', wonAt: WON, mergedIds: ['6'] }], { kickoffs });
    expect(found).toEqual(isNews ? ['7'] : []);
  });

  it('not in another pipeline, and not while the relay is going to read the deal', () => {
    const deals = [
      { dealId: '1', wonAt: WON, pipeline: 'sales' },
      { dealId: '2', wonAt: WON, pipeline: 'partners' },
      { dealId: '3', wonAt: WON },
      { dealId: '4', wonAt: WON },
    ];
    expect(idsOf(deals, { pipelines: ['sales'], toBeRead: new Set(['4']) })).toEqual(['1', '3']);
    expect(knownAs([...deals, { dealId: '5', mergedIds: ['1', '9'] }])).toEqual(['1', '2', '3', '4', '5', '9']);
  });
});
