import type { LeadToTakeUp, TakeUpLead } from '../console/index.ts';
import { CrmError, type FormSubmission, type Lead, leadIdOfAddress } from '../crm/index.ts';
import { CliError } from './errors.ts';
import { leadOfCrm } from './lead-of-crm.ts';
import type { Services } from './services.ts';

/** A CRM that is slow is not waited for by a page. */
const PATIENCE_MS = 20_000;

/** Takes up a lead that somebody names in the console; undefined where leads are not recovered. */
export function leadTaker({ crms, startRecovery }: Pick<Services, 'crms' | 'startRecovery'>): TakeUpLead | undefined {
  if (startRecovery === undefined) return undefined;
  return async (asked) => {
    try {
      const { lead, form } =
        asked.whole === undefined
          ? await leadOfCrm(crms, { ...asked, lead: asked.leadId }, AbortSignal.timeout(PATIENCE_MS))
          : wholeLead(asked.whole, asked.form);
      const { started, message, workflowId } = await startRecovery({
        lead,
        form,
        origin: { kind: 'manual', reference: `console ${asked.reference}`, receivedAt: new Date().toISOString() },
        reopen: true,
        ...(asked.now ? { waitMinutes: 0 } : {}),
      });
      return { started, message, workflowId };
    } catch (error) {
      // What was named is not there, or cannot be asked now: a person can mend that.
      if (error instanceof CrmError || error instanceof CliError) return { started: false, message: error.message };
      throw error;
    }
  };
}

/** A lead that no CRM has goes by its address's digest. */
function wholeLead(
  { email, name, company, ownerEmail }: NonNullable<LeadToTakeUp['whole']>,
  formName = 'a form',
): { lead: Lead; form: FormSubmission } {
  return {
    lead: {
      id: leadIdOfAddress(email),
      crm: 'generic',
      email,
      optedOut: false,
      ...(name === undefined ? {} : { name }),
      ...(company === undefined ? {} : { company }),
      ...(ownerEmail === undefined ? {} : { owner: { email: ownerEmail } }),
    },
    form: { name: formName, submittedAt: new Date().toISOString(), answers: {} },
  };
}
