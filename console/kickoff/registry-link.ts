import type { GapRecord } from '../ledger/kickoff-record.ts';
import { addressOf } from '../page/address.ts';
import { html, type Markup } from '../page/html.ts';
import type { Visit } from '../visit.ts';

/** Where the registry has an account's people. */
export function accountPath(accountId: string): string {
  return addressOf('/registry/account', { id: accountId });
}

/** To the place where somebody is added, or looked up by those who may only look. */
export function registryLink(visit: Visit, accountId: string): Markup {
  const label = visit.may === 'act' ? 'Add a stakeholder' : 'The registry’s people of this account';
  return html`<a href="${accountPath(accountId)}">${label}</a>`;
}

/** What cannot be mended in the registry. */
const ELSEWHERE = new Set(['organizer_not_member', 'organizer_unchecked', 'too_many_participants']);

/** Whether the registry is the place to settle a gap. */
export function isOfRegistry({ code }: GapRecord): boolean {
  return code === undefined || !ELSEWHERE.has(code);
}
