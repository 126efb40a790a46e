// The floor: the least that an answer from the state of this moment costs in one Node process. It
// does what the endpoint must do for an opaque token, with one object and one callback for each
// request, and nothing of what a product needs besides: no limits, events, metrics, deadlines or
// request ids of others. MODE=fastify is a route of Fastify, MODE=raw the same on node:http.
import { hash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { settle } from './floor-decision.mjs';
import { batchedReads } from './floor-reads.mjs';
import { listen } from './listen.mjs';

const { DATABASE_URL, ISSUER, MODE } = process.env;

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;
const FORM = /^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i;
const ALWAYS = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-store',
  Pragma: 'no-cache',
};
const LISTED = Object.entries(ALWAYS).flat();

const read = batchedReads(DATABASE_URL, (questions, rows) => settle(questions, rows, ISSUER));

listen(MODE === 'raw' ? createServer(onNode) : await onFastify());

/** @param {(status: number, json: string) => void} answer is called once, whatever comes of it */
function introspect(headers, body, answer) {
  const credentials = credentialsOf(headers.authorization);
  if (!credentials) return answer(401, '{"error":"invalid_client"}');
  const token = FORM.test(headers['content-type'])
    ? new URLSearchParams(body.toString('latin1')).get('token')
    : undefined;
  if (!token) return answer(400, '{"error":"invalid_request"}');
  const [clientId, secret] = credentials;
  const digest = hash('sha256', token, 'buffer');
  read({ clientId, secret, digest, key: digest.toString('hex'), answer });
}

/** @returns the client's id and its secret */
function credentialsOf(authorization = '') {
  const [, base64] = BASIC.exec(authorization) ?? [];
  if (base64 === undefined) return undefined;
  const pair = Buffer.from(base64, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 1 ? undefined : [pair.slice(0, colon), pair.slice(colon + 1)].map(formDecoded);
}

function formDecoded(text) {
  return /[%+]/.test(text) ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
}

function onNode(request, response) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    introspect(request.headers, body, (status, json) => {
      const length = String(Buffer.byteLength(json));
      // As a list, headers go out as they are.
      response.writeHead(status, [
        ...LISTED,
        'X-Request-Id',
        randomUUID(),
        'Content-Length',
        length,
      ]);
      response.end(json);
    });
  });
}

async function onFastify() {
  const { default: fastify } = await import('fastify');
  const app = fastify({ logger: false });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/introspect', ({ raw, body }, reply) =>
    introspect(raw.headers, body, (status, json) => {
      reply.code(status).headers(ALWAYS).header('X-Request-Id', randomUUID());
      reply.serializer(asItIs).send(json);
    }),
  );
  await app.ready();
  return app.server;
}

function asItIs(json) {
  return json;
}
