import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { skipupErrorBody } from '../http/error-bodies.ts';

/** What Node's own reader of HTTP complains about, before there is any request that a route could answer. */
const ANSWERS: Readonly<Record<string, { status: number; message: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, message: 'The URL and the headers are longer than 16 KB together.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The request took too long to come.' },
};
const MALFORMED = { status: 400, message: 'This is not HTTP/1.1.' };

/** Answers what is no request at all in SkipUp's words, and hangs up. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, message } = ANSWERS[error.code ?? ''] ?? MALFORMED;
  const body = JSON.stringify(skipupErrorBody('invalid_request', message));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
