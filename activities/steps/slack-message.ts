import { ApplicationFailure } from '@temporalio/activity';
import type { UndoOutcome } from '../contract.ts';
import type { StepContext, StepKind, StepOf } from './kind.ts';
import type { SlackApi, SlackMessage, SlackPlace } from './slack-api.ts';
import { slackText, struckThrough } from './slack-markup.ts';

export interface SlackMessageDependencies {
  /** A secret. Undefined: the step fails with a sentence that says what to set. */
  slackBotToken?: string | undefined;
  slackBaseUrl?: string | undefined;
}

const DETAIL = 'Slack message: ';

/**
 * Messages by `chat.postMessage`. Slack knows no key that would make a repetition harmless, so from the second attempt on
 * the channel is looked through for a message with our marker in its metadata. Where the app may not read the channel the
 * message is posted again, and the result says so.
 */
export function slackMessageKind(dependencies: SlackMessageDependencies): StepKind<StepOf<'slack_message'>> {
  return {
    async run(step, context) {
      const slack = await apiOf(dependencies, context.signal);
      const message = messageOf(step, context);
      const earlier = context.attempt > 1 ? await lookUp(slack, message, context.begunAt) : {};
      const place = earlier.place ?? (await slack.post(message));
      const url = await slack.permalink(place);
      return {
        detail: `${DETAIL}${context.text(step.text)}${earlier.doubt ?? ''}`,
        ids: { ts: place.ts, channel: place.channel },
        ...(url === undefined ? {} : { url }),
      };
    },
    async undo(step, outcome, context) {
      const { ts, channel } = outcome.ids;
      if (ts === undefined || channel === undefined) return { state: 'left', detail: outcome.detail };
      return await strike(await apiOf(dependencies, context.signal), { channel, ts }, step, context);
    },
    async undoStopped(step, context) {
      const slack = await apiOf(dependencies, context.signal);
      const { place, doubt } = await lookUp(slack, messageOf(step, context), context.begunAt);
      if (place !== undefined) return await strike(slack, place, step, context);
      if (doubt === undefined) return { state: 'undone', detail: 'The Slack message was not posted.' };
      const detail =
        'It was stopped while it ran: look whether the Slack message was posted. The app may not read the channel.';
      return { state: 'left', detail };
    },
  };
}

/** The message stays, struck through: whoever has read it sees that it holds no more. */
async function strike(
  slack: SlackApi,
  place: SlackPlace,
  step: StepOf<'slack_message'>,
  context: StepContext,
): Promise<UndoOutcome> {
  const { reason } = context.facts;
  const because = reason === undefined ? '' : `: ${slackText(reason)}`;
  const text = `${struckThrough(messageOf(step, context).text)}\n*Called off*${because}`;
  const shown = context.text(step.text);
  try {
    await slack.update(place, text, context.marker);
  } catch (error) {
    if (!(error instanceof ApplicationFailure) || !error.nonRetryable) throw error;
    if (error.type === 'Slack.message_not_found') return { state: 'undone', detail: 'The Slack message was deleted.' };
    return { state: 'left', detail: `${DETAIL}${shown} (it could not be changed: ${error.message})` };
  }
  return { state: 'undone', detail: `Slack message struck through, as called off: ${shown}` };
}

async function apiOf(
  { slackBotToken, slackBaseUrl = 'https://slack.com/api/' }: SlackMessageDependencies,
  signal: AbortSignal,
): Promise<SlackApi> {
  if (slackBotToken === undefined) {
    throw ApplicationFailure.nonRetryable('No Slack app is configured. Set SLACK_BOT_TOKEN.', 'Configuration');
  }
  // Only whoever uses it pays for loading it.
  const { slackApi } = await import('./slack-api.ts');
  return slackApi(slackBotToken, slackBaseUrl, signal);
}

/** The text's own markup counts (`<@U123>`, links); what is filled in is text. */
function messageOf(step: StepOf<'slack_message'>, { text, marker }: StepContext): SlackMessage {
  const thread = step.thread === undefined ? '' : text(step.thread).trim();
  const channel = text(step.channel).trim();
  if (channel === '') {
    throw ApplicationFailure.nonRetryable(
      `The channel of this step comes to nothing: ${step.channel}. Correct it, then retry the step.`,
      'Configuration',
    );
  }
  return { channel, marker, text: text(step.text, slackText), ...(thread === '' ? {} : { thread }) };
}

/** Whether an earlier attempt got through; `doubt` says that Slack would not tell. */
async function lookUp(
  slack: SlackApi,
  message: SlackMessage,
  since: Date,
): Promise<{ place?: SlackPlace | undefined; doubt?: string }> {
  try {
    return { place: await slack.find(message, since) };
  } catch (error) {
    if (!(error instanceof ApplicationFailure) || !error.nonRetryable) throw error;
    const word = error.type?.replace('Slack.', '') ?? 'refused';
    return {
      doubt: ` (it may be there twice: an attempt before was cut off, and the app may not read the channel: ${word})`,
    };
  }
}
