/** What a person does about leads from the command line: look, take one up, tell a recovery something, opt somebody out. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Client, type WorkflowHandle, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { createLogger, loadConfig } from '../../config/index.ts';
import { type FormSubmission, formSubmissionSchema, type Lead, leadIdOfAddress, leadSchema } from '../../crm/index.ts';
import {
  listRecoveries,
  optedOut as optedOutAmong,
  RECOVERY_PHASE_NAMES,
  type RecoveryPhaseName,
  recoveriesByPhase,
} from '../../database/index.ts';
import { setOptedOutEverywhere } from '../../registry/index.ts';
import { type RecoveryStatus, recoveryStatus, WORKFLOW_TYPES } from '../../workflows/messages.ts';
import { answeredByWorker } from '../answered-by-worker.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';
import { leadOfCrm } from '../lead-of-crm.ts';
import { leadLine, leadText } from '../lead-text.ts';
import { openDatabaseOf } from '../open-database.ts';
import { printable } from '../printable.ts';
import { openServices } from '../services.ts';
import { userName } from '../user-name.ts';
import { withTemporal } from '../with-temporal.ts';

interface Options {
  config?: string;
}

/** The ledger's recoveries, newest first. */
export async function listLeads(
  context: CommandContext,
  options: Options & { phase?: string; lead?: string; limit: number },
): Promise<void> {
  const phase = phaseOf(options.phase);
  const config = loadConfig({ env: context.env, cwd: context.cwd, configFile: options.config });
  const database = await openDatabaseOf(config, createLogger({ level: 'warn', secrets: config.secrets }));
  try {
    const filter = { phase, leadId: options.lead, limit: options.limit };
    const rows = await listRecoveries(database.db, filter);
    const counts = await recoveriesByPhase(database.db);
    const leads = rows.map((row) => ({
      workflowId: row.workflow_id,
      crm: row.crm,
      lead: row.lead_id,
      attempt: row.attempt,
      phase: row.phase,
      needs: row.needs,
      ...(row.reason === null ? {} : { reason: row.reason }),
      createdAt: row.created_at.toISOString(),
      ...(row.ended_at === null ? {} : { endedAt: row.ended_at.toISOString() }),
    }));
    const inAll = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
    context.output.emit(
      { type: 'leads', leads, counts },
      [
        ...(rows.length === 0 ? ['No lead is, or was, being recovered.'] : rows.map(leadLine)),
        ...(inAll.length === 0 ? [] : ['', `In all: ${inAll.join(', ')}.`]),
      ].join('\n'),
    );
  } finally {
    await database.close();
  }
}

function phaseOf(name: string | undefined): RecoveryPhaseName | undefined {
  const phase = RECOVERY_PHASE_NAMES.find((known) => known === name);
  if (name !== undefined && phase === undefined) {
    throw new CliError(`There is no phase ${name}. Phases: ${RECOVERY_PHASE_NAMES.join(', ')}.`, {
      exitCode: EXIT.usage,
    });
  }
  return phase;
}

/** How a lead's newest recovery stands. */
export async function showLead(context: CommandContext, which: string, options: Options): Promise<void> {
  await withTemporal(context, options, async ({ client }) => {
    const workflowId = await meant(client, which);
    const status = await found<RecoveryStatus>(client, which, () =>
      client.workflow.getHandle(workflowId).query(recoveryStatus),
    );
    context.output.emit({ type: 'lead', ...status }, leadText(status));
  });
}

/** Sends an update and prints its answer. */
export async function tellLead(
  context: CommandContext,
  which: string,
  options: Options,
  update: { name: string; send: (handle: WorkflowHandle) => Promise<string> },
): Promise<void> {
  await withTemporal(context, options, async ({ client }) => {
    const workflowId = await meant(client, which);
    const answer = await found(client, which, async () => {
      try {
        return await update.send(client.workflow.getHandle(workflowId));
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError) throw new CliError(sentenceIn(error), { cause: error });
        throw error;
      }
    });
    context.output.emit({ type: 'answer', workflowId, update: update.name, answer }, printable(answer));
  });
}

/** Takes a lead up by hand: one of a CRM by its id, or one from a file, with the form it has filled in. */
export async function startLead(
  context: CommandContext,
  options: Options & { lead?: string; crm?: string; file?: string; form?: string; now?: boolean },
): Promise<void> {
  if ((options.lead === undefined) === (options.file === undefined)) {
    throw new CliError('Name the lead: either --lead <id> or --file <file>.', { exitCode: EXIT.usage });
  }
  const config = loadConfig({ env: context.env, cwd: context.cwd, configFile: options.config });
  if (config.recovery === undefined) {
    throw new CliError('Leads are not recovered here: configure recovery: (an empty one, {}, takes every default).', {
      exitCode: EXIT.usage,
    });
  }
  const given = options.file === undefined ? undefined : leadFile(context, options.file);
  const services = await openServices({
    config,
    logger: createLogger({ level: 'warn', secrets: config.secrets }),
  });
  try {
    const { lead, form } = given ?? (await leadOfCrm(services.crms, options, context.signal));
    const { startRecovery } = services;
    if (startRecovery === undefined) throw new Error('a configured recovery has a starter');
    const result = await startRecovery({
      lead,
      form,
      origin: { kind: 'manual', reference: `command line ${randomUUID()}`, receivedAt: new Date().toISOString() },
      reopen: true,
      ...(options.now === true ? { waitMinutes: 0 } : {}),
    });
    if (!result.started) throw new CliError(printable(result.message));
    context.output.emit({ type: 'started', ...result }, `${printable(result.message)}\n${result.workflowId}`);
  } finally {
    await services.close();
  }
}

const fileSchema = z.object({
  lead: leadSchema.partial({ id: true, crm: true }),
  form: formSubmissionSchema.partial({ submittedAt: true }).prefault({}),
});

/** `{"lead": {"email": …}, "form": {…}}`; a lead without an id goes by its address's digest. */
function leadFile({ cwd }: CommandContext, file: string): { lead: Lead; form: FormSubmission } {
  const name = file === '-' ? 'standard input' : file;
  let value: unknown;
  try {
    // File descriptor 0 is standard input.
    value = JSON.parse(readFileSync(file === '-' ? 0 : resolve(cwd, file), 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(`The lead could not be read from ${name}: ${why}`, { exitCode: EXIT.usage, cause: error });
  }
  const read = fileSchema.safeParse(value);
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw new CliError(
      `The lead in ${name} is not right (${problems}). Right would be: {"lead": {"email": "sarah@customer.example", "name": "Sarah Chen"}, "form": {"name": "Demo request"}}`,
      { exitCode: EXIT.usage },
    );
  }
  const { lead, form } = read.data;
  const email = lead.email.trim().toLowerCase();
  return {
    lead: { ...lead, email, id: lead.id ?? leadIdOfAddress(email), crm: lead.crm ?? 'generic' },
    form: { ...form, submittedAt: form.submittedAt ?? new Date().toISOString() },
  };
}

/** Nobody writes to this address again, whoever it belongs to; or it may be written to again. */
export async function optLead(
  context: CommandContext,
  email: string,
  options: Options & { reason?: string; by?: string },
  out: boolean,
): Promise<void> {
  const address = email.trim().toLowerCase();
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address)) {
    throw new CliError(`${printable(email)} is no e-mail address.`, { exitCode: EXIT.usage });
  }
  const config = loadConfig({ env: context.env, cwd: context.cwd, configFile: options.config });
  const database = await openDatabaseOf(config, createLogger({ level: 'warn', secrets: config.secrets }));
  const changer = { by: options.by ?? userName(), source: 'command line' };
  try {
    if (!out) {
      const isNews = await setOptedOutEverywhere(database.db, { email: address, optedOut: false }, changer);
      const words = isNews ? `${address} may be written to again.` : `${address} was not opted out.`;
      context.output.emit({ type: 'opted_in', email: address, changed: isNews }, words);
      return;
    }
    const reason = options.reason ?? 'asked not to be written to';
    const changed = await setOptedOutEverywhere(database.db, { email: address, optedOut: true, reason }, changer);
    const known = (await optedOutAmong(database.db, [address])).get(address);
    const open = (await listRecoveries(database.db, { email: address, open: true })).map((row) => row.workflow_id);
    const running = open.map((id) => `Its recovery runs: kickoff leads cancel ${id} --reason "opted out"`);
    const words = changed
      ? `${address} is not written to again.`
      : `${address} had opted out already: ${printable(known?.reason ?? '')}`;
    context.output.emit({ type: 'opted_out', email: address, changed, open }, [words, ...running].join('\n'));
  } finally {
    await database.close();
  }
}

/** A workflow's id as it stands, or a lead's newest recovery that Temporal still knows. */
async function meant(client: Client, which: string): Promise<string> {
  if (/^lead:.+:recovery:\d{4}-\d{2}-\d{2}$/.test(which)) return which;
  // An id that would end the quotation is no CRM's.
  if (!/["'\\]/.test(which)) {
    const query = `WorkflowType = '${WORKFLOW_TYPES.recovery}' AND WorkflowId STARTS_WITH 'lead:${which}:recovery:'`;
    let newest: { workflowId: string; startTime: Date } | undefined;
    for await (const run of client.workflow.list({ query })) {
      if (newest === undefined || run.startTime > newest.startTime) newest = run;
    }
    if (newest !== undefined) return newest.workflowId;
  }
  throw nobody(which);
}

function nobody(which: string, cause?: unknown): CliError {
  return new CliError(
    `Lead ${printable(which)} has no recovery that runs here. Take it up: kickoff leads start --lead ${printable(which)}`,
    { cause },
  );
}

async function found<T>(client: Client, which: string, call: () => Promise<T>): Promise<T> {
  try {
    return await answeredByWorker(client, 'the recovery', call);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw nobody(which, error);
    throw error;
  }
}

/** The innermost sentence that was written for a person. */
function sentenceIn(error: Error): string {
  let sentence = error.message;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) sentence = cause.message;
  }
  return sentence;
}
