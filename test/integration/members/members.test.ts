import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MembersDependencies, memberLookup } from '../../../activities/members.ts';
import { type Database, findSkipupMember, migrate, noteSkipupMembers, openDatabase } from '../../../database/index.ts';
import { PagedList, SkipUpPermissionError, SkipUpServerError, type WorkspaceMember } from '../../../skipup/index.ts';

const TEN_MINUTES = 600_000;
const ADA = 'ada@vendor.example';

let database: Database;
beforeAll(async () => {
  database = await openDatabase();
  await migrate(database);
});
afterAll(() => database.close());
beforeEach(() => sql`truncate skipup_members`.execute(database.db));

/** A workspace that answers at once, and remembers what it was asked. */
function workspace(members: (string | Partial<WorkspaceMember>)[], more: Partial<MembersDependencies> = {}) {
  const asked: (string | undefined)[] = [];
  const state = {
    nowMs: Date.parse('2026-02-10T09:00:00Z'),
    members: members.map((one) => (typeof one === 'string' ? { email: one } : one)),
    before: async (_email: string | undefined): Promise<void> => undefined,
  };
  const list: MembersDependencies['client']['workspaceMembers']['list'] = ({ email, limit = 25 } = {}) =>
    new PagedList(async () => {
      asked.push(email);
      await state.before(email);
      const found = state.members.filter((member) => email === undefined || member.email?.toLowerCase() === email);
      const data = found.slice(0, limit).map((member, index) => ({ id: `mem_${index}`, ...member }));
      return {
        data: { data },
        response: { status: 200, requestId: undefined, headers: new Headers(), text: '', attempts: 1 },
      };
    });
  const find = memberLookup({
    client: { workspaceMembers: { list } },
    database,
    now: () => new Date(state.nowMs),
    ...more,
  });
  const isMember = async (email: string, withinMs = 5_000) => (await find(email, { withinMs })).state;
  return { isMember, find, asked, state };
}

describe('whether somebody is a SkipUp member', () => {
  it('is asked for all with one call, and remembered for ten minutes', async () => {
    const { isMember, asked, state } = workspace([ADA, 'Bob@Vendor.example']);
    expect(await isMember(ADA)).toBe('member');
    expect(await isMember('bob@vendor.example')).toBe('member');
    expect(asked).toEqual([undefined]);
    state.nowMs += TEN_MINUTES - 1;
    expect(await isMember(ADA)).toBe('member');
    expect(asked).toHaveLength(1);
    state.nowMs += 1;
    expect(await isMember(ADA)).toBe('member');
    expect(asked).toEqual([undefined, undefined]);
  });

  it('costs a hundred kickoffs at once one call', async () => {
    const { isMember, asked } = workspace([ADA]);
    const states = await Promise.all(Array.from({ length: 100 }, () => isMember(ADA)));
    expect(new Set(states)).toEqual(new Set(['member']));
    expect(asked).toEqual([undefined]);
  });

  it('is known to every process that shares the database', async () => {
    await workspace([ADA]).isMember(ADA);
    const other = workspace([]);
    expect(await other.isMember(ADA)).toBe('member');
    expect(other.asked).toEqual([]);
  });

  it('is asked by name for whoever is not among the first hundred', async () => {
    const crowd = Array.from({ length: 100 }, (_, index) => `person${index}@vendor.example`);
    const { isMember, asked } = workspace([...crowd, ADA]);
    expect(await isMember(ADA)).toBe('member');
    expect(asked).toEqual([undefined, ADA]);
  });

  it('is asked again each time for whoever is none: a person who mends it expects to go on', async () => {
    const { isMember, asked, state } = workspace(['bob@vendor.example']);
    expect(await isMember(ADA)).toBe('not_member');
    state.members.push({ email: ADA });
    expect(await isMember(ADA)).toBe('member');
    expect(asked).toEqual([undefined, ADA, ADA]);
  });

  it('is no for one who is listed as deactivated', async () => {
    const { isMember } = workspace([{ email: ADA, deactivated_at: '2026-01-01T00:00:00Z' }]);
    expect(await isMember(ADA)).toBe('not_member');
  });

  it('is no as soon as a webhook has said so, and an older list does not bring them back', async () => {
    const { isMember, state } = workspace([ADA]);
    await isMember(ADA);
    const at = (ms: number) => new Date(state.nowMs + ms);
    await noteSkipupMembers(database.db, { emails: [ADA], isActive: false, checkedAt: at(1_000) });
    await noteSkipupMembers(database.db, { emails: [ADA], isActive: true, checkedAt: at(500) });
    state.members = [];
    expect(await isMember(ADA)).toBe('not_member');
    expect(await findSkipupMember(database.db, ADA)).toMatchObject({ isActive: false });
  });

  it.each<[string, () => Error, RegExp, number]>([
    ['the key may not read members', () => new SkipUpPermissionError('no', { status: 403 }), /members\.read/, 1],
    ['SkipUp is down', () => new SkipUpServerError('down', { status: 503 }), /could not be asked/, 2],
  ])('is not known when %s', async (_what, error, reason, calls) => {
    const { find, state, asked } = workspace([ADA]);
    state.before = () => Promise.reject(error());
    for (const _time of [1, 2]) {
      const membership = await find(ADA, { withinMs: 5_000 });
      expect(membership).toEqual({ state: 'unknown', reason: expect.stringMatching(reason) });
    }
    expect(asked).toHaveLength(calls);
  });

  it('is not waited for longer than there is time; the answer counts for the next', async () => {
    const { isMember, state } = workspace([ADA]);
    let answer = (): void => undefined;
    state.before = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    expect(await isMember(ADA, 0)).toBe('unknown');
    state.before = async () => undefined;
    answer();
    expect(await isMember(ADA)).toBe('member');
  });

  it('waits for its turn among all calls to SkipUp', async () => {
    let turns = 0;
    const { isMember } = workspace([], {
      turn: async () => {
        turns += 1;
      },
    });
    await isMember(ADA);
    expect(turns).toBe(2);
  });
});
