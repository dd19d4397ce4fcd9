import { describe, expect, it } from 'vitest';
import { workflowKind } from '../../../../activities/steps/workflow.ts';
import { stepSchema } from '../../../../config/policy.ts';
import { contextOf, FACTS, MARKER } from './context-of.ts';

function stepOf(options: object = {}) {
  const step = stepSchema.parse({
    id: 'provision',
    kind: 'workflow',
    type: 'provision',
    taskQueue: 'onboarding',
    ...options,
  });
  if (step.kind !== 'workflow') throw new Error('another kind');
  return step;
}

describe('a workflow step', () => {
  it('names the child after itself, the same at each repetition, and gives it the facts', async () => {
    const kind = workflowKind();
    const outcome = await kind.run(stepOf(), contextOf());
    expect(outcome).toEqual({
      detail: 'Workflow provision on task queue onboarding',
      ids: { workflowId: MARKER },
      child: { workflowId: MARKER, type: 'provision', taskQueue: 'onboarding', input: FACTS, until: 'ended' },
    });
    expect(await kind.run(stepOf(), contextOf({ attempt: 2 }))).toEqual(outcome);
    const other = await kind.run(stepOf(), contextOf({ marker: `${MARKER}/2` }));
    expect(other.ids).not.toEqual(outcome.ids);
  });

  it('fills in the texts of its input', async () => {
    const { child } = await workflowKind().run(
      stepOf({ input: { name: '{{deal.name}}', seats: 5, tags: ['{{vendor}}'] }, until: 'started', timeoutHours: 2 }),
      contextOf(),
    );
    expect(child).toMatchObject({
      input: { name: 'Acme Corp – 12 months', seats: 5, tags: ['Globex'] },
      until: 'started',
      timeoutHours: 2,
    });
  });

  it('cannot be undone from here, and says what stays', async () => {
    const kind = workflowKind();
    expect(kind).not.toHaveProperty('undo');
    expect(kind.stays?.(stepOf(), await kind.run(stepOf(), contextOf()))).toContain(MARKER);
  });
});
