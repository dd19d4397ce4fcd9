import { ApplicationFailure } from '@temporalio/activity';
import { z } from 'zod';
import type { Crm, CrmName } from '../crm/index.ts';
import { crmNameSchema, type Deal, dealSchema } from '../crm/port.ts';
import type { StartKickoff } from '../temporal/index.ts';
import type { DispatchInput } from '../workflows/messages.ts';
import type { DispatchActivities } from './contract.ts';
import { crmFailure } from './failures.ts';

const id = z.string({ error: 'must be a text' }).trim().min(1, 'must not be empty').max(128);

const dispatchSchema = z
  .strictObject({
    dealId: id.optional(),
    crm: crmNameSchema.optional(),
    workstream: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'must be lower-case letters, digits and -')
      .optional(),
    deal: dealSchema.optional(),
    requestedBy: z.string().max(200).optional(),
  })
  .refine((input) => (input.dealId === undefined) !== (input.deal === undefined), {
    message: 'give either dealId or deal',
  });

const EXAMPLE = '{"dealId": "5012345678"}';

export interface DispatchDependencies {
  crms: Partial<Record<CrmName, Crm>>;
  startKickoff: StartKickoff;
  /** `http://host:port/namespaces/<namespace>`: results then carry a link. */
  temporalUiUrl?: string | undefined;
}

/** Starts kickoffs by hand: checks what was typed, reads the deal, starts or joins. */
export function dispatchActivities(dependencies: DispatchDependencies): DispatchActivities {
  return {
    async startKickoff(input) {
      const { workstream, requestedBy, ...named } = checked(input);
      const deal = named.deal ?? (await readDeal(dependencies.crms, named.dealId ?? '', named.crm));
      const { workflowId, started, message } = await dependencies.startKickoff({
        deal,
        ...(workstream === undefined ? {} : { workstream }),
        origin: { kind: 'manual', reference: requestedBy ?? 'by hand', receivedAt: new Date().toISOString() },
        reopen: true,
      });
      const ui = dependencies.temporalUiUrl;
      const url = ui === undefined ? {} : { url: `${ui}/workflows/${encodeURIComponent(workflowId)}` };
      return { workflowId, started, message, ...url };
    },
  };
}

function checked(input: DispatchInput) {
  const result = dispatchSchema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
  throw ApplicationFailure.nonRetryable(
    `The input is not right. ${problems.join('; ')}. A right one: ${EXAMPLE}`,
    'DispatchInput',
  );
}

async function readDeal(crms: DispatchDependencies['crms'], dealId: string, name: CrmName | undefined): Promise<Deal> {
  const [only, ...others] = Object.values(crms);
  const crm = name === undefined ? (others.length === 0 ? only : crms.hubspot) : crms[name];
  if (crm === undefined) {
    const known = Object.keys(crms).join(', ') || 'none';
    throw ApplicationFailure.nonRetryable(`crm: not configured here. Configured: ${known}.`, 'DispatchInput');
  }
  try {
    return await crm.readDeal(dealId);
  } catch (error) {
    throw crmFailure(error);
  }
}
