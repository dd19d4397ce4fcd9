import { createHash } from 'node:crypto';
import { curlFor } from './curl.ts';
import type { Content } from './html.ts';
import { html, inline, Markup, prose } from './html.ts';
import type { ReadableAnswer, ReadableDocument, ReadableOperation } from './readable.ts';
import { nameIn, readable } from './readable.ts';
import { fieldsOf, fieldTable, linkTo, wordsFor } from './schema-words.ts';
import { steering } from './steering.ts';
import { STYLESHEET } from './stylesheet.ts';

/** Nothing runs and nothing is loaded; the one style is known by its hash. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLESHEET).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

interface Placed {
  method: string;
  path: string;
  operation: ReadableOperation;
}

function operationsOf({ paths }: ReadableDocument): Placed[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

const asJson = (value: unknown): Markup => html`<pre><code>${JSON.stringify(value, null, 2)}</code></pre>\n`;

/** Breaks between the parts of a path rather than anywhere. */
const pathMarkup = (path: string): Content => path.split(/(?=\/)/).map((part) => html`<wbr>${part}`);

function exampleOf({ content }: ReadableAnswer): unknown {
  return content['application/json']?.example;
}

function answerList({ responses }: ReadableOperation, { components }: ReadableDocument): Content {
  const answers = Object.entries(responses).map(([status, answer]) => {
    const shared = answer.$ref === undefined ? undefined : components.responses[nameIn(answer.$ref)];
    return { status, description: (shared ?? answer).description, own: shared === undefined ? answer : undefined };
  });
  const successes = answers.filter(({ own }) => own !== undefined);
  const refusals = answers.filter(({ own }) => own === undefined);
  return html`<h4>Answers</h4>
${successes.map(
  ({ status, description, own }) => html`<p><span class="status">${status}</span> ${inline(description)}</p>
${own !== undefined && exampleOf(own) !== undefined ? html`<details><summary>Example of the answer</summary>\n${asJson(exampleOf(own))}</details>\n` : undefined}`,
)}<ul class="refusals">
${refusals.map(({ status, description }) => html`<li><span class="status bad">${status}</span> <span>${inline(description)}</span></li>\n`)}</ul>
`;
}

function requestBody({ requestBody: body }: ReadableOperation, { components }: ReadableDocument): Content {
  const schema = body?.content['application/json']?.schema;
  if (body === undefined || schema?.$ref === undefined) return undefined;
  const name = nameIn(schema.$ref);
  const fields = fieldsOf(components.schemas[name] ?? {});
  if (fields.length === 0) return html`<h4>Body</h4>\n<p>None; an empty object is as good.</p>\n`;
  const description = components.schemas[name]?.description;
  return html`<h4>Body <span class="quiet">${linkTo(name)}${body.required ? undefined : ', optional'}</span></h4>
${description === undefined ? undefined : prose(description)}${fieldTable(fields)}`;
}

function curls({ method, path, operation }: Placed): Content {
  const examples = Object.entries(operation.requestBody?.content['application/json']?.examples ?? {});
  if (examples.length === 0) return html`<pre class="shell"><code>${curlFor(method, path, operation)}</code></pre>\n`;
  return examples.map(
    ([name, { summary = '' }]) => html`<p class="quiet">${summary}</p>
<pre class="shell"><code>${curlFor(method, path, operation, name)}</code></pre>
`,
  );
}

function operationSection(placed: Placed, document: ReadableDocument): Markup {
  const { method, path, operation } = placed;
  const { operationId, summary, description, parameters } = operation;
  return html`<section class="operation" id="${operationId}">
<h3><a class="anchor" href="#${operationId}">${summary}</a></h3>
<p class="call"><span class="method ${method.toLowerCase()}">${method}</span> <code>${pathMarkup(path)}</code></p>
<p class="quiet">Needs the scope <code>${operation['x-required-scope']}</code></p>
${prose(description)}${parameters.length === 0 ? undefined : html`<h4>Parameters</h4>\n${fieldTable(parameters)}`}${requestBody(operation, document)}<h4>Try it</h4>
${curls(placed)}${answerList(operation, document)}</section>
`;
}

function webhookSection(event: string, operation: ReadableOperation, { components }: ReadableDocument): Markup {
  const content = operation.requestBody?.content['application/json'];
  const name = nameIn(content?.schema.$ref ?? '');
  return html`<section class="operation" id="webhook-${event}">
<h3><a class="anchor" href="#webhook-${event}"><code>${event}</code></a></h3>
<p>${inline(operation.summary)}</p>
${fieldTable(fieldsOf(components.schemas[name] ?? {}), 'always')}<details><summary>Example of the payload</summary>
${asJson(content?.example)}</details>
</section>
`;
}

function schemaSections({ components }: ReadableDocument): Content {
  return Object.entries(components.schemas).map(([name, schema]) => {
    const fields = fieldsOf(schema);
    return html`<details class="schema" id="schema-${name}"><summary><code>${name}</code></summary>
${schema.description === undefined ? undefined : prose(schema.description)}${fields.length === 0 ? html`<p>${wordsFor(schema)}</p>` : fieldTable(fields)}</details>
`;
  });
}

function navigation(document: ReadableDocument): Markup {
  const placed = operationsOf(document);
  const group = (tag: string) => html`<li><strong>${tag}</strong><ul>
${placed
  .filter(({ operation }) => operation.tags.includes(tag))
  .map(
    ({ method, operation: { operationId, summary } }) =>
      html`<li><a href="#${operationId}"><span class="method ${method.toLowerCase()}">${method}</span> ${summary}</a></li>\n`,
  )}</ul></li>
`;
  const tags = document.tags.map(({ name }) => name).filter((tag) => tag !== 'Webhooks');
  return html`<ul>
<li><a href="#start">Start here</a></li>
${tags.map(group)}<li><a href="#webhooks">Webhooks</a></li>
<li><a href="#steering">Steer the sandbox</a></li>
<li><a href="#schemas">Schemas</a></li>
</ul>
`;
}

function tagSections(document: ReadableDocument): Content {
  const placed = operationsOf(document);
  return document.tags
    .map(({ name, description }) => ({
      description,
      name,
      own: placed.filter(({ operation }) => operation.tags.includes(name)),
    }))
    .filter(({ own }) => own.length > 0)
    .map(
      ({ name, description, own }) => html`<h2>${name}</h2>
${prose(description)}${own.map((one) => operationSection(one, document))}`,
    );
}

function start(document: ReadableDocument, origin: string): Markup {
  const { info, servers, components } = document;
  return html`<h1 id="start">${info.title}</h1>
${prose(info.description)}
<pre class="shell"><code>export SKIPUP_BASE_URL=${origin}${servers[0].url}
export SKIPUP_API_KEY=sk_…   # kickoff sandbox shows it when it starts</code></pre>
${prose(components.securitySchemes.apiKey.description)}<p>The same for programs, in OpenAPI ${document.openapi}: <a href="/openapi.json">/openapi.json</a>.</p>
`;
}

function webhooks(document: ReadableDocument): Markup {
  const { webhooks: all, tags } = document;
  const headers = Object.values(all)[0]?.post.parameters ?? [];
  return html`<h2 id="webhooks">Webhooks</h2>
${prose(tags.find(({ name }) => name === 'Webhooks')?.description ?? '')}<p>Each is a POST of JSON with these headers:</p>
${fieldTable(headers, 'always')}<p>Any answer of 2xx within 10 seconds is taken for a success. Everything else is tried again, up to eight times in all: after about 3 s, 18 s, 83 s, 4 min, 10 min, 22 min and 40 min.</p>
${Object.entries(all).map(([event, { post }]) => webhookSection(event, post, document))}`;
}

/**
 * The contract as a page: one file, without scripts, that a phone can show and a shell can use.
 *
 * @param document the OpenAPI document
 * @param origin where the sandbox was called, without a slash at the end
 */
export function contractPage(document: unknown, origin: string): string {
  const shown = readable(document);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${shown.info.title}</title>
<style>${new Markup(STYLESHEET)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<nav class="wide" aria-label="Contents">
${navigation(shown)}</nav>
<main id="content">
<details class="narrow"><summary>Contents</summary>
<nav aria-label="Contents">
${navigation(shown)}</nav></details>
${start(shown, origin)}${tagSections(shown)}${webhooks(shown)}${steering(origin)}<h2 id="schemas">Schemas</h2>
${schemaSections(shown)}</main>
</body>
</html>
`.text;
}
