import { isDeepStrictEqual } from 'node:util';
import { type Kysely, sql } from 'kysely';
import { inTransaction, type Schema } from '../../database/index.ts';
import type { Stakeholder } from '../model.ts';
import { stakeholderOf, valuesOf } from '../store.ts';

export interface ImportPreview {
  added: Stakeholder[];
  changed: { before: Stakeholder; after: Stakeholder; fields: (keyof Stakeholder)[] }[];
  unchanged: Stakeholder[];
}

export interface ImportSummary {
  added: number;
  changed: number;
  unchanged: number;
}

/** What may differ between two imports of one person. Where a row came from is recorded, and is no change by itself. */
const COMPARED = [
  'name',
  'side',
  'roles',
  'attendance',
  'timezone',
  'timezoneSource',
  'activeFrom',
  'activeTo',
  'optedOut',
  'optedOutReason',
  'source',
  'verifiedAt',
] as const satisfies (keyof Stakeholder)[];

/** Rows per statement: PostgreSQL takes 65,535 parameters, a row has 16. */
const CHUNK = 500;

/**
 * What an import of `rows` would do. Nothing is ever removed, and nobody who has opted out is opted in again: an old file
 * must not undo that (`setOptedOut` does).
 */
export async function previewImport(db: Kysely<Schema>, rows: readonly Stakeholder[]): Promise<ImportPreview> {
  const known = new Map<string, Stakeholder>();
  const accounts = [...new Set(rows.map((row) => row.accountId))];
  for (let start = 0; start < accounts.length; start += CHUNK) {
    const found = await db
      .selectFrom('stakeholders')
      .selectAll()
      .where('account_id', 'in', accounts.slice(start, start + CHUNK))
      .execute();
    for (const row of found.map(stakeholderOf)) known.set(keyOf(row), row);
  }
  const preview: ImportPreview = { added: [], changed: [], unchanged: [] };
  for (const row of rows) {
    const before = known.get(keyOf(row));
    if (before === undefined) {
      preview.added.push(row);
      continue;
    }
    const after = keepOptedOut(before, row);
    const fields = COMPARED.filter((field) => !isDeepStrictEqual(before[field], after[field]));
    if (fields.length === 0) preview.unchanged.push(before);
    else preview.changed.push({ before, after, fields });
  }
  return preview;
}

/**
 * Imports `rows` in one transaction: all or nothing. Importing the same rows again changes nothing.
 *
 * @param options.sourceRef where they come from, e.g. the file's name; kept with each row that is added or changed
 */
export async function applyImport(
  db: Kysely<Schema>,
  rows: readonly Stakeholder[],
  options: { sourceRef: string },
): Promise<ImportSummary> {
  return await inTransaction(db, async (tx) => {
    // Two imports take turns, so that each one's summary is true; readers are not held up.
    await sql`lock table stakeholders in share row exclusive mode`.execute(tx);
    const preview = await previewImport(tx, rows);
    const written = [...preview.added, ...preview.changed.map((change) => change.after)];
    for (let start = 0; start < written.length; start += CHUNK) {
      await write(tx, written.slice(start, start + CHUNK), options.sourceRef);
    }
    return {
      added: preview.added.length,
      changed: preview.changed.length,
      unchanged: preview.unchanged.length,
    };
  });
}

async function write(db: Kysely<Schema>, rows: readonly Stakeholder[], sourceRef: string): Promise<void> {
  await db
    .insertInto('stakeholders')
    .values(rows.map((row) => valuesOf({ ...row, sourceRef })))
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'deal_id', 'email']).doUpdateSet((eb) => ({
        name: eb.ref('excluded.name'),
        side: eb.ref('excluded.side'),
        roles: sql<string>`excluded.roles`,
        attendance: sql<string>`excluded.attendance`,
        timezone: eb.ref('excluded.timezone'),
        timezone_source: eb.ref('excluded.timezone_source'),
        active_from: eb.ref('excluded.active_from'),
        active_to: eb.ref('excluded.active_to'),
        opted_out: eb.ref('excluded.opted_out'),
        opted_out_reason: eb.ref('excluded.opted_out_reason'),
        source: eb.ref('excluded.source'),
        source_ref: eb.ref('excluded.source_ref'),
        verified_at: eb.ref('excluded.verified_at'),
        updated_at: sql<Date>`now()`,
      })),
    )
    .execute();
}

function keepOptedOut(before: Stakeholder, after: Stakeholder): Stakeholder {
  if (!before.optedOut || (after.optedOut && after.optedOutReason !== undefined)) return after;
  const { optedOutReason } = before;
  return { ...after, optedOut: true, ...(optedOutReason === undefined ? {} : { optedOutReason }) };
}

function keyOf(row: Stakeholder): string {
  return JSON.stringify([row.accountId, row.dealId ?? '', row.email]);
}
