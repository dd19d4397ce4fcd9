import { z } from 'zod';
import { type AuditAttempt, bulkAttempts, type Database, findAttempt } from '../../database/index.ts';
import { attemptIdOf } from './attempt-id.ts';

/** What a bulk action is, as the audit log keeps it: it is begun, gone on with and shown by this alone. */
const inputSchema = z.object({
  ids: z.array(z.string()),
  fields: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  zone: z.string(),
});
export type BulkInput = z.infer<typeof inputSchema>;

export interface BulkRun {
  bulk: string;
  /** The action that is done to each. */
  action: string;
  input: BulkInput;
  asked: AuditAttempt;
  /** What was done to each so far, by workflow. */
  made: ReadonlyMap<string, AuditAttempt>;
}

export interface Progress {
  total: number;
  done: number;
  refused: number;
  failed: number;
  /** Not begun, or begun and not answered. */
  open: number;
}

/** @returns undefined when there is no bulk action of this id */
export async function readRun({ db }: Pick<Database, 'db'>, bulk: string): Promise<BulkRun | undefined> {
  const asked = await findAttempt(db, bulk);
  const input = inputSchema.safeParse(asked?.input);
  if (asked === undefined || asked.bulk !== bulk || !input.success) return undefined;
  const attempts = new Map((await bulkAttempts(db, bulk)).map((attempt) => [attempt.attempt, attempt]));
  const made = input.data.ids.flatMap((id): [string, AuditAttempt][] => {
    const attempt = attempts.get(attemptIdOf(bulk, id));
    return attempt === undefined ? [] : [[id, attempt]];
  });
  return {
    bulk,
    action: asked.action.replace(/^bulk\./, ''),
    input: input.data,
    asked,
    made: new Map(made),
  };
}

export function progressOf({ input, made }: Pick<BulkRun, 'input' | 'made'>): Progress {
  const count = (outcome: AuditAttempt['outcome']) =>
    [...made.values()].filter((attempt) => attempt.outcome === outcome).length;
  const [done, refused, failed] = [count('done'), count('refused'), count('failed')];
  const total = input.ids.length;
  return { total, done, refused, failed, open: total - done - refused - failed };
}

/** "12 done, 1 refused": what has not happened is left out. */
export function progressWords({ done, refused, failed, open }: Progress): string {
  const parts = [
    `${done} done`,
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(open > 0 ? [`${open} not answered yet`] : []),
  ];
  return parts.join(', ');
}
