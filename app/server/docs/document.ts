import { introspectionOpenApi } from '../../../src/http/openapi/fragment.js';

const STATUS = { type: 'string', enum: ['ok'] };

/** The OpenAPI document of what the server serves. @param path the endpoint's */
export function serverDocument(path: string) {
  const { paths, components } = introspectionOpenApi({ path });
  const [[at, { post }]] = Object.entries(paths) as [[string, (typeof paths)[string]]];
  return {
    openapi: '3.1.0',
    info: {
      title: 'Token introspection',
      version: '1',
      description: 'OAuth 2.0 Token Introspection (RFC 7662).',
    },
    // Relative to this document, so that it holds behind a proxy that puts a prefix before all paths.
    servers: [{ url: '.' }],
    paths: {
      [at]: { post: { ...post, tags: ['introspection'] } },
      '/health/live': { get: LIVE },
      '/health/ready': { get: READY },
    },
    components,
  };
}

const LIVE = {
  operationId: 'live',
  summary: 'Whether the process runs',
  tags: ['health'],
  responses: {
    '200': answer('It does.', { status: STATUS }),
  },
};

const READY = {
  operationId: 'ready',
  summary: 'Whether the server can answer introspections',
  tags: ['health'],
  responses: {
    '200': answer('It can.', { status: STATUS }),
    '503': answer('It cannot.', {
      status: { type: 'string', enum: ['unavailable'] },
      reason: { type: 'string', description: 'What is wrong with the database.' },
    }),
  },
};

function answer(description: string, properties: Record<string, object>) {
  const schema = {
    type: 'object',
    required: Object.keys(properties),
    properties,
    additionalProperties: false,
  };
  return { description, content: { 'application/json': { schema } } };
}
