import { createHash } from 'node:crypto';
import { inboxIds, readInboxRow, replayDeadInbox, replayInbox } from '../../database/index.ts';
import { type Action, type Posted, Refused } from '../action/action.ts';
import { textIn } from '../action/posted.ts';
import type { ConsoleContext } from '../context.ts';
import { html } from '../page/html.ts';
import { isolated } from '../page/link.ts';
import { INBOX_WORDS, SOURCE_WORDS } from '../words/inbox.ts';
import { filterInAddress, type InboxPageFilter, inboxSearch } from './address.ts';

export const REPLAY = { name: 'inbox.replay', label: 'Replay it' } as const;
export const REPLAY_ALL = { name: 'inbox.replayAll', label: 'Replay all of these' } as const;

/** More at once would come down on Temporal and the CRM all at once, too. */
const MOST = 500;

/** What a person may do with events. */
export function inboxActions(context: ConsoleContext): Action[] {
  return [replay(context), replayAll(context)];
}

function replay({ database: { db }, relay }: ConsoleContext): Action {
  return {
    ...REPLAY,
    reason: 'required',
    async prepare(on) {
      const row = await rowOf(on);
      if (row === undefined) return undefined;
      const { id, source, event_type: event, subject, reason, status } = row;
      return {
        title: `Event ${id}: ${event}`,
        about: html`<p>The event ${subject !== null && html`about ${isolated(subject)} `}from ${SOURCE_WORDS[source]} is put back in the line, and delivered as if it had just come. What has reached its workflow already is not done twice.</p>
<p>${INBOX_WORDS[status].label}${reason !== null && html`: ${reason}`}</p>`,
        back: `/inbox/${id}`,
        ...(isSettled(status) ? { impossible: whyNot(status) } : {}),
      };
    },
    async perform(on) {
      const id = Number(on);
      const row = await replayInbox(db, id);
      if (row === undefined) {
        const now = await readInboxRow(db, id);
        throw new Refused(now === undefined ? 'There is no such event any more.' : whyNot(now.status));
      }
      relay.wake();
      return `Event ${id} is back in the line and is being delivered; this page says what becomes of it.`;
    },
  };

  async function rowOf(on: string) {
    return /^[1-9]\d{0,14}$/.test(on) ? await readInboxRow(db, Number(on)) : undefined;
  }
}

function isSettled(status: string): boolean {
  return status !== 'dead' && status !== 'ignored';
}

function whyNot(status: keyof typeof INBOX_WORDS): string {
  return `Only a dead or ignored event can be replayed; this one is ${INBOX_WORDS[status].label.toLowerCase()}: ${INBOX_WORDS[status].meaning}`;
}

function replayAll({ database: { db }, relay }: ConsoleContext): Action {
  const idsOf = async (filter: InboxPageFilter, zone: string) =>
    await inboxIds(db, inboxSearch({ ...filter, before: undefined }, zone), MOST + 1);
  return {
    ...REPLAY_ALL,
    reason: 'required',
    async prepare(on, _posted, zone) {
      const filter = filterInAddress(on);
      if (filter?.status !== 'dead') return undefined;
      const ids = await idsOf(filter, zone);
      const count = ids.length;
      return {
        title: `${countWords(count)} of the inbox`,
        about: html`<p>${count === 1 ? 'It is' : 'They are'} put back in the line, and delivered as if ${count === 1 ? 'it' : 'they'} had just come. What has reached its workflow already is not done twice.</p>
<p>${whichWords(filter)}</p>${count > 0 && html`\n<p>The newest: ${ids.slice(0, 20).map((id, nth) => html`${nth > 0 && ', '}<a href="/inbox/${id}">${id}</a>`)}${count > 20 && ' …'}</p>`}`,
        back: on,
        fields: html`<input type="hidden" name="count" value="${count}">
<input type="hidden" name="digest" value="${digestOf(ids)}">`,
        ...impossible(count),
      };
    },
    async perform(on, posted, { zone }) {
      const filter = filterInAddress(on);
      if (filter?.status !== 'dead') throw new Refused('Only dead events can be replayed together.');
      const ids = await idsOf(filter, zone);
      if (!isAsShown(posted, ids)) {
        throw new Refused(
          `There are other dead events now than were shown: ${countWords(ids.length)}. Nothing was replayed; look again.`,
        );
      }
      const { impossible: sentence } = impossible(ids.length);
      if (sentence !== undefined) throw new Refused(sentence);
      const replayed = await replayDeadInbox(db, ids);
      relay.wake();
      return `${countWords(replayed, '')} ${replayed === 1 ? 'is' : 'are'} back in the line. Those that cannot be delivered this time either come back here.`;
    },
  };
}

function impossible(count: number): { impossible?: string } {
  if (count === 0) return { impossible: 'No dead event is like that any more.' };
  if (count > MOST)
    return { impossible: `More than ${MOST} events at once are too many: narrow the filter to some days or a source.` };
  return {};
}

function countWords(count: number, kind = 'dead '): string {
  if (count > MOST) return `more than ${MOST} ${kind}events`;
  return `${count} ${kind}${count === 1 ? 'event' : 'events'}`;
}

function whichWords({ source, q, since, until }: InboxPageFilter): string {
  const parts = [
    source !== undefined && `from ${SOURCE_WORDS[source]}`,
    q !== undefined && `found by “${q}”`,
    since !== undefined && `received since ${since}`,
    until !== undefined && `received until ${until}`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'All that are dead.' : `Those that are dead, ${parts.join(', ')}.`;
}

function isAsShown(posted: Posted, ids: readonly number[]): boolean {
  return textIn(posted, 'count') === String(ids.length) && textIn(posted, 'digest') === digestOf(ids);
}

function digestOf(ids: readonly number[]): string {
  return createHash('sha256').update(ids.join(',')).digest('hex');
}
