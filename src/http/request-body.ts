import type { IncomingMessage } from 'node:http';
import { PayloadTooLargeError, TemporarilyUnavailableError } from '../model/oauth-error.js';
import type { OAuthError } from '../model/oauth-error.js';

/** What became of a request's body: its bytes, or the error that reading it met. */
export type Body = Buffer | OAuthError;

const EMPTY = Buffer.alloc(0);

/**
 * Reads a request's body, up to `limitBytes`. It never fails: what is wrong with the body is said
 * after the caller is authenticated.
 * @param done called once with what became of it
 */
export function readBody(
  request: IncomingMessage,
  limitBytes: number,
  done: (body: Body) => void,
): void {
  let chunks: Buffer | Buffer[] | undefined;
  let size = 0;
  let pieces = 0;
  let isDone = false;

  // Only the first outcome counts.
  const finish = (body: Body) => {
    if (isDone) return;
    isDone = true;
    done(body);
  };
  const onData = (chunk: Buffer) => {
    size += chunk.length;
    if (size > limitBytes || isShredded(++pieces, size)) {
      request.removeListener('data', onData);
      finish(new PayloadTooLargeError());
    }
    // Nearly every body comes in one piece.
    else if (chunks === undefined) chunks = chunk;
    else if (Array.isArray(chunks)) chunks.push(chunk);
    else chunks = [chunks, chunk];
  };

  const announced = request.headers['content-length'];
  if (announced !== undefined && Number(announced) > limitBytes) {
    return finish(new PayloadTooLargeError());
  }
  request.on('data', onData);
  request.on('end', () =>
    finish(Array.isArray(chunks) ? Buffer.concat(chunks) : (chunks ?? EMPTY)),
  );
  request.on('close', () => {
    // An error is dear to make, and nearly always too late here.
    if (!isDone) finish(new TemporarilyUnavailableError('the client went away'));
  });
}

/**
 * Whether a body comes in so many tiny pieces that they cost far more than its bytes: 64 kB in chunks
 * of one byte take some 10 MB of memory, and any stranger can send them.
 */
function isShredded(pieces: number, size: number): boolean {
  return pieces > 1024 && size < pieces * 64;
}

/**
 * The body of a request that reached the endpoint by a way on which we had not read it yet.
 * @param done called once with what became of it
 */
export function readLateBody(
  request: IncomingMessage & { readonly rawBody?: unknown },
  limitBytes: number,
  done: (body: Body) => void,
): void {
  if (Buffer.isBuffer(request.rawBody)) return done(request.rawBody);
  if (!request.readableDidRead) return readBody(request, limitBytes, done);
  done(
    new TemporarilyUnavailableError(
      'Another body parser consumed the request body first: register it after Nest has made the ' +
        'application, or let it keep the bytes in request.rawBody.',
    ),
  );
}

const PLAIN_FORM = 'application/x-www-form-urlencoded';
const FORM_TYPE = /^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i;

/** Whether a body of this length is sent as a form, in no coding that would have to be undone. */
export function isForm(headers: IncomingMessage['headers'], length: number): boolean {
  const type = headers['content-type'];
  // Without content there is no media type to name: such a request merely lacks its parameters.
  if (type === undefined) return length === 0;
  const coding = headers['content-encoding'];
  return (
    (type === PLAIN_FORM || FORM_TYPE.test(type)) &&
    (coding === undefined || coding.toLowerCase() === 'identity') &&
    isNotCoded(headers['transfer-encoding'])
  );
}

/** Node undoes `chunked`, and leaves a coding before it to us (RFC 9112 §6.1). */
function isNotCoded(transferEncoding: string | undefined): boolean {
  return transferEncoding === undefined || transferEncoding.trim().toLowerCase() === 'chunked';
}
