import { ApplicationFailure } from '@temporalio/activity';
import type { Crm, CrmName, CrmWrite, CrmWriteResult } from '../../crm/index.ts';
import type { StepOutcome } from '../contract.ts';
import { crmFailure } from '../failures.ts';
import type { StepContext, StepKinds } from './kind.ts';

export interface CrmStepDependencies {
  crms: Partial<Record<CrmName, Crm>>;
}

/** A form's lead that no CRM knows: nobody can mend that, so the step is done, and says that it has done nothing. */
const NO_CRM = 'No CRM has this lead';
const NOWHERE = 'nowhere';

/** Status, notes and tasks at the CRM that the deal, or the lead, is from. */
export function crmKinds({ crms }: CrmStepDependencies): Pick<StepKinds, 'crm_status' | 'crm_note' | 'crm_task'> {
  return {
    crm_status: {
      async run(step, context) {
        const status = context.text(step.status);
        const properties = Object.fromEntries(
          Object.entries(step.properties ?? {}).map(([name, template]) => [name, context.text(template)]),
        );
        const names = Object.keys(properties);
        const result = await write(crms, context, { status, ...(names.length === 0 ? {} : { properties }) });
        if (result === NOWHERE) return outcome(`${NO_CRM}: the status “${status}” is written nowhere`, {}, undefined);
        const more = names.length === 0 ? '' : `, with ${names.join(', ')}`;
        return outcome(`CRM status: ${status}${more}`, {}, result.url);
      },
      // The status of the fall-through takes its place.
      stays: () => undefined,
    },
    crm_note: {
      async run(step, context) {
        const result = await write(crms, context, { note: context.text(step.text) });
        if (result === NOWHERE) return outcome(`${NO_CRM}: the note is written nowhere`, {}, undefined);
        return outcome('CRM note written', { noteId: result.noteId }, result.url);
      },
      // A note tells what has been.
      stays: () => undefined,
    },
    crm_task: {
      async run(step, context) {
        const subject = context.text(step.subject);
        const body = step.body === undefined ? {} : { body: context.text(step.body) };
        const result = await write(crms, context, { task: { subject, ...body } });
        if (result === NOWHERE) return outcome(`${NO_CRM}: the task “${subject}” is made nowhere`, {}, undefined);
        return outcome(`CRM task: ${subject}`, { taskId: result.taskId }, result.url);
      },
      stays: (_step, { detail }) =>
        detail.startsWith(NO_CRM) ? undefined : `${detail} (still open, unless somebody has closed it)`,
    },
  };
}

async function write(
  crms: Partial<Record<CrmName, Crm>>,
  { facts: { deal, lead }, marker, signal }: StepContext,
  what: Omit<CrmWrite, 'marker'>,
): Promise<CrmWriteResult | typeof NOWHERE> {
  const name = deal?.crm ?? lead?.crm;
  const crm = name === undefined ? undefined : crms[name];
  if (crm === undefined && deal === undefined && lead?.crm === 'generic') return NOWHERE;
  if (crm === undefined) {
    throw ApplicationFailure.nonRetryable(`No CRM named ${name ?? '?'} is configured on this worker.`, 'Configuration');
  }
  try {
    if (deal !== undefined) return await crm.writeBack(deal.id, { ...what, marker }, signal);
    if (lead !== undefined && crm.leads !== undefined) {
      return await crm.leads.writeBack(lead.id, { ...what, marker }, signal);
    }
  } catch (error) {
    throw crmFailure(error);
  }
  throw ApplicationFailure.nonRetryable(`${crm.name} takes nothing about leads.`, 'Configuration');
}

function outcome(detail: string, ids: Record<string, string | undefined>, url: string | undefined): StepOutcome {
  const known = Object.entries(ids).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { detail, ids: Object.fromEntries(known), ...(url === undefined ? {} : { url }) };
}
