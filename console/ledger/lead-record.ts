import { z } from 'zod';
import type { RecoveryRow } from '../../database/index.ts';

const text = z.string().optional().catch(undefined);
const recordSchema = z.object({
  lead: z.object({ name: text, email: text, company: text, url: text }).catch({}),
  needs: z.array(z.string()).catch([]),
});

/** The JSON columns of a recovery, as the console shows them: what cannot be read is left empty. */
export function leadRecord(row: Pick<RecoveryRow, 'lead' | 'needs'>): z.infer<typeof recordSchema> {
  return recordSchema.parse(row);
}
