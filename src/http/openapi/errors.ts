import {
  InvalidClientError,
  InvalidRequestError,
  InvalidTokenError,
  PayloadTooLargeError,
  TemporarilyUnavailableError,
  TooManyHeadersError,
  TooManyRequestsError,
  UnauthorizedClientError,
  UnsupportedMediaTypeError,
  UnsupportedTokenTypeError,
} from '../../model/oauth-error.js';
import type { OAuthError } from '../../model/oauth-error.js';
import type { OpenApiResponse } from './types.js';

/** The errors of each status that POST can be answered with, and when that happens. */
const ERRORS: readonly [when: string, ...errors: OAuthError[]][] = [
  [
    'The token is missing, a parameter is there twice, or the hint is not supported.',
    new InvalidRequestError('The parameter token is missing.'),
    new UnsupportedTokenTypeError('This server supports no such token_type_hint.'),
    new InvalidTokenError(),
  ],
  ['The caller is not authenticated.', new InvalidClientError('introspection')],
  ['The caller is authenticated, but may not introspect.', new UnauthorizedClientError()],
  ['The body is over the limit.', new PayloadTooLargeError()],
  ['The body is not a form.', new UnsupportedMediaTypeError()],
  ['Too many attempts have failed. Try again later.', new TooManyRequestsError(60)],
  ['There are too many headers.', new TooManyHeadersError()],
  [
    'The server has failed. That says nothing about the token.',
    new TemporarilyUnavailableError(undefined),
  ],
];

/** The headers that a caller does something with. */
const HEADERS: NonNullable<OpenApiResponse['headers']> = {
  'WWW-Authenticate': {
    description: 'The challenge: HTTP Basic, and its realm.',
    schema: { type: 'string' },
  },
  'Retry-After': {
    description: 'After how many seconds to try again.',
    schema: { type: 'integer' },
  },
};

/** By status. */
export const ERROR_ANSWERS: Readonly<Record<string, OpenApiResponse>> = Object.fromEntries(
  ERRORS.map(([when, ...errors]) => [String(errors[0]!.status), answerWith(when, errors)]),
);

function answerWith(description: string, errors: readonly OAuthError[]): OpenApiResponse {
  const headers = Object.entries(HEADERS).filter(([name]) => name in errors[0]!.headers);
  return {
    description,
    headers: Object.fromEntries(headers),
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['error', 'error_description'],
          properties: {
            error: { type: 'string', enum: errors.map(({ code }) => code) },
            error_description: { type: 'string' },
          },
          additionalProperties: false,
        },
        examples: Object.fromEntries(
          errors.map(({ code, message }) => [
            code,
            { summary: code, value: { error: code, error_description: message } },
          ]),
        ),
      },
    },
  };
}
