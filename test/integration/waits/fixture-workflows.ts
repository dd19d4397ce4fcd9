import { ApplicationFailure, condition, defineSignal, setHandler } from '@temporalio/workflow';

export const end = defineSignal<[string]>('end');

/** A workflow of somebody's own: it runs until it is told to end, and then returns texts, or fails. */
export async function provision(input: { account: string }): Promise<object> {
  let how: string | undefined;
  setHandler(end, (word) => {
    how = word;
  });
  await condition(() => how !== undefined);
  if (how === 'fail') throw ApplicationFailure.nonRetryable('no seats are left');
  return { tenant: `tenant of ${input.account}`, url: 'https://tenants.example/1', seats: 5 };
}
