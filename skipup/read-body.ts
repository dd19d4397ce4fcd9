import type { Dispatcher } from 'undici';

/**
 * The body as text (UTF-8), read no further than a limit: an answer without end must not fill the memory.
 * @param limit - bytes
 * @returns undefined when the body is longer; the connection is then given up
 */
export async function readBody(body: Dispatcher.ResponseData['body'], limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    // Leaving the loop destroys the stream.
    if (size > limit) return undefined;
    chunks.push(bytes);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
