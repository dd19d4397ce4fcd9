import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { type BackfillInput, KICKOFF_TASK_QUEUE, progress, WORKFLOW_TYPES } from '../../workflows/messages.ts';
import { type Action, type Faults, Invalid, type Posted, Refused } from '../action/action.ts';
import { choiceField, inputField, selectField, tickField } from '../action/field.ts';
import { isTicked, textIn, wasSent } from '../action/posted.ts';
import type { ConsoleContext } from '../context.ts';
import { html, type Markup } from '../page/html.ts';
import { crmName } from '../start/form-view.ts';
import { askWorkflow } from '../temporal/ask.ts';
import { lookUp } from '../temporal/look.ts';
import { backfillPath } from './address.ts';
import { backfillFaults } from './faults.ts';
import { sentenceOf } from './read.ts';

export const START_BACKFILL = { name: 'backfill.start', label: 'Start a backfill' } as const;
/** What it is done to: there is none yet. */
export const NEW_BACKFILL = 'backfill:new';

/** Its first activity checks the input: a second or two with a worker. */
const LOOKS = 20;
const LOOK_EVERY_MS = 250;
const LONGEST_LIST = 2_000;

export function startBackfill({ client, crms, hasRecovery }: ConsoleContext): Action {
  const readable = crms.filter((crm) => crm !== 'generic');
  return {
    ...START_BACKFILL,
    reason: 'required',
    async prepare(on, posted) {
      if (on !== NEW_BACKFILL) return undefined;
      return {
        title: 'Deals that closed before Kickoff came, or leads of that time',
        about:
          'It reads the CRM page by page and starts what has no kickoff yet, evenly paced. Begin with a dry run: it only counts and names what it would start. It may be run again at any time: what has been taken up is left alone.',
        back: '/backfills',
        fields: (faults) => fields({ readable, hasRecovery }, posted, faults),
        ...(readable.length === 0 && {
          impossible: 'No CRM is configured that can be listed: configure one under crm: in kickoff.config.yaml.',
        }),
      };
    },
    async perform(_on, posted, { by }) {
      const input = inputIn(posted);
      return await started(client, { ...input, requestedBy: by.name.slice(0, 200) });
    },
  };
}

function fields(
  { readable, hasRecovery }: { readable: readonly string[]; hasRecovery: boolean },
  posted: Posted,
  faults: Faults,
): Markup {
  const value = (name: string) => textIn(posted, name);
  const number = (name: string, label: string, hint: string) =>
    inputField({ name, type: 'number', label, hint, value: value(name), min: 1, faults });
  return html`${
    hasRecovery &&
    choiceField({
      name: 'of',
      legend: 'Of what?',
      value: value('of') || 'deals',
      options: [
        { value: 'deals', label: 'Won deals: each gets its kickoff' },
        { value: 'leads', label: 'Leads that filled in a form and booked nothing: each is taken up' },
      ],
      faults,
    })
  }
${selectField({ name: 'crm', label: 'CRM', value: value('crm'), required: true, options: readable.map((crm) => ({ value: crm, label: crmName(crm) })), faults })}
<div class="fields">
${inputField({ name: 'from', type: 'date', label: 'From this day on', hint: 'The day, in UTC, on which a deal closed or a form was filled in.', value: value('from'), required: true, faults })}
${inputField({ name: 'to', type: 'date', label: 'Before this day', hint: 'Left empty: until now.', value: value('to'), faults })}
${number('limit', 'At most', 'So many are started in all.')}
${number('rate', 'A minute', 'So many are started per minute at most; left empty: as configured.')}
</div>
${inputField({ name: 'pipelines', label: 'Pipelines', hint: 'Of deals: the CRM’s ids, with commas between. Left empty: those of the configuration.', value: value('pipelines'), maxLength: LONGEST_LIST, faults })}
${tickField({ name: 'dry_run', label: 'Dry run: only count and name what it would start', isTicked: wasSent(posted) ? isTicked(posted, 'dry_run') : !isTicked(posted, 'earnest') })}`;
}

const day = z.string().regex(/^\d{4}-\d\d-\d\d$/, 'Give a day: 2026-01-01.');
const whole = z.coerce.number({ error: 'Give a whole number.' }).int('Give a whole number.').min(1, 'Give 1 or more.');
const formSchema = z.object({
  of: z.enum(['deals', 'leads'], { error: 'Choose deals or leads.' }).default('deals'),
  crm: z.enum(['hubspot', 'salesforce', 'pipedrive'], { error: 'Choose a CRM that can be listed.' }),
  from: day,
  to: day.optional(),
  limit: whole.optional(),
  rate: whole.optional(),
  pipelines: z.string().max(LONGEST_LIST, 'That is too long.').optional(),
});

/** @throws {Invalid} every field that is not right; what only the CRM's configuration can tell is the workflow's to check */
function inputIn(posted: Posted): BackfillInput {
  const text = (name: string) => textIn(posted, name) || undefined;
  const read = formSchema.safeParse({
    of: text('of'),
    crm: text('crm'),
    from: text('from'),
    to: text('to'),
    limit: text('limit'),
    rate: text('rate'),
    pipelines: text('pipelines'),
  });
  if (!read.success) {
    throw new Invalid(
      Object.fromEntries(
        read.error.issues.map(({ path, code, message }) => [
          String(path[0] ?? ''),
          code === 'invalid_type' && path[0] === 'from' ? 'Say from which day on.' : message,
        ]),
      ),
    );
  }
  const { of, crm, from, to, limit, rate, pipelines } = read.data;
  const ids = (pipelines ?? '').split(',').flatMap((id) => id.trim() || []);
  return {
    ...(of === 'leads'
      ? { of, submittedAfter: from, ...(to !== undefined && { submittedBefore: to }) }
      : { closedAfter: from, ...(to !== undefined && { closedBefore: to }) }),
    crm,
    ...(ids.length > 0 && { pipelines: ids }),
    ...(limit !== undefined && { limit }),
    ...(rate !== undefined && { perMinute: rate }),
    ...(isTicked(posted, 'dry_run') && { dryRun: true }),
  };
}

/** The id that the same window always has, as `kickoff backfill` makes it: so two people do not run it twice at once. */
function workflowIdOf(input: BackfillInput): string {
  const { of, crm, dryRun } = input;
  const [after = '', before = 'now'] =
    of === 'leads' ? [input.submittedAfter, input.submittedBefore] : [input.closedAfter, input.closedBefore];
  return [
    'backfill',
    ...(of === 'leads' ? [of] : []),
    crm,
    after,
    before,
    ...(dryRun === true ? ['dry-run'] : []),
  ].join(':');
}

async function started(client: Client, input: BackfillInput): Promise<{ sentence: string; back: string }> {
  const workflowId = workflowIdOf(input);
  const back = backfillPath(workflowId);
  const begun = await lookUp(client, async () => {
    try {
      await client.workflow.start(WORKFLOW_TYPES.backfill, {
        workflowId,
        taskQueue: KICKOFF_TASK_QUEUE,
        args: [input],
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        staticSummary: `Backfill: ${input.crm}, ${input.of === 'leads' ? 'forms filled in' : 'closed'} from ${input.submittedAfter ?? input.closedAfter ?? ''}${input.dryRun === true ? ', dry run' : ''}`,
        staticDetails: 'From the console.',
      });
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  });
  if ('silent' in begun) throw new Refused(`${begun.silent} Nothing was started.`);
  if (!begun.answer) return { sentence: 'The same backfill runs already; this is how it gets on.', back };
  return { sentence: (await checked(client, workflowId)) ? 'The backfill has started.' : NOT_YET, back };
}

const NOT_YET = 'The backfill is begun, and no worker has taken it up yet. It starts as soon as one does.';

/**
 * Whether its first activity has found the input right.
 *
 * @throws {Invalid} what it has found wrong, by field
 */
async function checked(client: Client, workflowId: string): Promise<boolean> {
  for (let look = 0; look < LOOKS; look += 1) {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    if (status.name === 'FAILED') throw await refusalOf(client, workflowId);
    if (status.name !== 'RUNNING') return true;
    const asked = await askWorkflow(client, workflowId, progress);
    if ('silent' in asked) return false;
    if (asked.answer.state !== 'opening') return true;
    await sleep(LOOK_EVERY_MS);
  }
  return false;
}

async function refusalOf(client: Client, workflowId: string): Promise<unknown> {
  try {
    await client.workflow.getHandle(workflowId).result();
    return new Refused('It has ended already.');
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) return error;
    const sentence = sentenceOf(error);
    const isInput = error.cause instanceof ApplicationFailure && error.cause.type === 'BackfillInput';
    const inner = error.cause?.cause;
    const isInnerInput = inner instanceof ApplicationFailure && inner.type === 'BackfillInput';
    return isInput || isInnerInput ? new Invalid(backfillFaults(sentence)) : new Refused(sentence);
  }
}
