import { WEBHOOK_EVENT_TYPES, type WebhookEndpoint } from '../../skipup/index.ts';
import { type Action, Refused } from '../action/action.ts';
import type { ConsoleContext } from '../context.ts';
import { html } from '../page/html.ts';
import { ACTION_PATIENCE_MS, fromSkipUp, missingEvents } from './endpoint.ts';

export const TEST = { name: 'webhooks.test', label: 'Send a test delivery' } as const;
export const ENABLE = { name: 'webhooks.enable', label: 'Switch it on for every event' } as const;

const BACK = '/webhooks';

/** What a person may do with SkipUp's endpoint. */
export function webhooksActions(context: ConsoleContext): Action[] {
  return [test(context), enable(context)];
}

function test(context: ConsoleContext): Action {
  return {
    ...TEST,
    reason: 'none',
    async prepare(on) {
      return await prepared(context, on, (endpoint) => ({
        about: html`<p>SkipUp is asked to send a test to ${endpoint.url ?? 'the endpoint'}. It comes within seconds, and is among the deliveries and in the inbox then.${endpoint.enabled !== true && ' A test is sent to an endpoint that is off, too.'}</p>`,
      }));
    },
    async perform(on) {
      const skipup = clientOf(context);
      await ownEndpoint(context, on);
      const asked = await fromSkipUp(
        async (signal) => await skipup.webhookEndpoints.test(on, { signal }),
        ACTION_PATIENCE_MS,
      );
      if ('silent' in asked) throw new Refused(asked.silent);
      return `A test delivery is on its way${asked.answer.delivery_id == null ? '' : ` (${asked.answer.delivery_id})`}. It comes within seconds: load this page again.`;
    },
  };
}

function enable(context: ConsoleContext): Action {
  return {
    ...ENABLE,
    reason: 'required',
    async prepare(on) {
      return await prepared(context, on, (endpoint) => {
        const missing = missingEvents(endpoint);
        return {
          about: html`<p>SkipUp is told to deliver every event to ${endpoint.url ?? 'the endpoint'} again${endpoint.enabled !== true && html`; it was switched off ${endpoint.disabled_reason != null ? html`for: ${endpoint.disabled_reason}` : 'by a person'}`}.${missing.length > 0 && html` It has not been told of ${missing.join(', ')}.`}</p>
<p>Send a test delivery first: while the receivers cannot be reached it is soon off again. What happened meanwhile the sweep takes in.</p>`,
          ...(endpoint.enabled === true && missing.length === 0
            ? { impossible: 'It is on, and told of every event.' }
            : {}),
        };
      });
    },
    async perform(on) {
      const skipup = clientOf(context);
      await ownEndpoint(context, on);
      const change = { enabled: true, events: [...WEBHOOK_EVENT_TYPES] };
      const asked = await fromSkipUp(
        async (signal) => await skipup.webhookEndpoints.update(on, change, { signal }),
        ACTION_PATIENCE_MS,
      );
      if ('silent' in asked) throw new Refused(asked.silent);
      return asked.answer.enabled === true
        ? 'The endpoint is on, and told of every event.'
        : 'SkipUp took the change, but the endpoint is still off.';
    },
  };
}

async function prepared(
  context: ConsoleContext,
  on: string,
  more: (endpoint: WebhookEndpoint) => { about: ReturnType<typeof html>; impossible?: string },
) {
  if (context.skipup === undefined || on === '') return undefined;
  try {
    const endpoint = await ownEndpoint(context, on);
    return { title: `SkipUp’s endpoint ${endpoint.id}`, back: BACK, ...more(endpoint) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { title: `SkipUp’s endpoint ${on}`, about: html``, back: BACK, impossible: error.message };
  }
}

/** @throws {Refused} when it is another installation's, there is none, or SkipUp does not answer */
async function ownEndpoint(context: ConsoleContext, id: string): Promise<WebhookEndpoint> {
  const skipup = clientOf(context);
  const asked = await fromSkipUp(async (signal) => await skipup.webhookEndpoints.get(id, { signal }));
  if ('silent' in asked) throw new Refused(asked.silent);
  const { answer } = asked;
  if (answer.url !== context.skipupWebhookUrl) {
    throw new Refused(
      `It leads to ${answer.url ?? 'nowhere'}, and is another installation’s: nothing is done to it here.`,
    );
  }
  return answer;
}

function clientOf({ skipup }: ConsoleContext) {
  if (skipup === undefined) throw new Refused('There is no key here to ask SkipUp with: set SKIPUP_API_KEY.');
  return skipup;
}
