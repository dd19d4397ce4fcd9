import type { InboxSource, InboxStatus } from '../../database/index.ts';
import { html, type Markup } from '../page/html.ts';
import type { Tone } from './phase.ts';

/** What became of an event, the ones that a person should look at first. */
export const INBOX_WORDS: Record<InboxStatus, { label: string; meaning: string; tone: Tone }> = {
  dead: { label: 'Dead', meaning: 'It could not be delivered. It is kept and can be replayed.', tone: 'alert' },
  pending: { label: 'Pending', meaning: 'It waits to be delivered to its workflow.', tone: 'busy' },
  unmatched: { label: 'Unmatched', meaning: 'It is about a meeting request that is not known (yet).', tone: 'busy' },
  delivered: { label: 'Delivered', meaning: 'Its workflow has it.', tone: 'good' },
  ignored: { label: 'Ignored', meaning: 'It asks for nothing; the reason says why.', tone: 'still' },
};

export const SOURCE_WORDS: Record<InboxSource, string> = {
  skipup: 'SkipUp',
  hubspot: 'HubSpot',
  salesforce: 'Salesforce',
  pipedrive: 'Pipedrive',
  deal: 'Deal trigger',
  form: 'Form trigger',
};

export function inboxChip(status: InboxStatus): Markup {
  const { label, tone } = INBOX_WORDS[status];
  return html`<span class="chip ${tone}">${label}</span>`;
}

export function isInboxStatus(text: string): text is InboxStatus {
  return Object.hasOwn(INBOX_WORDS, text);
}

export function isInboxSource(text: string): text is InboxSource {
  return Object.hasOwn(SOURCE_WORDS, text);
}
