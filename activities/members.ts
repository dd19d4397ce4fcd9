import { type Database, findSkipupMember, noteSkipupMembers } from '../database/index.ts';
import { type SkipUpClient, SkipUpError } from '../skipup/index.ts';

/** How long a member who was active is taken to be so. */
const BELIEVED_MS = 10 * 60_000;
/** Whoever asks has gone on by then; the answer still goes into the cache. */
const ASKING_MS = 30_000;
/** SkipUp's largest page. */
const PAGE = 100;

/** Whether somebody may organize: SkipUp lets active members of the workspace do so. */
export type Membership = { state: 'member' } | { state: 'not_member' } | { state: 'unknown'; reason: string };

/**
 * Finds out whether somebody is an active member of the SkipUp workspace.
 *
 * @param email lower-cased
 * @param options.withinMs how long to wait for SkipUp; past that it is `unknown`
 */
export type FindMembership = (email: string, options: { withinMs: number }) => Promise<Membership>;

export interface MembersDependencies {
  client: { workspaceMembers: Pick<SkipUpClient['workspaceMembers'], 'list'> };
  database: Database;
  /** Waits until SkipUp may be called. Left out: at once. */
  turn?: ((signal: AbortSignal) => Promise<void>) | undefined;
  now?: (() => Date) | undefined;
}

/**
 * Who is a member, as the database remembers it for ten minutes; one call then asks for a hundred. So a backfill's hundred
 * kickoffs a minute cost no second call each. Who is not known to be active is asked for by name every time: a kickoff
 * waits because of it, and a person who has mended it expects it to go on.
 */
export function memberLookup({ client, database, turn, now = () => new Date() }: MembersDependencies): FindMembership {
  let listing: Promise<void> | undefined;
  let listedAt = Number.NEGATIVE_INFINITY;
  let refusal: { at: number; error: SkipUpError } | undefined;
  const asking = new Map<string, Promise<boolean>>();

  const isRecent = (at: number) => now().getTime() - at < BELIEVED_MS;
  const isKnown = async (email: string) => {
    const heard = await findSkipupMember(database.db, email);
    return heard?.isActive === true && isRecent(heard.checkedAt.getTime());
  };

  /** One page of active members goes into the cache. */
  const read = async (query: { email?: string }): Promise<readonly string[]> => {
    const signal = AbortSignal.timeout(ASKING_MS);
    await turn?.(signal);
    const checkedAt = now();
    const page = await client.workspaceMembers
      .list({ ...query, limit: PAGE }, { signal })
      .pages()
      .next();
    const members = page.done === true ? [] : page.value.items;
    const emails = members
      .filter((member) => typeof member.deactivated_at !== 'string')
      .flatMap((member) => member.email?.trim().toLowerCase() ?? []);
    await noteSkipupMembers(database.db, { emails, isActive: true, checkedAt });
    return emails;
  };

  /** All who ask while the list is being read wait for the same one. */
  const listed = async (): Promise<void> => {
    if (isRecent(listedAt)) return;
    listing ??= read({})
      .then(() => {
        listedAt = now().getTime();
      })
      .finally(() => {
        listing = undefined;
      });
    await listing;
  };

  const ask = async (email: string): Promise<boolean> => {
    if (refusal !== undefined && isRecent(refusal.at)) throw refusal.error;
    try {
      await listed();
      if (await isKnown(email)) return true;
      const checkedAt = now();
      const isMember = (await read({ email })).includes(email);
      if (!isMember) await noteSkipupMembers(database.db, { emails: [email], isActive: false, checkedAt });
      return isMember;
    } catch (error) {
      // The key will not be given the scope between two kickoffs.
      if (error instanceof SkipUpError && error.code === 'permission') refusal = { at: now().getTime(), error };
      throw error;
    }
  };

  return async (email, { withinMs }) => {
    if (await isKnown(email)) return { state: 'member' };
    const answer = asking.get(email) ?? ask(email).finally(() => asking.delete(email));
    asking.set(email, answer);
    try {
      const isMember = await orTooLate(answer, withinMs);
      if (isMember === undefined) return { state: 'unknown', reason: 'SkipUp has not answered in time' };
      return { state: isMember ? 'member' : 'not_member' };
    } catch (error) {
      return { state: 'unknown', reason: wordsOf(error) };
    }
  };
}

/** The answer, or undefined when it comes too late; its failure then is nobody's. */
async function orTooLate<T>(answer: Promise<T>, withinMs: number): Promise<T | undefined> {
  answer.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, withinMs));
  });
  return await Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}

function wordsOf(error: unknown): string {
  if (error instanceof SkipUpError && error.code === 'permission') return 'the SkipUp API key lacks members.read';
  if (error instanceof SkipUpError && error.code === 'authentication') return 'SkipUp does not know the API key';
  return error instanceof SkipUpError ? 'SkipUp could not be asked' : 'the members could not be looked up';
}
