import { type Kysely, sql } from 'kysely';
import { jsonText, plainText } from './json.ts';
import type { AuditLogTable, ConsoleRole, Schema } from './schema.ts';

export type AuditOutcome = NonNullable<AuditLogTable['outcome']>;

/** What is written down before something is done. */
export interface AskedInput {
  /** The form's own id: each is asked once and answered once. */
  attempt: string;
  subject: string;
  name: string;
  role: ConsoleRole;
  action: string;
  target: string;
  bulk?: string | undefined;
  reason?: string | undefined;
  /** What was sent along. The caller leaves out what is secret. */
  input?: object | undefined;
}

/** And what after it. */
export interface AnsweredInput extends Omit<AskedInput, 'reason' | 'input'> {
  outcome: AuditOutcome;
  answer: string;
  /** The page that shows what came of it, where that is not the one it was asked from. */
  back?: string | undefined;
}

/** One attempt: what was asked, and what came of it as far as that is known. */
export interface AuditAttempt {
  id: number;
  attempt: string;
  at: Date;
  subject: string;
  name: string;
  role: string;
  action: string;
  target: string;
  bulk: string | null;
  reason: string | null;
  input: object | null;
  /** Null: not answered yet, or whoever did it was stopped in between. */
  outcome: AuditOutcome | null;
  answer: string | null;
  answered_at: Date | null;
  back: string | null;
}

export interface AuditFilter {
  /** Part of the name or of the subject of whoever did it, in any casing. */
  who?: string | undefined;
  action?: string | undefined;
  target?: string | undefined;
  outcome?: AuditOutcome | 'unanswered' | undefined;
  bulk?: string | undefined;
  /** The `id` of the last row of the page before. */
  before?: number | undefined;
  limit: number;
}

/** More than any form of the console carries: the ids of 500 kickoffs fit. What is longer is cut. In characters of JSON. */
const INPUT_LIMIT = 1_000_000;
/** Temporal's limit of a workflow's id. */
const TARGET_LIMIT = 1000;

/**
 * Writes down that somebody wants something done, before it is done.
 *
 * @returns false when this attempt has been written down before, by whomever: then it is not done again
 */
export async function recordAsked(db: Kysely<Schema>, asked: AskedInput): Promise<boolean> {
  const added = await db
    .insertInto('audit_log')
    .values({
      ...whoAndWhat(asked),
      kind: 'asked',
      reason: asked.reason === undefined || asked.reason === '' ? null : plainText(asked.reason),
      input: inputText(asked.input),
    })
    .onConflict((conflict) => conflict.columns(['attempt', 'kind']).doNothing())
    .executeTakeFirst();
  return (added.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/**
 * Writes down what came of it.
 *
 * @returns false when an answer was there already: it stays
 */
export async function recordAnswered(db: Kysely<Schema>, answered: AnsweredInput): Promise<boolean> {
  const added = await db
    .insertInto('audit_log')
    .values({
      ...whoAndWhat(answered),
      kind: 'answered',
      reason: null,
      input: answered.back === undefined ? null : jsonText({ back: answered.back }),
      outcome: answered.outcome,
      answer: plainText(answered.answer),
    })
    .onConflict((conflict) => conflict.columns(['attempt', 'kind']).doNothing())
    .executeTakeFirst();
  return (added.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** @returns one attempt with its answer, as far as there is one; undefined when nobody has made it */
export async function findAttempt(db: Kysely<Schema>, attempt: string): Promise<AuditAttempt | undefined> {
  return await attempts(db).where('asked.attempt', '=', attempt).executeTakeFirst();
}

/** All that was part of one bulk action: the action itself, and what was done to each; in their order. */
export async function bulkAttempts(db: Kysely<Schema>, bulk: string): Promise<AuditAttempt[]> {
  return await attempts(db).where('asked.bulk', '=', bulk).orderBy('asked.id').execute();
}

/** Attempts, the newest first. Of a bulk action's input what is only for going on with it is left out. */
export async function listAudit(db: Kysely<Schema>, filter: AuditFilter): Promise<AuditAttempt[]> {
  let query = attempts(db, sql<object | null>`asked.input - array['ids', 'zone']`);
  if (filter.who !== undefined) {
    const pattern = `%${plainText(filter.who, 300).replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where((eb) => eb.or([eb('asked.name', 'ilike', pattern), eb('asked.subject', 'ilike', pattern)]));
  }
  if (filter.action !== undefined) query = query.where('asked.action', '=', plainText(filter.action));
  if (filter.target !== undefined) query = query.where('asked.target', '=', plainText(filter.target, TARGET_LIMIT));
  if (filter.bulk !== undefined) query = query.where('asked.bulk', '=', plainText(filter.bulk));
  if (filter.outcome === 'unanswered') query = query.where('answered.id', 'is', null);
  else if (filter.outcome !== undefined) query = query.where('answered.outcome', '=', filter.outcome);
  if (filter.before !== undefined) query = query.where('asked.id', '<', filter.before);
  return await query.orderBy('asked.id', 'desc').limit(filter.limit).execute();
}

/** The actions that have ever been attempted, in their order. */
export async function auditedActions(db: Kysely<Schema>): Promise<string[]> {
  const rows = await db.selectFrom('audit_log').select('action').distinct().orderBy('action').execute();
  return rows.map(({ action }) => action);
}

function attempts(db: Kysely<Schema>, input = sql<object | null>`asked.input`) {
  return db
    .selectFrom('audit_log as asked')
    .leftJoin('audit_log as answered', (join) =>
      join.onRef('answered.attempt', '=', 'asked.attempt').on('answered.kind', '=', 'answered'),
    )
    .where('asked.kind', '=', 'asked')
    .select([
      'asked.id',
      'asked.attempt',
      'asked.at',
      'asked.subject',
      'asked.name',
      'asked.role',
      'asked.action',
      'asked.target',
      'asked.bulk',
      'asked.reason',
      input.as('input'),
      'answered.outcome',
      'answered.answer',
      'answered.at as answered_at',
      sql<string | null>`answered.input ->> 'back'`.as('back'),
    ]);
}

function whoAndWhat(given: Omit<AskedInput, 'reason' | 'input'>) {
  return {
    attempt: given.attempt,
    subject: plainText(given.subject, 500),
    name: plainText(given.name, 500),
    role: given.role,
    action: plainText(given.action),
    target: plainText(given.target, TARGET_LIMIT),
    bulk: given.bulk ?? null,
  };
}

function inputText(input: object | undefined): string | null {
  if (input === undefined || Object.keys(input).length === 0) return null;
  const text = jsonText(input);
  return text.length <= INPUT_LIMIT ? text : jsonText({ cut: plainText(text, INPUT_LIMIT) });
}
