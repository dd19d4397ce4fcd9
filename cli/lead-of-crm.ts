import type { Crm, CrmName, FormSubmission, Lead } from '../crm/index.ts';
import { CliError, EXIT } from './errors.ts';

/** Which lead of which CRM, as somebody names it. */
export interface NamedLead {
  lead?: string | undefined;
  crm?: string | undefined;
  /** The form, where the CRM does not say. */
  form?: string | undefined;
}

/**
 * A lead and the last form that it has filled in, read from its CRM.
 *
 * @throws CliError when it is not clear which CRM; CrmError when that does not know the lead, or does not answer
 */
export async function leadOfCrm(
  crms: Partial<Record<CrmName, Crm>>,
  named: NamedLead,
  signal: AbortSignal,
): Promise<{ lead: Lead; form: FormSubmission }> {
  const readable = Object.values(crms).filter((crm) => crm.leads !== undefined && crm.name !== 'generic');
  const crm = named.crm === undefined ? readable[0] : readable.find(({ name }) => name === named.crm);
  if (crm?.leads === undefined || (named.crm === undefined && readable.length > 1)) {
    const names = readable.map(({ name }) => name).join(', ');
    throw new CliError(
      names === '' ? 'No CRM is configured that has leads: use --file.' : `Say which CRM with --crm: ${names}.`,
      {
        exitCode: EXIT.usage,
      },
    );
  }
  const lead = await crm.leads.readLead({ id: named.lead ?? '' }, signal);
  const last = await crm.leads.lastSubmission?.(lead.id, signal);
  const ofName = named.form === undefined ? {} : { name: named.form };
  const form = last ?? { name: 'a form', submittedAt: new Date().toISOString(), answers: {} };
  return { lead, form: { ...form, ...ofName } };
}
