import { ApplicationFailure } from '@temporalio/activity';
import { type CrmStepDependencies, crmKinds } from './crm.ts';
import type { StepKinds } from './kind.ts';
import { slackWebhookKind } from './slack-webhook.ts';

export interface StepKindDependencies extends CrmStepDependencies {
  /** A secret: whoever has it can post. Undefined: Slack steps fail with a sentence that says what to set. */
  slackWebhookUrl?: string | undefined;
}

/** Every kind of step there is. */
export function stepKinds(dependencies: StepKindDependencies): StepKinds {
  const missing = {
    run: () => Promise.reject(ApplicationFailure.nonRetryable('not there yet', 'Configuration')),
  };
  return {
    ...crmKinds(dependencies),
    slack: slackWebhookKind(dependencies.slackWebhookUrl),
    slack_message: missing,
    email: missing,
    linear_project: missing,
    http: missing,
    workflow: missing,
    own: missing,
  };
}
