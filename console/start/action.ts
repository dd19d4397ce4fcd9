import { z } from 'zod';
import { type DispatchInput, kickoffWorkflowId } from '../../workflows/messages.ts';
import { type Action, Invalid, type Posted, Refused, Unanswered } from '../action/action.ts';
import { textIn } from '../action/posted.ts';
import type { ConsoleContext } from '../context.ts';
import { addressOf } from '../page/address.ts';
import { html, type Markup } from '../page/html.ts';
import { kickoffPath } from '../page/link.ts';
import { faultsInOne } from './faults.ts';
import { dispatch, refusalOf } from './rehearse.ts';

export const START = { name: 'start.dispatch', label: 'Start this kickoff' } as const;

/** It reads the CRM, and starts a workflow. */
const PATIENCE_MS = 40_000;
/** A pasted deal, with every character that a form sends as three. */
const FORM_BYTES = 256_000;

const wholeSchema = z.object({ id: z.union([z.string(), z.number()]), name: z.string().optional() }).loose();
const inputSchema = z.object({
  dealId: z.string().min(1).max(128).optional(),
  crm: z.string().max(40).optional(),
  workstream: z.string().max(41).optional(),
  deal: wholeSchema.optional(),
});

/** The kickoff that is meant, by the id that its workflow would have: so the audit log has it there. */
export function startTarget({ dealId, deal, workstream }: DispatchInput): string {
  const { id = '' } = wholeSchema.safeParse(deal).data ?? {};
  return kickoffWorkflowId(dealId ?? String(id), workstream);
}

/** What the confirmation has been given, for the form to carry on. */
export function startFields({ dealId, crm, workstream, deal }: DispatchInput): Markup {
  const hidden = (name: string, value: string | undefined) =>
    value !== undefined && html`<input type="hidden" name="${name}" value="${value}">\n`;
  return html`${hidden('dealId', dealId)}${hidden('crm', crm)}${hidden('workstream', workstream)}${hidden('whole', deal === undefined ? undefined : JSON.stringify(deal))}`;
}

/** Starts the kickoff that was rehearsed. */
export function startActions({ client }: ConsoleContext): Action[] {
  return [
    {
      ...START,
      reason: 'required',
      // A whole deal names people.
      unlogged: ['whole'],
      maxBytes: FORM_BYTES,
      async prepare(on, posted) {
        const input = inputIn(posted);
        if (input === undefined || startTarget(input) !== on) return undefined;
        const { dealId, crm, workstream, deal } = input;
        const back = deal === undefined ? addressOf('/start', { deal: dealId, crm, workstream }) : '/start/deal';
        return {
          title: wholeSchema.safeParse(deal).data?.name ?? `Deal ${dealId ?? on}`,
          about: html`<p>Its kickoff is started: the people that CRM and registry name are asked for a date. If it has one that runs, that is joined.${deal === undefined && html` <a href="${back}">Whom would it invite?</a>`}</p>`,
          back,
          fields: startFields(input),
        };
      },
      async perform(on, posted, { attempt, by }) {
        const input = inputIn(posted);
        if (input === undefined || startTarget(input) !== on)
          throw new Refused('The form is not whole: look first, and start it from there.');
        const ran = await dispatch(client, { ...input, requestedBy: by.name.slice(0, 200) }, attempt, PATIENCE_MS);
        if ('answer' in ran) return { sentence: ran.answer.message, back: kickoffPath(ran.answer.workflowId) };
        const refusal = refusalOf(ran);
        if ('silent' in refusal)
          throw new Unanswered(`${refusal.silent} It may still be started: look for it before you repeat it.`);
        if ('failed' in refusal) throw new Refused(refusal.failed);
        throw new Invalid({ '': faultsInOne(refusal.faults) });
      },
    },
  ];
}

/** @returns undefined for what no form of the console sends */
function inputIn(posted: Posted): DispatchInput | undefined {
  const text = (name: string) => textIn(posted, name) || undefined;
  const whole = text('whole');
  const read = inputSchema.safeParse({
    dealId: text('dealId'),
    crm: text('crm'),
    workstream: text('workstream'),
    deal: whole === undefined ? undefined : jsonIn(whole),
  });
  if (!read.success || (read.data.dealId === undefined) === (read.data.deal === undefined)) return undefined;
  return Object.fromEntries(Object.entries(read.data).filter(([, value]) => value !== undefined));
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Nothing that the form has made.
    return null;
  }
}
