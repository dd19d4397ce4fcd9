import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type ContextManager,
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { SkipUpTracer } from '../../../skipup/index.ts';
import { optional } from '../../../skipup/tracing.ts';
import { KEY, kickoff } from './fixtures.ts';
import { API_KEY, clientOf, errorOf, hangUp, json, loopback, meeting, refusal } from './loopback.ts';

/** OpenTelemetry's own SDK, that keeps the finished spans. */
function sdk() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return { provider, tracer: provider.getTracer('test'), spans: () => exporter.getFinishedSpans() };
}

/** As much of a context manager as a test of parents needs. */
class Contexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  active = () => this.#storage.getStore() ?? ROOT_CONTEXT;
  with: ContextManager['with'] = (active, run, self, ...args) => this.#storage.run(active, () => run.apply(self, args));
  bind: ContextManager['bind'] = (_context, target) => target;
  enable = () => this;
  disable = () => this;
}

test('a call is one client span, named by its template', async () => {
  const { tracer, spans } = sdk();
  const server = await loopback(meeting());
  await clientOf(server, { tracer }).meetingRequests.get('mr_1');
  const port = Number(new URL(server.baseUrl).port);
  expect(spans()).toHaveLength(1);
  expect(spans()[0]).toMatchObject({
    name: 'GET /api/v1/meeting_requests/{id}',
    kind: SpanKind.CLIENT,
    status: { code: SpanStatusCode.UNSET },
    ended: true,
    attributes: {
      'http.request.method': 'GET',
      'url.template': '/api/v1/meeting_requests/{id}',
      'server.address': '127.0.0.1',
      'server.port': port,
      'http.response.status_code': 200,
    },
  });
  expect(spans()[0]?.attributes).not.toHaveProperty('http.request.resend_count');
  expect(spans()[0]?.attributes).not.toHaveProperty('error.type');
});

test('repeats are counted in the span of their call', async () => {
  const { tracer, spans } = sdk();
  const server = await loopback(refusal(503, 'down'), hangUp, meeting({}, 202));
  const client = clientOf(server, { tracer, retry: { maxAttempts: 3 } });
  await client.meetingRequests.create(kickoff, { idempotencyKey: KEY });
  expect(spans()).toHaveLength(1);
  expect(spans()[0]?.attributes).toMatchObject({ 'http.request.resend_count': 2, 'http.response.status_code': 202 });
  expect(spans()[0]?.status.code).toBe(SpanStatusCode.UNSET);
});

test('a refusal is an error by its status, a lost answer by its kind', async () => {
  const { tracer, spans } = sdk();
  const server = await loopback(refusal(404, 'not_found'), hangUp, json(200, {}));
  const client = clientOf(server, { tracer });
  await errorOf(client.meetingRequests.get('mr_1'));
  await errorOf(client.meetingRequests.get('mr_1'));
  await errorOf(client.meetingRequests.get('mr_1'));
  const seen = spans().map(({ attributes, status }) => [
    attributes['http.response.status_code'],
    attributes['error.type'],
    status.code,
  ]);
  expect(seen).toEqual([
    [404, '404', SpanStatusCode.ERROR],
    [undefined, 'connection', SpanStatusCode.ERROR],
    [200, 'decoding', SpanStatusCode.ERROR],
  ]);
});

test('a change and the look after it have a span each, and a delete that was done before is one call', async () => {
  const { tracer, spans } = sdk();
  const server = await loopback(hangUp, meeting({ status: 'cancelled' }), hangUp, refusal(404, 'not_found'));
  const client = clientOf(server, { tracer, retry: { maxAttempts: 2 } });
  await client.meetingRequests.cancel('mr_1');
  await client.webhookEndpoints.delete('we_1');
  expect(spans().map(({ name }) => name)).toEqual([
    'POST /api/v1/meeting_requests/{id}/cancel',
    'GET /api/v1/meeting_requests/{id}',
    'DELETE /api/v1/webhook_endpoints/{id}',
  ]);
});

test('neither key nor e-mail addresses nor ids are in any span', async () => {
  const { tracer, spans } = sdk();
  const server = await loopback(
    json(200, { data: [] }),
    refusal(422, 'invalid_request', `no ${API_KEY} for jamie.chen@acme.example`),
    meeting({ status: 'booked' }),
    refusal(500, 'down'),
  );
  const client = clientOf(server, { tracer });
  await client.meetingRequests.list({ participant_email: 'jamie.chen@acme.example' }).firstPage();
  await errorOf(client.meetingRequests.changeOrganizer('mr_secret', 'jamie.chen@acme.example'));
  await errorOf(client.webhookEndpoints.deliveries('we_secret').firstPage());
  const shown = JSON.stringify(
    spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
  );
  expect(spans()).toHaveLength(4);
  for (const hidden of [API_KEY, 'jamie', 'mr_secret', 'we_secret']) expect(shown).not.toContain(hidden);
});

test('without a tracer of the caller’s the global one is used, within the caller’s own span', async () => {
  const { provider, tracer, spans } = sdk();
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new Contexts());
  onTestFinished(() => {
    trace.disable();
    context.disable();
  });
  const active: (string | undefined)[] = [];
  const server = await loopback(meeting());
  const onRequest = () => active.push(trace.getActiveSpan()?.spanContext().spanId);
  await tracer.startActiveSpan('activity', async (parent) => {
    await clientOf(server, { onRequest }).meetingRequests.get('mr_1');
    parent.end();
  });
  const [call, activity] = spans();
  expect(call?.name).toBe('GET /api/v1/meeting_requests/{id}');
  expect(call?.parentSpanContext?.spanId).toBe(activity?.spanContext().spanId);
  expect(active).toEqual([call?.spanContext().spanId]);
});

test('a tracer of false makes no spans', async () => {
  const { provider, spans } = sdk();
  trace.setGlobalTracerProvider(provider);
  onTestFinished(() => trace.disable());
  const server = await loopback(meeting());
  await clientOf(server, { tracer: false }).meetingRequests.get('mr_1');
  expect(spans()).toEqual([]);
});

test('a package that is not there, or is broken, is done without', async () => {
  expect(await optional(() => import(['@opentelemetry', 'not-installed'].join('/')))).toBeUndefined();
  expect(await optional(async () => 'found')).toBe('found');
});

const broken = () => {
  throw new Error('no exporter');
};
const warnings = () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  onTestFinished(() => warned.mockRestore());
  return warned;
};

test('a tracer that throws fails no call, and the call is made once', async () => {
  const warned = warnings();
  const server = await loopback(meeting());
  expect(await clientOf(server, { tracer: { startActiveSpan: broken } }).meetingRequests.get('mr_1')).toMatchObject({
    id: 'mr_1',
  });
  const span = { setAttribute: broken, setStatus: broken, end: broken };
  const late: SkipUpTracer = {
    startActiveSpan: (_name, _options, run) => {
      run(span);
      throw new Error('no exporter');
    },
  };
  expect(await clientOf(server, { tracer: late }).meetingRequests.get('mr_1')).toMatchObject({ id: 'mr_1' });
  expect(server.seen).toHaveLength(2);
  expect(warned).toHaveBeenCalledTimes(3);
});
