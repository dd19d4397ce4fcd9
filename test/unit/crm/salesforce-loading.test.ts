import { afterAll, expect, it, vi } from 'vitest';
import { createSalesforce } from '../../../crm/salesforce/index.ts';
import { inbound } from './inbound.ts';
import { outboundMessage } from './salesforce/message.ts';
import { CLIENT, DEAL_ID, organization } from './salesforce/organization.ts';

const jsforce = vi.hoisted(() => ({ loads: 0 }));
vi.mock('jsforce', async (importOriginal) => {
  jsforce.loads += 1;
  return await importOriginal();
});
afterAll(() => void vi.doUnmock('jsforce'));

it('jsforce is loaded by the first call to Salesforce, not by receiving its messages', async () => {
  const org = await organization();
  const crm = createSalesforce({ triggerTokens: ['t'], loginUrl: org.url, ...CLIENT });
  const request = inbound({ path: '/triggers/salesforce/t', text: outboundMessage() });
  expect(crm.verify(request).scheme).toBe('secret path');
  expect(crm.normalise(request.body)).toHaveLength(1);
  await expect(createSalesforce({ triggerTokens: ['t'] }).readDeal(DEAL_ID)).rejects.toMatchObject({
    code: 'configuration',
  });
  expect(jsforce.loads).toBe(0);
  await crm.readDeal(DEAL_ID);
  expect(jsforce.loads).toBe(1);
});
