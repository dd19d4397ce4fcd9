import { type AuditAttempt, type Database, listAudit } from '../../database/index.ts';
import { guardFormula } from '../../registry/index.ts';
import type { AuditChoice } from './address.ts';

const COLUMNS = [
  'at',
  'who',
  'subject',
  'role',
  'action',
  'target',
  'reason',
  'input',
  'outcome',
  'answer',
  'answered_at',
  'bulk',
  'attempt',
] as const;
const AT_ONCE = 500;
/** More than anybody reads; who needs more narrows the filter down. The last line says so. */
export const MOST_ROWS = 50_000;

/** The log as CSV, the newest first, a part at a time: it is never whole in memory. What a spreadsheet would run is guarded. */
export async function* auditCsv({ db }: Pick<Database, 'db'>, choice: AuditChoice): AsyncGenerator<string> {
  yield `${COLUMNS.join(',')}\r\n`;
  let before = choice.before;
  for (let count = 0; count < MOST_ROWS; count += AT_ONCE) {
    const rows = await listAudit(db, { ...choice, before, limit: AT_ONCE });
    yield rows.map(line).join('');
    if (rows.length < AT_ONCE) return;
    before = rows.at(-1)?.id;
  }
  yield `# There are more than ${MOST_ROWS} rows: choose fewer by a filter.\r\n`;
}

function line(row: AuditAttempt): string {
  const cells: Record<(typeof COLUMNS)[number], string | null> = {
    at: row.at.toISOString(),
    who: row.name,
    subject: row.subject,
    role: row.role,
    action: row.action,
    target: row.target,
    reason: row.reason,
    input: row.input === null ? null : JSON.stringify(row.input),
    outcome: row.outcome,
    answer: row.answer,
    answered_at: row.answered_at?.toISOString() ?? null,
    bulk: row.bulk,
    attempt: row.attempt,
  };
  return `${COLUMNS.map((column) => cell(cells[column] ?? '')).join(',')}\r\n`;
}

function cell(text: string): string {
  const guarded = guardFormula(text);
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
