import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { createSalesforce } from '../../../crm/salesforce/index.ts';
import { inbound } from './inbound.ts';
import { outboundMessage } from './salesforce/message.ts';
import { CLIENT, DEAL_ID, organization } from './salesforce/organization.ts';

const isLoaded = () =>
  Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('/node_modules/jsforce/'));

it('jsforce is loaded by the first call to Salesforce, not by receiving its messages', async () => {
  const org = await organization();
  const crm = createSalesforce({ triggerTokens: ['t'], loginUrl: org.url, ...CLIENT });
  const request = inbound({ path: '/triggers/salesforce/t', text: outboundMessage() });
  expect(crm.verify(request)).toBe('secret path');
  expect(crm.normalise(request.body)).toHaveLength(1);
  await expect(createSalesforce({ triggerTokens: ['t'] }).readDeal(DEAL_ID)).rejects.toMatchObject({
    code: 'configuration',
  });
  expect(isLoaded()).toBe(false);
  await crm.readDeal(DEAL_ID);
  expect(isLoaded()).toBe(true);
});
