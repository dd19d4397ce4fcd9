import type { StepKind, StepOf } from './kind.ts';

/**
 * A workflow of the team's own. The activity only says what is to be started: the workflow itself starts it as its child, so
 * that the two are linked, are seen together, and the child is told when the kickoff is.
 */
export function workflowKind(): StepKind<StepOf<'workflow'>> {
  return {
    async run(step, context) {
      // Temporal takes one running workflow under an id: a step that is repeated finds its own.
      const workflowId = context.marker;
      return {
        detail: `Workflow ${step.type} on task queue ${step.taskQueue}`,
        ids: { workflowId },
        child: {
          workflowId,
          type: step.type,
          taskQueue: step.taskQueue,
          input: step.input === undefined ? context.facts : context.json(step.input),
          until: step.until,
          ...(step.timeoutHours === undefined ? {} : { timeoutHours: step.timeoutHours }),
        },
      };
    },
    stays: (step, outcome) =>
      `What workflow ${step.type} (${outcome.ids.workflowId ?? step.id}) has done stays: undo it by hand`,
  };
}
