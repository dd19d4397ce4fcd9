import type { Action, Bulk, Doing, Faults, Posted } from '../../action/action.ts';
import { Refused } from '../../action/action.ts';
import type { ConsoleContext } from '../../context.ts';
import { type Content, html } from '../../page/html.ts';
import { kickoffPath } from '../../page/link.ts';
import { tellWorkflow } from '../../temporal/tell.ts';
import { prose } from '../prose.ts';
import { KICKOFF_ACTIONS, type KickoffCommand } from './names.ts';
import { type Standing, standingOf, whyImpossible } from './standing.ts';
import { TAKEN_IN, whyNotTaken } from './taken-in.ts';

/** What a command does besides being sent. */
export interface CommandDetails {
  command: KickoffCommand;
  /** In words, besides the kickoff's own sentence of what it does. */
  about?: (standing: Standing, zone: string) => Content;
  /** Why it cannot be done with what the address carries, in words. */
  impossible?: (standing: Standing, posted: Posted) => string | undefined;
  /** Inputs besides the reason. */
  fields?: (standing: Standing, posted: Posted, zone: string) => Promise<(faults: Faults) => Content>;
  /**
   * What is sent, made of what was posted.
   *
   * @param standing asks the kickoff how it stands, for what is made of that
   * @returns undefined for a command without input
   * @throws {Invalid}
   */
  input?: (posted: Posted, doing: Doing, standing: () => Promise<Standing>) => Promise<object> | object;
  /** Does it otherwise than by sending the one update. */
  perform?: Action['perform'];
  bulk?: Omit<Bulk, 'whyNot'>;
}

/** An action that sends a kickoff an update. */
export function commandAction(context: ConsoleContext, details: CommandDetails): Action {
  const { command, about, fields, input, bulk } = details;
  const standing = async (on: string) => {
    const known = await standingOf(context, on);
    if (known === undefined) throw new Refused('There is no such kickoff.');
    return known;
  };
  return {
    ...KICKOFF_ACTIONS[command],
    reason: 'required',
    ...(bulk && isTakenByMany(command) && { bulk: { ...bulk, whyNot: (rows) => whyNotTaken(context, command, rows) } }),
    async prepare(on, posted, zone) {
      const known = await standingOf(context, on);
      if (known === undefined) return undefined;
      const impossible = whyImpossible(command, known) ?? details.impossible?.(known, posted);
      return {
        title: known.title,
        about: html`${ownWords(command, known)}${about?.(known, zone)}`,
        back: kickoffPath(on),
        ...(impossible === undefined
          ? { ...(fields && { fields: await fields(known, posted, zone) }) }
          : { impossible }),
      };
    },
    perform:
      details.perform ??
      (async (on, posted, doing) => {
        const sent = await input?.(posted, doing, () => standing(on));
        return await tellWorkflow(context.client, on, command, sent, doing.attempt);
      }),
  };
}

function isTakenByMany(command: KickoffCommand): command is keyof typeof TAKEN_IN {
  return Object.hasOwn(TAKEN_IN, command);
}

/** What it does, as the kickoff itself says. */
function ownWords(command: KickoffCommand, { status }: Standing): Content {
  const about = status?.commands.find(({ name }) => name === command)?.about;
  return about !== undefined && html`<p>${about.charAt(0).toUpperCase()}${about.slice(1)}.</p>\n`;
}

/** What the kickoff waits for, and asks of a person. */
export function needsOf({ status }: Standing, zone: string): Content {
  if (status === undefined) return undefined;
  const { needs, waitingFor } = status;
  return html`<p>Now: ${prose(waitingFor, zone)}</p>
${needs.length > 0 && html`<ul>\n${needs.map((need) => html`<li>${prose(need, zone)}</li>\n`)}</ul>`}`;
}
