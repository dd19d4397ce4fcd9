import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, findKickoff } from '../../database/index.ts';
import { type Action, Invalid, type Posted, type Prepared, Refused } from '../action/action.ts';
import { inputField, selectField } from '../action/field.ts';
import { textIn } from '../action/posted.ts';
import type { ConsoleContext } from '../context.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { kickoffPath } from '../page/link.ts';
import type { SandboxControl } from './control.ts';
import { readClock } from './read.ts';
import {
  ADVANCES,
  FAULT_TARGETS,
  FAULTS,
  isFaultChoice,
  isFaultTarget,
  isRequestEvent,
  REQUEST_EVENTS,
} from './words.ts';

const BACK = '/sandbox';
/** What is done to the sandbox as a whole is done to this. */
export const SANDBOX = 'sandbox';

/** What a person may do with the sandbox; nothing where there is none. */
export function sandboxActions({ sandbox, database }: ConsoleContext): Action[] {
  if (sandbox === undefined) return [];
  return [
    closeDeal(sandbox, database),
    submitForm(sandbox),
    advance(sandbox),
    triggerEvent(sandbox),
    addFault(sandbox),
    removeFault(sandbox),
  ];
}

function closeDeal(sandbox: SandboxControl, { db }: Database): Action {
  return {
    name: 'sandbox.closeDeal',
    label: 'Close the sample deal',
    reason: 'none',
    prepare: async (on) =>
      prepared(on, 'Acme Corp’s deal is set to closed won, and the CRM tells Kickoff so by its webhook.'),
    async perform() {
      const { dealId } = sandbox.samples;
      await told(sandbox, 'POST', `/crm/deals/${encodeURIComponent(dealId)}/close`, {});
      const workflowId = `kickoff:${dealId}`;
      const isThere = await appears(async () => (await findKickoff(db, workflowId)) !== undefined);
      return isThere
        ? {
            sentence: 'The deal is won, and this is its kickoff: what happens to it appears here by itself.',
            back: kickoffPath(workflowId),
          }
        : {
            sentence:
              'The deal is won; its kickoff is not there yet. It appears among these, or the inbox says why not.',
            back: '/kickoffs',
          };
    },
  };
}

function submitForm(sandbox: SandboxControl): Action {
  return {
    name: 'sandbox.submitForm',
    label: 'Have the sample lead fill in a form',
    reason: 'none',
    prepare: async (on) => prepared(on, 'Sarah Chen of Globex fills in “Demo request”, and the CRM tells Kickoff so.'),
    async perform() {
      await told(sandbox, 'POST', `/crm/contacts/${encodeURIComponent(sandbox.samples.leadId)}/submit`, {});
      return {
        sentence:
          'The form is filled in. The lead has time to book by itself now; on its page you can tell the recovery to go on.',
        back: '/leads',
      };
    },
  };
}

function advance(sandbox: SandboxControl): Action {
  return {
    name: 'sandbox.advance',
    label: 'Move the sandbox’s clock',
    reason: 'none',
    prepare: async (on, posted) =>
      prepared(on, 'What falls due on the way is done at once: answers, webhooks, follow-ups.', {
        fields: selectField({
          name: 'by',
          label: 'By',
          value: textIn(posted, 'by'),
          required: true,
          options: [
            ...Object.entries(ADVANCES).map(([value, label]) => ({ value, label })),
            { value: 'next', label: 'To the next thing' },
          ],
        }),
      }),
    async perform(_on, posted) {
      const by = textIn(posted, 'by');
      if (by === 'next') {
        const { nextTaskAt } = await clockOf(sandbox);
        if (nextTaskAt === null) throw new Refused('Nothing waits for the clock in the sandbox.');
        await told(sandbox, 'POST', '/clock', { now: nextTaskAt });
      } else if (Object.hasOwn(ADVANCES, by)) {
        await told(sandbox, 'POST', '/clock', { advance: by });
      } else {
        throw new Invalid({ by: 'Choose one of the steps.' });
      }
      const { now, waitingTasks } = await clockOf(sandbox);
      return `The sandbox’s clock shows ${now.slice(0, 16).replace('T', ' ')} UTC; ${waitingTasks} ${waitingTasks === 1 ? 'thing waits' : 'things wait'} for it.`;
    },
  };
}

function triggerEvent(sandbox: SandboxControl): Action {
  return {
    name: 'sandbox.event',
    label: 'Make an event happen',
    reason: 'none',
    prepare: async (on, posted) =>
      on === ''
        ? undefined
        : {
            title: `Meeting request ${on}`,
            about: 'It happens as if SkipUp or somebody there had done it, and the webhook goes out.',
            back: BACK,
            fields: selectField({
              name: 'event',
              label: 'What happens',
              value: textIn(posted, 'event'),
              required: true,
              options: Object.entries(REQUEST_EVENTS).map(([value, label]) => ({ value, label })),
            }),
          },
    async perform(on, posted) {
      const event = textIn(posted, 'event');
      if (!isRequestEvent(event)) throw new Invalid({ event: 'Choose one of the events.' });
      await told(sandbox, 'POST', `/meeting_requests/${encodeURIComponent(on)}/events`, { event });
      return `It has happened (${event}); the webhook is on its way.`;
    },
  };
}

const MOST_TIMES = 1_000;

/** What is filled in for a new fault. */
export function faultFields(posted: Posted, faults = {}): Markup {
  return html`${selectField({
    name: 'kind',
    label: 'What goes wrong',
    value: textIn(posted, 'kind'),
    required: true,
    options: Object.entries(FAULTS).map(([value, { label }]) => ({ value, label })),
    faults,
  })}
${selectField({
  name: 'whose',
  label: 'Whose calls',
  value: textIn(posted, 'whose') || 'all',
  required: true,
  hint: 'Webhooks are SkipUp’s, whatever is chosen here.',
  options: Object.entries(FAULT_TARGETS).map(([value, { label }]) => ({ value, label })),
  faults,
})}
${inputField({
  name: 'times',
  label: 'The next so many times',
  type: 'number',
  min: 1,
  max: MOST_TIMES,
  value: textIn(posted, 'times'),
  hint: 'Empty: until it is taken back.',
  faults,
})}
${inputField({
  name: 'percent',
  label: 'In so many of a hundred',
  type: 'number',
  min: 1,
  max: 100,
  value: textIn(posted, 'percent'),
  hint: 'Empty: every time.',
  faults,
})}`;
}

function addFault(sandbox: SandboxControl): Action {
  return {
    name: 'sandbox.addFault',
    label: 'Let something go wrong',
    reason: 'none',
    prepare: async (on, posted) =>
      prepared(on, 'The sandbox goes wrong in this way until it is taken back.', {
        fields: (faults) => faultFields(posted, faults),
      }),
    async perform(_on, posted) {
      const kind = textIn(posted, 'kind');
      const times = wholeIn(posted, 'times', MOST_TIMES);
      const percent = wholeIn(posted, 'percent', 100);
      if (!isFaultChoice(kind)) throw new Invalid({ kind: 'Choose one of the faults.' });
      const whose = textIn(posted, 'whose') || 'all';
      if (!isFaultTarget(whose)) throw new Invalid({ whose: 'Choose one of these.' });
      const path = kind.startsWith('webhook-') ? undefined : FAULT_TARGETS[whose].path;
      const rule = {
        ...FAULTS[kind].rule,
        ...(path !== undefined && { path }),
        ...(times === undefined ? {} : { next: times }),
        ...(percent === undefined ? {} : { probability: percent / 100 }),
      };
      await told(sandbox, 'POST', '/faults', rule);
      return `In force: ${FAULTS[kind].label}.`;
    },
  };
}

function removeFault(sandbox: SandboxControl): Action {
  return {
    name: 'sandbox.removeFault',
    label: 'Take a fault back',
    reason: 'none',
    prepare: async (on) =>
      on === '' ? undefined : { title: `Fault ${on}`, about: 'It does not strike any more.', back: BACK },
    async perform(on) {
      await told(sandbox, 'DELETE', `/faults/${encodeURIComponent(on)}`);
      return 'The fault is taken back.';
    },
  };
}

function prepared(on: string, about: Content, more: Pick<Prepared, 'fields'> = {}): Prepared | undefined {
  return on === SANDBOX ? { title: 'The sandbox', about, back: BACK, ...more } : undefined;
}

function wholeIn(posted: Posted, name: string, most: number): number | undefined {
  const text = textIn(posted, name);
  if (text === '') return undefined;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > most) throw new Invalid({ [name]: `A whole number from 1 to ${most}, or nothing.` });
  return value;
}

/** Does something in the sandbox, and lets pages that show it know. @throws {Refused} with the sandbox's own sentence */
async function told(sandbox: SandboxControl, method: 'POST' | 'DELETE', path: string, body?: object): Promise<void> {
  try {
    await sandbox.call(method, path, body);
  } catch (error) {
    throw new Refused(error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    sandbox.changes.notify();
  }
}

async function clockOf(sandbox: SandboxControl) {
  try {
    return await readClock(sandbox);
  } catch (error) {
    throw new Refused(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The relay takes a fraction of a second; a page that leads to nothing yet is no welcome. */
const APPEARS_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 100;

async function appears(isThere: () => Promise<boolean>): Promise<boolean> {
  const until = performance.now() + APPEARS_WITHIN_MS;
  while (performance.now() < until) {
    if (await isThere()) return true;
    await sleep(LOOK_EVERY_MS);
  }
  return await isThere();
}
