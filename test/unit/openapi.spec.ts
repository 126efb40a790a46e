import type { OpenAPIObject } from '@nestjs/swagger';
import { describe, expect, it } from 'vitest';
import { introspectionOpenApi } from '../../src/index.js';
import { STANDARD_MEMBERS } from '../../src/model/standard-members.js';
import { AnswerValidator, expectValidDocument } from '../support/openapi.js';

const info = { title: 'A host', version: '1' };

describe('introspectionOpenApi()', () => {
  it.each(['3.0.3', '3.1.0'])('is valid in OpenAPI %s', async (openapi) => {
    await expectValidDocument({ openapi, info, ...introspectionOpenApi() });
  });

  it.each([
    [undefined, '/introspect', 'introspect'],
    ['/introspect', '/introspect', 'introspect'],
    ['introspect', '/introspect', 'introspect'],
    ['/api/v1/introspect/', '/api/v1/introspect', 'api_v1_introspect'],
    ['/oauth-2/token.introspect', '/oauth-2/token.introspect', 'oauth_2_token_introspect'],
  ])('for the path %s describes POST at %s, named %s', (path, at, operationId) => {
    const { paths } = introspectionOpenApi(path === undefined ? {} : { path });
    expect(Object.keys(paths)).toEqual([at]);
    expect(Object.keys(paths[at]!)).toEqual(['post']);
    expect(paths[at]!.post.operationId).toBe(operationId);
  });

  it('has examples that its own schemas allow', () => {
    new AnswerValidator(operation().responses).expectSoundExamples();
  });

  it('describes every standard member of an active answer', () => {
    const [active] = operation().responses['200']!.content['application/json'].schema.oneOf!;
    expect(Object.keys(active!.properties!)).toEqual(
      expect.arrayContaining(['active', 'token_type', ...Object.keys(STANDARD_MEMBERS)]),
    );
  });

  it('is a copy that the host may change', () => {
    delete operation().responses['200'];
    operation().responses['401']!.content['application/json'].examples = {};
    operation().requestBody.content['application/x-www-form-urlencoded'].schema = {};
    expect(Object.keys(operation().responses)).toContain('200');
    expect(operation().responses['401']!.content['application/json'].examples).not.toEqual({});
    const form = operation().requestBody.content['application/x-www-form-urlencoded'];
    expect(form.schema.required).toEqual(['token']);
  });

  it('fits the types of a document of @nestjs/swagger', () => {
    const document: OpenAPIObject = { openapi: '3.1.0', info, ...introspectionOpenApi() };
    expect(document.paths['/introspect']?.post?.security).toEqual([{ basic: [] }]);
  });
});

function operation() {
  return introspectionOpenApi().paths['/introspect']!.post;
}
