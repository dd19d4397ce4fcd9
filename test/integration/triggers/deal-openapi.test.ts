import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { createCrms } from '../../../crm/index.ts';
import { dealOpenApi } from '../../../triggers/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { type Answer, DEAL_SECRET, dealEvent, receivers, send, skipupWebhook } from './stack.ts';

const bearer = (event: unknown, token = 'deal-token'): RequestInit => ({
  headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
  body: JSON.stringify(event),
});
const get = async (url: string) => await send(url, { method: 'GET' });

/** Holds an answer to what the document says of its status. */
function expectDocumented(document: Record<string, unknown>, answer: Answer): void {
  const { responses } = Object(document.paths)['/triggers/deal'].post;
  const documented = Object(responses[answer.status]);
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema(document, 'openapi');
  const schema = JSON.parse(
    JSON.stringify(documented.content['application/json'].schema).replaceAll('"#/', '"openapi#/'),
  );
  const validate = ajv.compile(schema);
  expect(validate(answer.body), JSON.stringify([answer, validate.errors])).toBe(true);
  for (const header of Object.keys(Object(documented.headers))) {
    expect(answer.headers.get(header), header).not.toBeNull();
  }
}

eachDatabase('the published interface of deal events', (open) => {
  it('is served, and is the truth about every answer', async () => {
    const server = await receivers(await open());
    const url = `${server.url}/triggers/deal`;
    const served = await get(`${server.url}/openapi.json`);
    expect(served.body).toEqual(JSON.parse(JSON.stringify(dealOpenApi())));
    const document: Record<string, unknown> = Object(served.body);
    const schema = await get(`${server.url}/schemas/deal-event.json`);
    expect(schema.headers.get('content-type')).toBe('application/schema+json; charset=utf-8');
    expect(JSON.parse(String(schema.body))).toMatchObject({ title: 'Deal event' });

    const examples: { value: unknown }[] = Object.values(
      Object(document.paths)['/triggers/deal'].post.requestBody.content['application/json'].examples,
    );
    for (const { value } of examples) {
      const answers = [await send(url, dealEvent(value)), await send(url, bearer(value))];
      for (const answer of answers) {
        expect(answer.status).toBe(202);
        expectDocumented(document, answer);
      }
      expect(answers.map(({ body }) => Object(body).duplicates)).toEqual([0, 1]);
    }
    const stored = await server.inbox();
    expect(stored).toHaveLength(examples.length);
    expect(new Set(stored.map(({ status }) => status))).toEqual(new Set(['pending']));

    const old = new Date(Date.now() - 3_600_000);
    const refused: [number, RequestInit][] = [
      [400, dealEvent({ deal: { amount: 'much' } })],
      [400, dealEvent('{')],
      [401, { body: '{}' }],
      [401, bearer({}, 'another')],
      [401, skipupWebhook({ dealId: '1' }, old, DEAL_SECRET)],
      [401, { body: '{}', headers: { 'x-webhook-signature': 'none' } }],
      [413, dealEvent({ dealId: 'x'.repeat(300_000) })],
    ];
    for (const [status, init] of refused) {
      const answer = await send(url, init);
      expect(answer.status).toBe(status);
      expectDocumented(document, answer);
    }
    const [wrong] = refused;
    const { body } = await send(url, wrong?.[1]);
    for (const field of ['deal.id', 'deal.name', 'deal.amount']) {
      expect(Object(body).error.message).toContain(field);
    }
  });

  it('says so where nothing is configured', async () => {
    for (const crms of [{}, createCrms({ generic: {} })]) {
      const server = await receivers(await open(), { crms });
      const answer = await send(`${server.url}/triggers/deal`, bearer({ dealId: '1' }));
      expect(answer.status).toBe(503);
      expectDocumented(dealOpenApi(), answer);
    }
  });
});
