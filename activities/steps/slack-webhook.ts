import type { StepKind, StepOf } from './kind.ts';
import { postToSlack } from './post-to-slack.ts';

/** @param webhookUrl a secret: whoever has it can post. Undefined: the step fails with a sentence that says what to set */
export function slackWebhookKind(webhookUrl: string | undefined): StepKind<StepOf<'slack'>> {
  return {
    async run(step, { text }) {
      const message = text(step.text);
      await postToSlack(webhookUrl, message);
      return { detail: `Slack: ${message}`, ids: {} };
    },
    stays: (_step, { detail }) => `${detail} (a message by webhook cannot be changed)`,
  };
}
