import { DateTime } from 'luxon';
import { z } from 'zod';
import { isSearchable, type KickoffCursor, type KickoffFilter, type PhaseName } from '../../database/index.ts';
import { BadAddress, isoDay } from '../page/address.ts';
import { isPhase } from '../words/phase.ts';

/** The deal's main kickoff, where the address names workstreams; no workstream may be called so. */
export const MAIN_WORKSTREAM = 'main';

/** Everything that chooses what the list shows, as it stands in the address: a view can be kept and passed on. */
export interface KickoffsFilter {
  search?: string | undefined;
  /** Empty: all. */
  phases: readonly PhaseName[];
  needsPerson: boolean;
  /** `main`: the deal's main one. */
  workstream?: string | undefined;
  crm?: string | undefined;
  /** Its id. */
  account?: string | undefined;
  /** Address. */
  organizer?: string | undefined;
  /** ISO days in `zone`, both included. */
  from?: string | undefined;
  to?: string | undefined;
  /** IANA; the viewer's. */
  zone: string;
}

/** Where a page of the list begins: beyond this row. */
export interface KickoffsPlace {
  before?: KickoffCursor | undefined;
  after?: KickoffCursor | undefined;
}

const text = z.string().trim().max(200).default('');
const day = z
  .union([z.literal(''), isoDay])
  .optional()
  .transform((given) => (given === '' ? undefined : given));
const querySchema = z.object({
  q: text,
  phase: z.union([z.string(), z.array(z.string())]).default([]),
  needs: z.enum(['person', '']).default(''),
  workstream: text,
  crm: text,
  account: text,
  organizer: text,
  from: day,
  to: day,
});
/** An instant with milliseconds, then the workflow's id. PostgreSQL's text has no NUL. */
const CURSOR = /^([12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)_([^\0]+)$/;
const placeSchema = z.object({ before: z.string().default(''), after: z.string().default('') });

/**
 * The filter in an address or a form; whatever else it holds is left alone.
 *
 * @param query as it was read from the address
 * @param zone IANA, of the days in it
 * @throws {BadAddress} when it is too long, or cannot be meant
 */
export function kickoffsFilter(query: unknown, zone: string): KickoffsFilter {
  const parsed = querySchema.safeParse(query ?? {});
  if (!parsed.success) {
    throw new BadAddress(
      'Give each filter once (only phases may be several), days as 2026-02-10, and no more than 200 characters each.',
    );
  }
  const { q, phase, needs, workstream, crm, account, organizer, from, to } = parsed.data;
  if ([q, workstream, crm, account, organizer].some((value) => value.includes('\0'))) {
    throw new BadAddress('A filter holds a character that no name has.');
  }
  return {
    search: given(q),
    phases: [...new Set([phase].flat().filter((one) => one !== ''))].map(phaseIn),
    needsPerson: needs === 'person',
    workstream: given(workstream),
    crm: given(crm),
    account: given(account),
    organizer: given(organizer),
    from,
    to,
    zone,
  };
}

/** @throws {BadAddress} when the address names no page */
export function kickoffsPlace(query: unknown): KickoffsPlace {
  const parsed = placeSchema.safeParse(query ?? {});
  if (!parsed.success) throw noSuchPage();
  const { before, after } = parsed.data;
  if (before !== '' && after !== '') throw noSuchPage();
  return {
    ...(before === '' ? {} : { before: cursorIn(before) }),
    ...(after === '' ? {} : { after: cursorIn(after) }),
  };
}

/**
 * Whether it chooses anything: without, it means every kickoff there is. So does a search for what is no word, such as `%`.
 */
export function isFiltered(filter: KickoffsFilter): boolean {
  const { search = '' } = filter;
  return kickoffsQuery({ ...filter, search: isSearchable(search) ? search : undefined }).length > 0;
}

/** What stands in the address for the filter, in pairs: a form repeats them as hidden fields. */
export function kickoffsQuery(filter: KickoffsFilter): [name: string, value: string][] {
  const { search, phases, needsPerson, workstream, crm, account, organizer, from, to } = filter;
  const pairs: [string, string | undefined][] = [
    ['q', search],
    ...phases.map((phase): [string, string] => ['phase', phase]),
    ['needs', needsPerson ? 'person' : undefined],
    ['workstream', workstream],
    ['crm', crm],
    ['account', account],
    ['organizer', organizer],
    ['from', from],
    ['to', to],
  ];
  return pairs.filter((pair): pair is [string, string] => pair[1] !== undefined);
}

/**
 * Where the console shows these.
 *
 * @param path another page that is about the same kickoffs: `/bulk/kickoff.cancel`
 */
export function kickoffsAddress(filter: KickoffsFilter, place: KickoffsPlace = {}, path = '/kickoffs'): string {
  const pairs = kickoffsQuery(filter);
  if (place.before !== undefined) pairs.push(['before', cursorText(place.before)]);
  if (place.after !== undefined) pairs.push(['after', cursorText(place.after)]);
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`;
}

/** A filter of one thing: what links to the list are made of. */
export function onlyKickoffs(filter: Partial<KickoffsFilter>): string {
  return kickoffsAddress({ phases: [], needsPerson: false, zone: 'UTC', ...filter });
}

/** The filter as the database takes it: days become instants. */
export function chosenKickoffs(filter: KickoffsFilter): KickoffFilter {
  const { search, phases, needsPerson, workstream, crm, account, organizer, from, to, zone } = filter;
  return {
    search,
    phases,
    needsPerson,
    workstream: workstream === MAIN_WORKSTREAM ? '' : workstream,
    crm,
    accountId: account,
    organizer,
    begunFrom: from === undefined ? undefined : startOf(from, zone).toJSDate(),
    begunBefore: to === undefined ? undefined : startOf(to, zone).plus({ days: 1 }).toJSDate(),
  };
}

function startOf(isoDay: string, zone: string): DateTime {
  const start = DateTime.fromISO(isoDay, { zone });
  return start.isValid ? start : DateTime.fromISO(isoDay, { zone: 'UTC' });
}

function given(value: string): string | undefined {
  return value === '' ? undefined : value;
}

function phaseIn(name: string): PhaseName {
  if (isPhase(name)) return name;
  throw new BadAddress('No kickoff is ever in that phase: choose one of those on the page of all kickoffs.');
}

function cursorText({ created_at: at, workflow_id: id }: KickoffCursor): string {
  return `${at.toISOString()}_${id}`;
}

function cursorIn(cursor: string): KickoffCursor {
  const [, at, workflowId] = CURSOR.exec(cursor) ?? [];
  const created = new Date(at ?? Number.NaN);
  if (workflowId === undefined || Number.isNaN(created.getTime())) throw noSuchPage();
  return { created_at: created, workflow_id: workflowId };
}

function noSuchPage(): BadAddress {
  return new BadAddress('The address names no page of the list: begin at its first page.');
}
