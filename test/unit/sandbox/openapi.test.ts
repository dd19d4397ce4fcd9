import { Ajv2020 } from 'ajv/dist/2020.js';
import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { skipupApi } from '../../../sandbox/api/index.ts';
import { openApiDocument } from '../../../sandbox/openapi/document.ts';
import { allOperations } from '../../../sandbox/openapi/operations.ts';
import { readable } from '../../../sandbox/openapi/readable.ts';
import { API_SCOPES, WEBHOOK_EVENT_TYPES } from '../../../skipup/schemas.ts';
import { answerBreach, sampleBreach, webhookBreach } from '../../harness/contract.ts';
import { running } from './running.ts';
import { exchange } from './wire.ts';

const document = openApiDocument();
const shown = readable(document);
const operations = Object.entries(shown.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({
    method,
    path,
    operation,
    name: `${method.toUpperCase()} ${path}`,
  })),
);

describe('the contract', () => {
  it('has every route of the API, and the API every route of the contract', async () => {
    const routes: string[] = [];
    const app = fastify();
    app.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') routes.push(`${one} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
    });
    app.register(skipupApi);
    await app.ready();
    expect(routes.sort()).toEqual(operations.map(({ name }) => name).sort());
    expect(routes).toHaveLength(16);
    await app.close();
  });

  it('is served as it is, and the same each time', async () => {
    const { url } = await running();
    const answer = await fetch(`${url}/openapi.json`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    const text = await answer.text();
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(document)));
    expect(await (await fetch(`${url}/openapi.json`)).text()).toBe(text);
  });

  it('says OpenAPI 3.1, whose schemas are JSON Schema 2020-12 and valid', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/api/v1' }] });
    const ajv = new Ajv2020({ strict: false });
    for (const [name, schema] of Object.entries(shown.components.schemas)) {
      expect([name, ajv.validateSchema(schema), ajv.errorsText()]).toEqual([name, true, 'No errors']);
    }
  });

  it('refers to nothing that it does not have', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
    expect(references.length).toBeGreaterThan(50);
    for (const path of new Set(references)) {
      let place: unknown = document;
      for (const part of path.split('/')) place = z.record(z.string(), z.unknown()).parse(place)[part];
      expect([path, typeof place]).toEqual([path, 'object']);
    }
  });

  it('knows each operation by one name and asks for one scope of it', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operation } of operations) expect(API_SCOPES).toContain(operation['x-required-scope']);
  });

  it('follows what is created by links to operations that there are', () => {
    const ids = new Set(allOperations.map(({ id }) => id));
    const follows = allOperations.flatMap((operation) => operation.follows ?? []);
    expect(follows.length).toBeGreaterThan(10);
    expect(follows.filter(({ to }) => !ids.has(to))).toEqual([]);
    const reached = new Set(follows.map(({ to }) => to));
    const ofOne = allOperations.filter(({ path }) => path.includes('{id}'));
    expect(ofOne.filter(({ id }) => !reached.has(id))).toEqual([]);
  });

  it.each(operations)('$name refuses what it does not list and says how', ({ operation }) => {
    const schema = operation.requestBody?.content['application/json']?.schema;
    if (schema?.$ref !== undefined) {
      const body = shown.components.schemas[schema.$ref.split('/').at(-1) ?? ''];
      expect(body).toMatchObject({ additionalProperties: false });
    }
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '403', '422', '429']));
  });

  it('has samples that are what their own schemas say', () => {
    let checked = 0;
    for (const { method, path, operation } of operations) {
      for (const { value } of Object.values(operation.requestBody?.content['application/json']?.examples ?? {})) {
        const place = ['paths', path, method, 'requestBody', 'content', 'application/json'];
        expect(sampleBreach(value, ...place)).toBeUndefined();
        checked += 1;
      }
      for (const [status, { content }] of Object.entries(operation.responses)) {
        const media = content['application/json'];
        if (media === undefined) continue;
        const place = ['paths', path, method, 'responses', status, 'content', 'application/json'];
        expect([path, sampleBreach(media.example, ...place)]).toEqual([path, undefined]);
        checked += 1;
      }
    }
    for (const [name, { content }] of Object.entries(shown.components.responses)) {
      const place = ['components', 'responses', name, 'content', 'application/json'];
      expect([name, sampleBreach(content['application/json']?.example, ...place)]).toEqual([name, undefined]);
      checked += 1;
    }
    for (const [event, { post }] of Object.entries(shown.webhooks)) {
      const place = ['webhooks', event, 'post', 'requestBody', 'content', 'application/json'];
      const example = post.requestBody?.content['application/json']?.example;
      expect([event, sampleBreach(example, ...place)]).toEqual([event, undefined]);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(35);
  });

  it.each(
    allOperations.flatMap(({ samples, body, path }) => samples.map((sample) => ({ ...sample, schema: body, path }))),
  )('the sample “$summary” of $path passes the route’s own check', ({ body, schema }) => {
    expect(schema.safeParse(body ?? {})).toMatchObject({ success: true });
  });

  it('has the eight events and the test as webhooks, each with the headers that sign it', () => {
    expect(Object.keys(shown.webhooks)).toEqual([...WEBHOOK_EVENT_TYPES, 'test']);
    for (const { post } of Object.values(shown.webhooks)) {
      const names = post.parameters.map(({ name, required }) => [name, required]);
      expect(names).toEqual([
        ['X-Webhook-Signature', true],
        ['X-Webhook-Timestamp', true],
        ['X-Webhook-Event', true],
      ]);
    }
  });

  it('says of every parameter and field of the API what it means', () => {
    for (const { name, operation } of operations) {
      for (const parameter of operation.parameters) expect([name, parameter.description]).not.toEqual([name, '']);
    }
    const fields = Object.entries(shown.components.schemas).flatMap(([name, { properties = {} }]) =>
      Object.entries(properties).map(([field, { description }]) => ({ name: `${name}.${field}`, description })),
    );
    const silent = fields.filter(({ name, description }) => description === undefined && !name.includes('Payload.'));
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('has the limits of SkipUp', () => {
    const { CreateMeetingRequest: create, Context: context } = shown.components.schemas;
    expect(create?.properties?.participants).toMatchObject({ minItems: 1, maxItems: 50 });
    expect(create).toMatchObject({ oneOf: [{ required: ['participants'] }, { required: ['participant_emails'] }] });
    expect(context?.properties).toMatchObject({
      title: { maxLength: 255 },
      purpose: { maxLength: 500 },
      description: { maxLength: 5000 },
    });
    const limit = shown.paths['/meeting_requests']?.get?.parameters.find(({ name }) => name === 'limit');
    expect(limit?.schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 100, default: 25 });
  });
});

describe('the check that every answer goes through', () => {
  const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
  const seen = (status: number, body: unknown, changes: object = {}) => ({
    method: 'GET',
    path: '/api/v1/workspace_members?limit=1',
    status,
    headers: new Headers(JSON_TYPE),
    text: typeof body === 'string' ? body : JSON.stringify(body),
    ...changes,
  });
  const member = shown.paths['/workspace_members']?.get?.responses['200']?.content['application/json']?.example;
  const error = (type: string) => ({ error: { type, message: 'No.' } });

  it('lets through what the document says', () => {
    expect(answerBreach(seen(200, member))).toBeUndefined();
    expect(answerBreach(seen(422, error('validation_error')))).toBeUndefined();
  });

  it.each([
    ['a status that is not listed', seen(404, error('not_found')), 'does not list this status'],
    ['a field too many', seen(200, { ...z.object({}).loose().parse(member), total: 1 }), 'additional properties'],
    ['a field too few', seen(200, { data: [{ id: 'mem_1' }], meta: { limit: 1, has_more: false } }), "'email'"],
    ['a type that belongs to another status', seen(401, error('forbidden')), 'allowed values'],
    [
      'another content type',
      seen(200, member, { headers: new Headers({ 'content-type': 'text/html' }) }),
      'content type',
    ],
    ['no JSON', seen(200, '{"data":'), 'no JSON'],
    ['a 404 without the methods of the path', seen(404, error('not_found'), { method: 'PUT' }), 'Allow'],
    ['an answer of a route that is none', seen(200, {}, { path: '/api/v1/else' }), 'answered with 404'],
    [
      'a body with a 204',
      seen(204, '{}', { method: 'DELETE', path: '/api/v1/webhook_endpoints/we_1' }),
      'should be no body',
    ],
  ])('tells of %s', (_name, answer, words) => {
    expect(answerBreach(answer)).toContain(words);
  });

  it('tells of webhooks without a header, with another field or of no known event', () => {
    const raw = JSON.stringify(shown.webhooks.test?.post.requestBody?.content['application/json']?.example);
    const headers = {
      'x-webhook-event': 'test',
      'x-webhook-timestamp': '1770732000',
      'x-webhook-signature': `t=1770732000,v1=${'0'.repeat(64)}`,
    };
    expect(webhookBreach({ headers, raw })).toBeUndefined();
    expect(webhookBreach({ headers: { ...headers, 'x-webhook-timestamp': undefined }, raw })).toContain('X-Webhook-T');
    expect(webhookBreach({ headers, raw: raw.replace('{', '{"id":"1",') })).toContain('additional properties');
    expect(webhookBreach({ headers: { ...headers, 'x-webhook-event': 'else' }, raw })).toContain('not in the document');
  });
});

describe('the page', () => {
  it.each(['/', '/docs'])(
    'at %s shows every operation, webhook and schema, and nothing runs or is loaded',
    async (path) => {
      const { url } = await running();
      const answer = await fetch(`${url}${path}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      const policy = answer.headers.get('content-security-policy');
      expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; /);
      const page = await answer.text();
      for (const { operation } of operations) {
        expect(page).toContain(`<section class="operation" id="${operation.operationId}">`);
      }
      for (const event of Object.keys(shown.webhooks)) expect(page).toContain(`id="webhook-${event}"`);
      expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|javascript:/i);
      expect(page).toContain(`export SKIPUP_BASE_URL=${url}/api/v1`);
    },
  );

  it('leads nowhere that is not there', async () => {
    const { url } = await running();
    const page = await (await fetch(`${url}/docs`)).text();
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const inside = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(inside.length).toBeGreaterThan(60);
    expect(inside.filter((id) => !ids.has(id))).toEqual([]);
    const outside = [...page.matchAll(/href="(\/[^"]*)"/g)].map(([, path = '']) => path);
    for (const path of new Set(outside)) expect((await fetch(`${url}${path}`)).status).toBe(200);
  });

  it('has each name once and no key', async () => {
    const { url, apiKey } = await running();
    const page = await (await fetch(`${url}/docs`)).text();
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.length).toBe(new Set(ids).size);
    expect(page).not.toContain(apiKey);
  });

  it('says the caller’s host as text', async () => {
    const sandbox = await running();
    const { port } = new URL(sandbox.url);
    const wire = exchange(sandbox.url, 'GET /docs', { host: `127.0.0.1:${port}"><b>` });
    await wire.end;
    expect(wire.text()).not.toContain('"><b>');
  });
});
