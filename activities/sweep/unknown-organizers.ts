import { log } from '@temporalio/activity';
import { z } from 'zod';
import { type Database, lastSweeps, stakeholdersInRole } from '../../database/index.ts';
import { type SkipUpClient, SkipUpError } from '../../skipup/index.ts';
import type { UnknownOrganizer } from '../../workflows/messages.ts';
import { normalEmail } from './differences.ts';
import type { Pace } from './pace.ts';
import { type OpenRequest, TOLD } from './requests.ts';

/** The registry's name for whoever invites on the vendor's side. */
const LEAD_ROLE = 'cs_lead';

interface Search {
  database: Database;
  client: SkipUpClient;
  pace: Pace;
  /** The organizer of last resort. */
  fallbackEmail: string | undefined;
  now: () => Date;
  signal: AbortSignal;
}

/**
 * Finds those who organize an open request, lead an account in the registry, or are configured as the fallback, and are no
 * active members of the workspace: SkipUp refuses requests in their name.
 *
 * @returns a note instead, when the members cannot be listed: the sweep's own work is done by then
 */
export async function unknownOrganizers(
  search: Search,
  open: readonly OpenRequest[],
): Promise<{ unknown: UnknownOrganizer[]; notes: string[] }> {
  const { database, fallbackEmail, now } = search;
  const wanted = new Map<string, UnknownOrganizer>();
  const named = (email: string | null | undefined): UnknownOrganizer | undefined => {
    const normal = normalEmail(email);
    if (normal === undefined) return undefined;
    const entry = wanted.get(normal) ?? { email: normal, kickoffs: [], accounts: [], isFallback: false };
    wanted.set(normal, entry);
    return entry;
  };
  for (const { workflowId, organizerEmail } of open) named(organizerEmail)?.kickoffs.push(workflowId);
  const today = now().toISOString().slice(0, 10);
  const leads = await stakeholdersInRole(database.db, { sides: ['vendor', 'partner'], role: LEAD_ROLE, today });
  for (const { accountId, email } of leads) named(email)?.accounts.push(accountId);
  const fallback = named(fallbackEmail);
  if (fallback !== undefined) fallback.isFallback = true;
  try {
    await withoutMembers(search, wanted);
  } catch (error) {
    search.signal.throwIfAborted();
    if (!(error instanceof SkipUpError)) throw error;
    return { unknown: [], notes: [`Whether every organizer is a member could not be found out: ${error.message}`] };
  }
  return { unknown: [...wanted.values()].slice(0, TOLD).map(shortened), notes: [] };
}

/** Takes the active members out; reads no further than until nobody is left. */
async function withoutMembers({ client, pace, signal }: Search, wanted: Map<string, unknown>): Promise<void> {
  const pages = client.workspaceMembers.list({ limit: 100 }, { signal }).pages();
  while (wanted.size > 0) {
    await pace.turn(signal);
    const page = await pages.next();
    if (page.done === true) return;
    for (const { email, deactivated_at: deactivatedAt } of page.value.items) {
      const normal = normalEmail(email);
      if (normal !== undefined && typeof deactivatedAt !== 'string') wanted.delete(normal);
    }
    if (page.value.nextCursor === undefined) return;
  }
}

function shortened(organizer: UnknownOrganizer): UnknownOrganizer {
  const { kickoffs, accounts } = organizer;
  return { ...organizer, kickoffs: kickoffs.slice(0, TOLD).sort(), accounts: [...new Set(accounts)].slice(0, TOLD) };
}

const toldSchema = z.object({ unknownOrganizers: z.array(z.object({ email: z.string() })) });

/** Logs who is unknown, without their addresses, when others are than at the last sweep. */
export async function tellChange(
  database: Database,
  part: string,
  unknown: readonly UnknownOrganizer[],
): Promise<void> {
  const last = (await lastSweeps(database.db)).find((row) => row.part === part);
  const told = toldSchema.safeParse(last?.findings);
  const before = told.success ? told.data.unknownOrganizers.map(({ email }) => email) : [];
  const after = unknown.map(({ email }) => email);
  if (after.length === 0 || before.toSorted().join() === after.toSorted().join()) return;
  log.warn('organizers are no active members of the SkipUp workspace: SkipUp refuses requests in their name', {
    organizers: after.length,
    kickoffs: unknown.flatMap(({ kickoffs }) => kickoffs),
    accounts: unknown.flatMap(({ accounts }) => accounts),
    isFallbackUnknown: unknown.some(({ isFallback }) => isFallback),
  });
}
