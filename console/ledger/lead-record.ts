import { z } from 'zod';
import type { RecoveryRow } from '../../database/index.ts';

const text = z.string().optional().catch(undefined);
const person = z.object({ email: text, name: text, timezone: text, from: text }).optional().catch(undefined);
const recordSchema = z.object({
  lead: z
    .object({
      name: text,
      email: text,
      company: text,
      jobTitle: text,
      timezone: text,
      url: text,
      owner: person,
    })
    .catch({}),
  form: z
    .object({
      name: text,
      submittedAt: text,
      page: text,
      answers: z.record(z.string(), z.string()).catch({}),
    })
    .catch({ answers: {} }),
  origin: z.object({ kind: z.string().catch(''), reference: text }).catch({ kind: '' }),
  organizer: person,
  needs: z.array(z.string()).catch([]),
});
export type LeadRecord = z.infer<typeof recordSchema>;

/** The JSON columns of a recovery, as the console shows them: what cannot be read is left empty. */
export function leadRecord(row: Pick<RecoveryRow, 'lead' | 'needs'> & Partial<RecoveryRow>): LeadRecord {
  return recordSchema.parse({ form: undefined, origin: undefined, organizer: undefined, ...row });
}

/** Name or address, and the company. */
export function leadTitle(row: Pick<RecoveryRow, 'lead_id'>, { lead }: LeadRecord): string {
  const name = lead.name ?? lead.email ?? row.lead_id;
  return lead.company === undefined ? name : `${name}, ${lead.company}`;
}
