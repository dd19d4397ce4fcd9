import { ApplicationFailure } from '@temporalio/activity';
import type { Crm, CrmName } from '../crm/index.ts';
import { beginStep, type Database, failStep, finishStep, listSteps, recordPhase } from '../database/index.ts';
import type { KickoffActivities, StepFacts, StepInput, StepOutcome } from './contract.ts';
import { crmFailure } from './failures.ts';
import { postToSlack } from './slack.ts';
import { fillTemplate } from './template.ts';
import { workflowUrl } from './workflow-url.ts';

export interface StepDependencies {
  database: Database;
  crms: Partial<Record<CrmName, Crm>>;
  /** A secret: whoever has it can post. Undefined: Slack steps fail with a sentence that says what to set. */
  slackWebhookUrl?: string | undefined;
  /** `http://host:port/namespaces/<namespace>`: texts may then name a link to their kickoff. */
  temporalUiUrl?: string | undefined;
  /** Told of every step's end, for a live view. */
  onEvent?: ((event: StepEvent) => void) | undefined;
}

export interface StepEvent {
  type: 'step';
  workflowId: string;
  list: string;
  id: string;
  kind: string;
  outcome: StepOutcome;
}

/**
 * The onboarding steps. A step that is done is never run again: its row in the ledger has the outcome. One that a crash
 * cut off is run again: a status is the same written twice, notes and tasks are looked up by their marker first, and a
 * Slack message can then come twice, because Slack's incoming webhooks know no key.
 */
export function stepActivities(dependencies: StepDependencies): Pick<KickoffActivities, 'runStep'> {
  const { database, onEvent } = dependencies;
  return {
    async runStep(input) {
      const { workflowId, revision, list, occurrence, step } = input;
      const key = { workflowId, revision, list, stepId: step.id, occurrence };
      const row = await beginStep(database.db, { ...key, kind: step.kind });
      if (row.status === 'done' && isOutcome(row.outcome)) {
        // An attempt may have ended between the step's row and the phase.
        await tellLedger(database, input);
        return row.outcome;
      }
      try {
        const outcome = await perform(dependencies, input);
        await finishStep(database.db, key, outcome);
        await tellLedger(database, input);
        onEvent?.({ type: 'step', workflowId, list, id: step.id, kind: step.kind, outcome });
        return outcome;
      } catch (error) {
        await failStep(database.db, key, error instanceof Error ? error.message : String(error));
        throw crmFailure(error);
      }
    },
  };
}

async function perform(dependencies: StepDependencies, input: StepInput): Promise<StepOutcome> {
  const { step, facts } = input;
  const data = withWords(facts, linkTo(dependencies, input));
  const text = (template: string) => fillTemplate(template, data);
  switch (step.kind) {
    case 'crm_status': {
      const status = text(step.status);
      const properties = Object.fromEntries(
        Object.entries(step.properties ?? {}).map(([name, template]) => [name, text(template)]),
      );
      const names = Object.keys(properties);
      const result = await crmOf(dependencies, facts).writeBack(facts.deal.id, {
        status,
        ...(names.length === 0 ? {} : { properties }),
        marker: markerOf(input),
      });
      const more = names.length === 0 ? '' : `, with ${names.join(', ')}`;
      return outcome(`CRM status: ${status}${more}`, {}, result.url);
    }
    case 'crm_note': {
      const result = await crmOf(dependencies, facts).writeBack(facts.deal.id, {
        note: text(step.text),
        marker: markerOf(input),
      });
      return outcome('CRM note written', { noteId: result.noteId }, result.url);
    }
    case 'crm_task': {
      const subject = text(step.subject);
      const result = await crmOf(dependencies, facts).writeBack(facts.deal.id, {
        task: { subject, ...(step.body === undefined ? {} : { body: text(step.body) }) },
        marker: markerOf(input),
      });
      return outcome(`CRM task: ${subject}`, { taskId: result.taskId }, result.url);
    }
    case 'slack': {
      const message = text(step.text);
      await postToSlack(dependencies.slackWebhookUrl, message);
      return { detail: `Slack: ${message}`, ids: {} };
    }
  }
}

/** Names the write for good, so that a repeated attempt finds what an earlier one made. */
function markerOf({ workflowId, revision, list, occurrence, step }: StepInput): string {
  return [workflowId, `r${revision}`, list, ...(occurrence === '' ? [] : [occurrence]), step.id].join('/');
}

function crmOf({ crms }: StepDependencies, { deal }: StepFacts): Crm {
  const crm = crms[deal.crm];
  if (crm !== undefined) return crm;
  throw ApplicationFailure.nonRetryable(`No CRM named ${deal.crm} is configured on this worker.`, 'Configuration');
}

/** The kickoff in the Temporal UI; no text when no UI is configured. */
function linkTo({ temporalUiUrl }: StepDependencies, { workflowId }: StepInput): string {
  return temporalUiUrl === undefined ? '' : workflowUrl(temporalUiUrl, workflowId);
}

/** The facts with the lists that people want to read in a message, and the links. */
function withWords(facts: StepFacts, kickoff: string): object {
  return {
    ...facts,
    links: { kickoff },
    participantNames: facts.participants.map((person) => person.name ?? person.email),
    needs: facts.needs.join(' '),
  };
}

function outcome(detail: string, ids: Record<string, string | undefined>, url: string | undefined): StepOutcome {
  const known = Object.entries(ids).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { detail, ids: Object.fromEntries(known), ...(url === undefined ? {} : { url }) };
}

/** The phase goes to the ledger with the step; the last step of a list brings the phase that follows. */
async function tellLedger(database: Database, input: StepInput): Promise<void> {
  const { workflowId, revision, record, list, occurrence } = input;
  const rows = await listSteps(database.db, workflowId);
  const done = rows.filter(
    (row) => row.revision === revision && row.list === list && row.occurrence === occurrence && row.status === 'done',
  );
  const settled = record.stepIds.every((id) => done.some((row) => row.step_id === id));
  await recordPhase(database.db, {
    workflowId,
    revision,
    phase: settled ? record.phaseWhenSettled : record.phase,
    needs: record.needs,
    closesAt: record.closesAt,
  });
}

function isOutcome(value: object | null): value is StepOutcome {
  return value !== null && 'detail' in value && 'ids' in value;
}
