import type { Content } from '../page/html.ts';
import { html } from '../page/html.ts';
import { isolated } from '../page/link.ts';
import { crmName } from '../words/crm.ts';
import { phaseWordsOf } from '../words/phase.ts';
import { type KickoffsFilter, MAIN_WORKSTREAM } from './address.ts';

/** One thing that a filter asks for. */
export interface FilterPart {
  /** In words: `Phase: Paused`. */
  words: Content;
  /** The filter without it. */
  without: KickoffsFilter;
}

/** What a filter chooses, in words, one after the other; empty for one that chooses nothing. */
export function filterParts(filter: KickoffsFilter): FilterPart[] {
  const { search, phases, needsPerson, workstream, crm, account, organizer, from, to } = filter;
  const parts: FilterPart[] = [];
  const add = (words: Content, change: Partial<KickoffsFilter>) =>
    parts.push({ words, without: { ...filter, ...change } });
  if (search !== undefined) add(html`“${isolated(search)}”`, { search: undefined });
  for (const phase of phases) {
    add(html`Phase: ${phaseWordsOf(phase).label}`, { phases: phases.filter((other) => other !== phase) });
  }
  if (needsPerson) add('Asks a person something', { needsPerson: false });
  if (workstream !== undefined) add(html`Workstream: ${workstreamName(workstream)}`, { workstream: undefined });
  if (crm !== undefined) add(html`CRM: ${crmName(crm)}`, { crm: undefined });
  if (account !== undefined) add(html`Account: ${isolated(account)}`, { account: undefined });
  if (organizer !== undefined) add(html`Organizer: ${isolated(organizer)}`, { organizer: undefined });
  if (from !== undefined) add(`Begun on ${from} or later`, { from: undefined });
  if (to !== undefined) add(`Begun on ${to} or earlier`, { to: undefined });
  return parts;
}

/** A workstream as people call it. */
export function workstreamName(workstream: string): string {
  return workstream === MAIN_WORKSTREAM || workstream === '' ? 'the main kickoff' : workstream;
}
