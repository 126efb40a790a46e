import { ANSWER } from './answers.js';
import { ERROR_ANSWERS } from './errors.js';
import type { OpenApiFragment, OpenApiOperation } from './types.js';

/**
 * What an OpenAPI document has of the endpoint: its one operation, and the security scheme `basic` that
 * the operation names. It is valid in OpenAPI 3.0 and 3.1. A host that uses `@nestjs/swagger` finds the
 * same operation in its document without this.
 *
 * @example
 * const { paths, components } = introspectionOpenApi({ path: '/api/introspect' });
 */
export function introspectionOpenApi({
  path = '/introspect',
}: {
  /** Where the endpoint is, with all prefixes. Default: `/introspect`. */
  path?: string;
} = {}): OpenApiFragment {
  const names = namesIn(path);
  return {
    paths: { [`/${names.join('/')}`]: { post: operationAt(path) } },
    components: {
      securitySchemes: {
        basic: {
          type: 'http',
          scheme: 'basic',
          description: 'The id and the secret of a client, each form-encoded (RFC 6749 §2.3.1).',
        },
      },
    },
  };
}

/** The operation of the endpoint at this path. Its id differs from those of endpoints at other paths. */
export function operationAt(path: string): OpenApiOperation {
  return {
    operationId: namesIn(path).join('_').replaceAll(/\W/g, '_'),
    summary: 'Introspect a token',
    description: 'Tells whether a token is active at this moment, and what it means (RFC 7662).',
    security: [{ basic: [] }],
    requestBody: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': {
          schema: {
            type: 'object',
            required: ['token'],
            properties: {
              token: {
                type: 'string',
                minLength: 1,
                description: 'The token, exactly as it was presented.',
                example: '2YotnFZFEjr1zCsicMWpAA',
              },
              token_type_hint: {
                type: 'string',
                description:
                  'Which kind of token to look for first: `access_token` (opaque tokens), `pct` (JSON Web ' +
                  'Tokens), or the hint of another strategy of the server.',
                example: 'access_token',
              },
            },
          },
        },
      },
    },
    // Copies, because a host may change its document.
    responses: structuredClone({ '200': ANSWER, ...ERROR_ANSWERS }),
  };
}

function namesIn(path: string): string[] {
  return path.split('/').filter(Boolean);
}
