import type { ScheduleDefinition } from './definition.ts';

/** What a Schedule starts, as Temporal's client takes it: the same when it is made and when it is rewritten. */
export function actionOf(definition: ScheduleDefinition) {
  return {
    type: 'startWorkflow' as const,
    workflowType: definition.workflowType,
    workflowId: definition.workflowId,
    taskQueue: definition.taskQueue,
    args: definition.input,
    workflowExecutionTimeout: definition.executionTimeoutMs,
    staticSummary: definition.summary,
  };
}
