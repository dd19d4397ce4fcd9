import { failedStepsOf } from '../../../database/index.ts';
import { Invalid, type Posted, Refused } from '../../action/action.ts';
import { selectField } from '../../action/field.ts';
import { textIn } from '../../action/posted.ts';
import type { ConsoleContext } from '../../context.ts';
import { html } from '../../page/html.ts';
import { tellWorkflow } from '../../temporal/tell.ts';
import { stepKind, stepList } from '../../words/steps.ts';
import type { CommandDetails } from './command.ts';
import type { Standing } from './standing.ts';

/** Stands for every failed step, where one may be chosen. */
const EVERY = '';

/** A failed step is run again, or let go. */
export function stepCommands(context: Pick<ConsoleContext, 'client' | 'database'>): CommandDetails[] {
  return [
    {
      command: 'retryStep',
      about: failures,
      impossible: notFailed,
      fields: async (standing, posted) => () => stepField(standing, posted, true),
      async perform(on, posted, doing) {
        const id = textIn(posted, 'id');
        if (id !== EVERY) return await retry(context, on, id, doing.attempt);
        return await retryEvery(context, on, doing.attempt);
      },
      bulk: {
        title: (count) => `Run the failed steps of ${count === 1 ? '1 kickoff' : `${count} kickoffs`} again`,
        about: 'Every step of theirs that has failed is run again.',
      },
    },
    {
      command: 'skipStep',
      about: failures,
      impossible: notFailed,
      fields: async (standing, posted) => () => stepField(standing, posted, false),
      input(posted, { reason }) {
        const id = textIn(posted, 'id');
        if (id === '') throw new Invalid({ id: 'Name the step.' });
        return { id, reason };
      },
    },
  ];
}

async function retryEvery(
  context: Pick<ConsoleContext, 'client' | 'database'>,
  on: string,
  attempt: string,
): Promise<string> {
  const [first, ...others] = (await failedStepsOf(context.database.db, [on])).get(on) ?? [];
  if (first === undefined) throw new Refused('No step of it has failed.');
  // The first one under the attempt's own id: when it alone has failed, nothing is special.
  const said = [await retry(context, on, first, attempt)];
  for (const id of others) said.push(await retry(context, on, id, `${attempt}:${id}`));
  return said.join(' ');
}

async function retry({ client }: Pick<ConsoleContext, 'client'>, on: string, id: string, updateId: string) {
  return await tellWorkflow(client, on, 'retryStep', { id }, updateId);
}

function failedIn({ status }: Standing) {
  return status?.steps.filter(({ state }) => state === 'failed') ?? [];
}

function notFailed(standing: Standing, posted: Posted): string | undefined {
  const id = textIn(posted, 'id');
  const isFailed = id === EVERY || failedIn(standing).some((step) => step.id === id);
  return isFailed ? undefined : `The step “${id}” has not failed, or has been settled since.`;
}

function failures(standing: Standing) {
  return html`<ul>
${failedIn(standing).map((step) => html`<li><code>${step.id}</code> (${stepKind(step.kind)}, ${stepList(step.list)}) failed: ${step.detail ?? 'no reason was recorded'}</li>\n`)}</ul>`;
}

function stepField(standing: Standing, posted: Posted, withEvery: boolean) {
  const failed = failedIn(standing).map(({ id }) => ({ value: id, label: id }));
  const every = withEvery && failed.length > 1 ? [{ value: EVERY, label: 'every failed step' }] : [];
  return selectField({
    name: 'id',
    label: 'Step',
    value: textIn(posted, 'id'),
    options: [...failed, ...every],
    required: !withEvery,
  });
}
