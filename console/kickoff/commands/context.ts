import type { UpdateContextCommand } from '../../../workflows/messages.ts';
import { type Faults, Invalid, type Posted, Refused } from '../../action/action.ts';
import { inputField, textField } from '../../action/field.ts';
import { textIn } from '../../action/posted.ts';
import { html } from '../../page/html.ts';
import { instant } from '../../page/instant.ts';
import type { CommandDetails } from './command.ts';
import type { Standing } from './standing.ts';
import { localTime } from './window.ts';

/** SkipUp's limits. In characters, and minutes. */
const LIMITS = { title: 255, purpose: 500, description: 5_000, minMinutes: 5, maxMinutes: 480 } as const;

/** Title, purpose, description, length or window of the meeting. What is left empty stays as it is. */
export const contextCommand: CommandDetails = {
  command: 'updateContext',
  about: () => html`<p>What is left empty stays as it is.</p>`,
  fields: async (standing, posted, zone) => (faults) => contextFields(standing, posted, zone, faults),
  async input(posted, { zone }, standing) {
    const { context, start, end, faults } = readContext(posted, zone);
    if (Object.keys(faults).length > 0) throw new Invalid(faults);
    if (start === undefined && end === undefined) {
      if (Object.keys(context).length === 0) throw new Invalid({ title: 'Change at least one of these.' });
      return context;
    }
    return { ...context, timeframe: await windowFrom(start, end, standing) };
  },
};

/** SkipUp takes both ends of the window or none: the one that was left empty stays. */
async function windowFrom(start: string | undefined, end: string | undefined, standing: () => Promise<Standing>) {
  const known = start === undefined || end === undefined ? (await standing()).status?.request?.timeframe : undefined;
  const window = { start: start ?? known?.start, end: end ?? known?.end };
  if (window.start === undefined || window.end === undefined) {
    throw new Refused('The kickoff does not say what its window is now: give both ends of it.');
  }
  if (Date.parse(window.start) >= Date.parse(window.end)) {
    throw new Invalid({ [end === undefined ? 'start' : 'end']: 'The window would end before it begins.' });
  }
  return { start: window.start, end: window.end };
}

function readContext(posted: Posted, zone: string) {
  const context: UpdateContextCommand = {};
  const faults: Record<string, string> = {};
  for (const name of ['title', 'purpose', 'description'] as const) {
    const text = textIn(posted, name).replaceAll('\r\n', '\n');
    if (text === '') continue;
    if (text.length > LIMITS[name])
      faults[name] = `It has ${text.length} characters; at most ${LIMITS[name]} are taken.`;
    else context[name] = text;
  }
  const minutes = textIn(posted, 'durationMinutes');
  if (minutes !== '') {
    const count = /^\d{1,4}$/.test(minutes) ? Number(minutes) : Number.NaN;
    if (count >= LIMITS.minMinutes && count <= LIMITS.maxMinutes) context.durationMinutes = count;
    else faults.durationMinutes = `A whole number from ${LIMITS.minMinutes} to ${LIMITS.maxMinutes}.`;
  }
  const [start, end] = (['start', 'end'] as const).map((name) => {
    const text = textIn(posted, name);
    if (text === '') return undefined;
    const time = localTime(text, zone);
    if ('instant' in time) return time.instant;
    faults[name] = time.fault;
    return undefined;
  });
  return { context, start, end, faults };
}

function contextFields({ status }: Standing, posted: Posted, zone: string, faults: Faults) {
  const field = (name: string, label: string) => ({ name, label, value: textIn(posted, name), faults });
  const window = status?.request?.timeframe;
  return html`${inputField({ ...field('title', 'Title'), maxLength: LIMITS.title })}
${inputField({ ...field('purpose', 'Purpose'), maxLength: LIMITS.purpose })}
${textField({ ...field('description', 'Description'), maxLength: LIMITS.description, rows: 5 })}
${inputField({ ...field('durationMinutes', 'Length in minutes'), type: 'number', min: LIMITS.minMinutes, max: LIMITS.maxMinutes })}
${inputField({ ...field('start', 'Not before'), type: 'datetime-local', hint: html`In the zone ${zone}.${window && html` Now: ${instant(window.start, zone)}`}` })}
${inputField({ ...field('end', 'Not after'), type: 'datetime-local', hint: html`In the zone ${zone}.${window && html` Now: ${instant(window.end, zone)}`}` })}`;
}
