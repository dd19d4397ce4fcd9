import { ApplicationFailure } from '@temporalio/activity';
import { type CrmStepDependencies, crmKinds } from './crm.ts';
import { type EmailDependencies, emailKind } from './email.ts';
import type { StepKinds } from './kind.ts';
import { type OwnKindDependencies, ownKind } from './own.ts';
import { type SlackMessageDependencies, slackMessageKind } from './slack-message.ts';
import { slackWebhookKind } from './slack-webhook.ts';

/** What the kinds need; a kind without its secret fails with a sentence that says what to set. */
export interface StepKindDependencies
  extends CrmStepDependencies,
    SlackMessageDependencies,
    EmailDependencies,
    OwnKindDependencies {
  /** A secret: whoever has it can post. */
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
    slack_message: slackMessageKind(dependencies),
    email: emailKind(dependencies),
    linear_project: missing,
    http: missing,
    workflow: missing,
    own: ownKind(dependencies),
  };
}
