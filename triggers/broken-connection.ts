import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { errorBody, TriggerError } from './errors.ts';

/**
 * Answers what never became a request: one that came too slowly, or that is not HTTP. Node hands over the bare socket.
 *
 * @param onRefused told of what was answered
 */
export function answerBrokenConnection(
  error: NodeJS.ErrnoException,
  socket: Socket,
  onRefused: (error: TriggerError) => void,
): void {
  // A reset connection has nobody left to answer.
  if (error.code === 'ECONNRESET' || socket.destroyed) {
    return;
  }
  const refused = meaningOf(error);
  onRefused(refused);
  if (socket.writable) {
    const body = JSON.stringify(errorBody(refused));
    const head = [
      `HTTP/1.1 ${refused.status} ${STATUS_CODES[refused.status] ?? 'Error'}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroySoon();
}

function meaningOf(error: NodeJS.ErrnoException): TriggerError {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new TriggerError('request_timeout', 'The request did not arrive in time. Send head and body at once.');
  }
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    return new TriggerError('headers_too_large', 'The headers of this request are too large.');
  }
  return new TriggerError('malformed_request', 'This is not an HTTP/1.1 request.', { cause: error });
}
