import type { FastifyInstance } from 'fastify';
import { openApiDocument } from './document.ts';
import { contractPage, PAGE_POLICY } from './page.ts';

/** `/openapi.json`, and the same to be read by people at `/` and `/docs`. */
export async function contractRoutes(app: FastifyInstance): Promise<void> {
  let made: { document: ReturnType<typeof openApiDocument>; json: string } | undefined;
  // Made when it is first asked for: a sandbox that nobody reads about starts no slower for it.
  const contract = () => {
    if (made !== undefined) return made;
    const document = openApiDocument();
    made = { document, json: JSON.stringify(document) };
    return made;
  };

  app.get('/openapi.json', async (_request, reply) =>
    reply
      .type('application/json; charset=utf-8')
      // For editors and generators in a browser; there is no secret in it.
      .header('access-control-allow-origin', '*')
      .send(contract().json),
  );
  for (const path of ['/', '/docs']) {
    app.get(path, async (request, reply) => {
      const page = contractPage(contract().document, `${request.protocol}://${request.host}`);
      return reply
        .type('text/html; charset=utf-8')
        .headers({
          'content-security-policy': PAGE_POLICY,
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cache-control': 'no-cache',
        })
        .send(page);
    });
  }
}
