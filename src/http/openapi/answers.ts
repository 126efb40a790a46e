import type { ActiveResponse, InactiveResponse } from '../../decision/introspection-response.js';
import type { StandardMember } from '../../model/standard-members.js';
import type { OpenApiResponse, OpenApiSchema } from './types.js';

const time = (description: string): OpenApiSchema => ({
  type: 'integer',
  description: `${description}, in seconds since the epoch.`,
});
const text = (description: string): OpenApiSchema => ({ type: 'string', description });
const object = (description: string): OpenApiSchema => ({ type: 'object', description });

const STANDARD: Record<StandardMember, OpenApiSchema> = {
  client_id: text('The client that the token was issued to.'),
  username: text('A name of the resource owner for people to read.'),
  scope: { ...text('The scopes, with a space between two.'), minLength: 1 },
  sub: text('The subject of the token.'),
  aud: {
    type: 'array',
    description: 'The audiences of the token.',
    items: { type: 'string' },
    minItems: 1,
  },
  iss: text('The issuer of the token.'),
  exp: time('When the token expires'),
  iat: time('When the token was issued'),
  nbf: time('From when on the token is valid'),
  jti: text('The identifier of the token.'),
  cnf: object('How the presenter proves to be the holder of the token (RFC 7800).'),
  extended_claims: object('Further claims of the issuer; empty when there are none.'),
};

const ACTIVE: OpenApiSchema = {
  type: 'object',
  description: 'An active token. Members that are not known are absent; none is null.',
  required: ['active', 'token_type', 'extended_claims'],
  properties: {
    active: { type: 'boolean', enum: [true] },
    ...STANDARD,
    token_type: {
      type: 'string',
      enum: ['Bearer', 'DPoP'],
      description: '`DPoP` when the token is bound to a DPoP key (RFC 9449).',
    },
    auth_time: time('When the user was authenticated'),
    act: { description: 'Who acts for the subject (RFC 8693 §4.1).' },
    acr: { description: 'How well the user was authenticated (RFC 9470 §6.2).' },
    authorization_details: { description: 'What the token permits (RFC 9396 §9.2).' },
  },
  // The extension members of the token.
  additionalProperties: true,
};

const INACTIVE: OpenApiSchema = {
  type: 'object',
  description: 'A token that is not active, for whatever cause.',
  required: ['active'],
  properties: { active: { type: 'boolean', enum: [false] } },
  additionalProperties: false,
};

const ACTIVE_EXAMPLE: ActiveResponse = {
  active: true,
  client_id: 'l238j323ds-23ij4',
  username: 'jdoe',
  scope: 'read write dolphin',
  sub: 'Z5O3upPC88QrAjx00dis',
  aud: ['https://protected.example.net/resource'],
  iss: 'https://server.example.com/',
  exp: 1419356238,
  iat: 1419350238,
  token_type: 'Bearer',
  extension_field: 'twenty-seven',
  extended_claims: {},
};
const INACTIVE_EXAMPLE: InactiveResponse = { active: false };

/** The answers to an introspection (RFC 7662 §2.2). */
export const ANSWER: OpenApiResponse = {
  description: 'What the token means, or that it is not active.',
  content: {
    'application/json': {
      schema: { oneOf: [ACTIVE, INACTIVE] },
      examples: {
        active: { summary: 'An active token', value: ACTIVE_EXAMPLE },
        inactive: {
          summary:
            'Unknown, expired, not yet valid, revoked, malformed, badly signed, or not for this caller',
          value: INACTIVE_EXAMPLE,
        },
      },
    },
  },
};
