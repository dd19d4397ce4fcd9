import type { Kysely, Selectable } from 'kysely';
import { jsonText, plainText } from './json.ts';
import type { Schema, SweepsTable } from './schema.ts';

export type SweepRow = Selectable<SweepsTable>;

/** Writes what a part of the sweep found, over what it had found before. */
export async function recordSweep(
  db: Kysely<Schema>,
  input: { part: string; sweptAt: Date; findings: object },
): Promise<void> {
  const { part, sweptAt, findings } = input;
  const row = { swept_at: sweptAt, succeeded_at: sweptAt, findings: jsonText(findings), problem: null };
  await db
    .insertInto('sweeps')
    .values({ part, ...row })
    .onConflict((conflict) => conflict.column('part').doUpdateSet(row))
    .execute();
}

/** Writes why a part of the sweep did not get through; what it found the last time stays. */
export async function recordSweepProblem(
  db: Kysely<Schema>,
  input: { part: string; sweptAt: Date; problem: string },
): Promise<void> {
  const row = { swept_at: input.sweptAt, problem: plainText(input.problem) };
  await db
    .insertInto('sweeps')
    .values({ part: input.part, findings: jsonText({}), ...row })
    .onConflict((conflict) => conflict.column('part').doUpdateSet(row))
    .execute();
}

/** What the parts of the last sweep found, for people to look at; empty before the first one. */
export async function lastSweeps(db: Kysely<Schema>): Promise<SweepRow[]> {
  return await db.selectFrom('sweeps').selectAll().orderBy('part').execute();
}
