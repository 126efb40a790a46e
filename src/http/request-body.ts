import type { IncomingMessage } from 'node:http';
import {
  OAuthError,
  PayloadTooLargeError,
  TemporarilyUnavailableError,
  UnsupportedMediaTypeError,
} from '../model/oauth-error.js';
import { FormParameters } from './form-parameters.js';

/** What became of a request's body: its bytes, or the error that reading it met. */
type Body = Buffer | OAuthError;

const BODY = Symbol('introspection request body');
const FORM = Symbol('introspection form');
type ReadRequest = IncomingMessage & { [BODY]?: Body; [FORM]?: FormParameters; rawBody?: unknown };

/**
 * Reads a request's body once, up to `limit` bytes, and keeps it on the request. It never fails:
 * what is wrong with the body is said by {@link formOf}, after the caller is authenticated.
 */
export function readBody(request: IncomingMessage, limit: number, done: () => void): void {
  const target = request as ReadRequest;
  let chunks: Buffer | Buffer[] | undefined;
  let size = 0;
  let pieces = 0;

  // Whatever comes after the first outcome has no meaning any more.
  const finish = (body: Body) => {
    if (target[BODY] !== undefined) return;
    target[BODY] = body;
    done();
  };
  const onData = (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit || isShredded(++pieces, size)) {
      request.removeListener('data', onData);
      finish(new PayloadTooLargeError());
    }
    // Nearly every body comes in one piece.
    else if (chunks === undefined) chunks = chunk;
    else if (Array.isArray(chunks)) chunks.push(chunk);
    else chunks = [chunks, chunk];
  };

  if (Number(request.headers['content-length']) > limit) return finish(new PayloadTooLargeError());
  request.on('data', onData);
  request.on('end', () =>
    finish(Array.isArray(chunks) ? Buffer.concat(chunks) : (chunks ?? EMPTY)),
  );
  request.on('close', () => {
    // An error is dear to make, and nearly always too late here.
    if (target[BODY] === undefined) finish(new TemporarilyUnavailableError('the client went away'));
  });
}

const EMPTY = Buffer.alloc(0);

/**
 * Whether a body comes in so many tiny pieces that they cost far more than its bytes: 64 kB in chunks
 * of one byte are some 10 MB of memory, for anybody who asks.
 */
function isShredded(pieces: number, size: number): boolean {
  return pieces > 1024 && size < pieces * 64;
}

/** Whether the body was found to be too large to read, or too finely cut. */
export function bodyRefusal(request: IncomingMessage): PayloadTooLargeError | undefined {
  const body = (request as ReadRequest)[BODY];
  return body instanceof PayloadTooLargeError ? body : undefined;
}

/**
 * The form that the request carries: at once, where its body was read already.
 * @throws UnsupportedMediaTypeError when the body is not a form, PayloadTooLargeError over the limit.
 */
export function formOf(
  request: IncomingMessage,
  limit: number,
): FormParameters | Promise<FormParameters> {
  const { [BODY]: body, [FORM]: form } = request as ReadRequest;
  if (form) return form;
  if (body !== undefined) return parsed(request, body);
  return lateBody(request, limit).then((late) => parsed(request, late));
}

function parsed(request: ReadRequest, body: Body): FormParameters {
  if (body instanceof OAuthError) throw body;
  if (!isForm(request.headers, body.length)) throw new UnsupportedMediaTypeError();
  return (request[FORM] = FormParameters.parse(body));
}

/** The form, if it has been read and is one. */
export function formAtHand(request: IncomingMessage): FormParameters | undefined {
  const { [BODY]: body } = request as ReadRequest;
  if (body === undefined || body instanceof OAuthError) return undefined;
  return isForm(request.headers, body.length) ? (formOf(request, 0) as FormParameters) : undefined;
}

/** The body of a request that reached the endpoint by a way on which we had not read it yet. */
async function lateBody(request: ReadRequest, limit: number): Promise<Body> {
  if (Buffer.isBuffer(request.rawBody)) return request.rawBody;
  if (request.readableDidRead) {
    return new TemporarilyUnavailableError(
      'Another body parser consumed the request body first: register it after Nest has made the ' +
        'application, or let it keep the bytes in request.rawBody.',
    );
  }
  await new Promise<void>((resolve) => readBody(request, limit, resolve));
  return request[BODY] as Body;
}

const FORM_TYPE = /^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i;

function isForm(headers: IncomingMessage['headers'], length: number): boolean {
  const type = headers['content-type'];
  // Without content there is no media type to name: such a request merely lacks its parameters.
  if (type === undefined) return length === 0;
  const coding = headers['content-encoding'];
  return FORM_TYPE.test(type) && (coding === undefined || coding.toLowerCase() === 'identity');
}
