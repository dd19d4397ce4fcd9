import { activeSkipupMembers, findRecovery } from '../../database/index.ts';
import { type RecoveryStatus, recoveryStatus, type UpdateContextCommand } from '../../workflows/messages.ts';
import { type Action, type Doing, type Faults, Invalid, type Posted } from '../action/action.ts';
import { inputField, selectField, textField, tickField } from '../action/field.ts';
import { isTicked, textIn, wasSent } from '../action/posted.ts';
import type { ConsoleContext } from '../context.ts';
import { leadRecord, leadTitle } from '../ledger/lead-record.ts';
import { type Content, html } from '../page/html.ts';
import { leadPath } from '../page/link.ts';
import { askWorkflow } from '../temporal/ask.ts';
import { tellWorkflow } from '../temporal/tell.ts';
import { recoveryWordsOf } from '../words/recovery.ts';
import { stepKind } from '../words/steps.ts';
import { isLeadCommand, LEAD_ACTIONS, type LeadCommand } from './names.ts';

/** SkipUp's limits, in characters and minutes. */
const LIMITS = { title: 255, purpose: 500, description: 5_000, minMinutes: 5, maxMinutes: 480 } as const;
const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;
const LONGEST_EMAIL = 254;
/** Proposed while one types; a workspace has seldom more. */
const PROPOSALS = 200;

/** What a person may send a recovery. It says itself what it takes now, and answers in words. */
export function leadCommands(context: ConsoleContext): Action[] {
  const { database, client } = context;
  return Object.keys(LEAD_ACTIONS)
    .filter(isLeadCommand)
    .map((command) => ({
      ...LEAD_ACTIONS[command],
      reason: 'required' as const,
      async prepare(on: string, posted: Posted) {
        const row = on.includes('\0') ? undefined : await findRecovery(database.db, on);
        if (row === undefined) return undefined;
        const asked = await askWorkflow(client, on, recoveryStatus);
        const base = { title: leadTitle(row, leadRecord(row)), back: leadPath(on) };
        if ('silent' in asked)
          return { ...base, about: '', impossible: `${asked.silent} Nothing can be sent to it now.` };
        const status = asked.answer;
        const impossible = whyImpossible(command, status, posted);
        const choices = command === 'changeOrganizer' ? await activeSkipupMembers(database.db, PROPOSALS) : [];
        return {
          ...base,
          about: aboutOf(command, status),
          ...(impossible === undefined
            ? { fields: (faults: Faults) => fieldsOf(command, { status, posted, faults, choices }) }
            : { impossible }),
        };
      },
      async perform(on: string, posted: Posted, doing: Doing) {
        return await tellWorkflow(client, on, command, inputOf(command, posted, doing), doing.attempt);
      },
    }));
}

function whyImpossible(
  command: LeadCommand,
  { commands, phase, steps }: RecoveryStatus,
  posted: Posted,
): string | undefined {
  if (command === 'retryStep' || command === 'skipStep') {
    const id = textIn(posted, 'id');
    const failed = steps.filter(({ state }) => state === 'failed');
    if (failed.length === 0) return 'No step of it has failed.';
    if (id !== '' && !failed.some((step) => step.id === id))
      return `The step “${id}” has not failed, or has been settled.`;
  }
  if (commands.some(({ name }) => name === command)) return undefined;
  if (commands.length === 0) return 'It has ended: nothing can be sent to it any more.';
  const { label, meaning } = recoveryWordsOf(phase);
  return `It does not take this as it stands (${label}). ${meaning}`;
}

function aboutOf(command: LeadCommand, { commands, waitingFor, needs }: RecoveryStatus): Content {
  const about = commands.find(({ name }) => name === command)?.about;
  return html`${about !== undefined && html`<p>${about.charAt(0).toUpperCase()}${about.slice(1)}.</p>\n`}<p>Now it waits for ${waitingFor}.</p>
${needs.length > 0 && html`<ul>\n${needs.map((need) => html`<li>${need}</li>\n`)}</ul>`}`;
}

interface Fields {
  status: RecoveryStatus;
  posted: Posted;
  faults: Faults;
  choices: readonly string[];
}

function fieldsOf(command: LeadCommand, { status, posted, faults, choices }: Fields): Content {
  const value = (name: string) => textIn(posted, name);
  switch (command) {
    case 'cancel':
      return tickField({
        name: 'notify',
        label: 'SkipUp tells the lead',
        isTicked: wasSent(posted) && isTicked(posted, 'notify'),
      });
    case 'changeOrganizer':
      return inputField({
        name: 'email',
        type: 'email',
        label: 'E-mail address of the new organizer',
        hint: 'An active member of the SkipUp workspace.',
        value: value('email'),
        required: true,
        maxLength: LONGEST_EMAIL,
        choices,
        faults,
      });
    case 'retryStep':
    case 'skipStep':
      return selectField({
        name: 'id',
        label: 'Step',
        value: value('id'),
        required: true,
        options: status.steps
          .filter(({ state }) => state === 'failed')
          .map(({ id, kind }) => ({ value: id, label: `${id} (${stepKind(kind)})` })),
        faults,
      });
    case 'updateContext':
      return html`<p>What is left empty stays as it is.</p>
${inputField({ name: 'title', label: 'Title', value: value('title'), maxLength: LIMITS.title, faults })}
${inputField({ name: 'purpose', label: 'Purpose', value: value('purpose'), maxLength: LIMITS.purpose, faults })}
${textField({ name: 'description', label: 'Description', value: value('description'), maxLength: LIMITS.description, rows: 5, faults })}
${inputField({ name: 'durationMinutes', type: 'number', label: 'Length in minutes', value: value('durationMinutes'), min: LIMITS.minMinutes, max: LIMITS.maxMinutes, faults })}`;
    case 'proceed':
    case 'pause':
    case 'resume':
      return undefined;
  }
}

/** @throws {Invalid} */
function inputOf(command: LeadCommand, posted: Posted, { reason }: Doing): object | undefined {
  switch (command) {
    case 'cancel':
      return { reason, notify: isTicked(posted, 'notify') };
    case 'changeOrganizer': {
      const email = textIn(posted, 'email');
      if (email.length <= LONGEST_EMAIL && EMAIL.test(email)) return { email };
      throw new Invalid({
        email: email === '' ? 'Name the new organizer’s e-mail address.' : `“${email}” is no e-mail address.`,
      });
    }
    case 'retryStep':
      return { id: stepIn(posted) };
    case 'skipStep':
      return { id: stepIn(posted), reason };
    case 'updateContext':
      return contextIn(posted);
    case 'proceed':
    case 'pause':
    case 'resume':
      return undefined;
  }
}

function stepIn(posted: Posted): string {
  const id = textIn(posted, 'id');
  if (id === '') throw new Invalid({ id: 'Name the step.' });
  return id;
}

function contextIn(posted: Posted): UpdateContextCommand {
  const context: UpdateContextCommand = {};
  const faults: Record<string, string> = {};
  for (const name of ['title', 'purpose', 'description'] as const) {
    const text = textIn(posted, name).replaceAll('\r\n', '\n');
    if (text.length > LIMITS[name])
      faults[name] = `It has ${text.length} characters; at most ${LIMITS[name]} are taken.`;
    else if (text !== '') context[name] = text;
  }
  const minutes = textIn(posted, 'durationMinutes');
  const count = /^\d{1,4}$/.test(minutes) ? Number(minutes) : Number.NaN;
  if (count >= LIMITS.minMinutes && count <= LIMITS.maxMinutes) context.durationMinutes = count;
  else if (minutes !== '') faults.durationMinutes = `A whole number from ${LIMITS.minMinutes} to ${LIMITS.maxMinutes}.`;
  if (Object.keys(faults).length > 0) throw new Invalid(faults);
  if (Object.keys(context).length === 0) throw new Invalid({ title: 'Change at least one of these.' });
  return context;
}
