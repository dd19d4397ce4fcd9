import { type CrmStepDependencies, crmKinds } from './crm.ts';
import { type EmailDependencies, emailKind } from './email.ts';
import { type HttpDependencies, httpKind } from './http.ts';
import type { StepKinds } from './kind.ts';
import { type LinearDependencies, linearProjectKind } from './linear.ts';
import { type OwnKindDependencies, ownKind } from './own.ts';
import { type SlackMessageDependencies, slackMessageKind } from './slack-message.ts';
import { slackWebhookKind } from './slack-webhook.ts';
import { workflowKind } from './workflow.ts';

/** What the kinds need; a kind without its secret fails with a sentence that says what to set. */
export interface StepKindDependencies
  extends CrmStepDependencies,
    SlackMessageDependencies,
    EmailDependencies,
    LinearDependencies,
    HttpDependencies,
    OwnKindDependencies {
  /** A secret: whoever has it can post. */
  slackWebhookUrl?: string | undefined;
}

/** Every kind of step there is. */
export function stepKinds(dependencies: StepKindDependencies): StepKinds {
  return {
    ...crmKinds(dependencies),
    slack: slackWebhookKind(dependencies.slackWebhookUrl),
    slack_message: slackMessageKind(dependencies),
    email: emailKind(dependencies),
    linear_project: linearProjectKind(dependencies),
    http: httpKind(dependencies),
    workflow: workflowKind(),
    own: ownKind(dependencies),
  };
}
