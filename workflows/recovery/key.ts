/**
 * The idempotency key of a lead's meeting request: `lead:<lead>:recovery:<date>`, which is the workflow's id too. From the
 * second revision on (SkipUp has refused the first) the revision stands before the date, because SkipUp would answer the
 * first key with its refusal. Source: SkipUp's guide to lead recovery pipelines, "idempotency key strategy".
 */
export function recoveryKey({ workflowId, revision }: { workflowId: string; revision: number }): string {
  return revision === 1 ? workflowId : workflowId.replace(/:(\d{4}-\d{2}-\d{2})$/, `:r${revision}:$1`);
}
