import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import { expect } from 'vitest';
import type { OpenApiResponse } from '../../src/index.js';
import type { Answer } from './http.js';

/** Holds a document against OpenAPI's own schema, and the ids of its operations and its security against each other. */
export async function expectValidDocument(document: object): Promise<void> {
  const plain = JSON.parse(JSON.stringify(document)) as Document;
  // The validator changes what it validates.
  expect(await new Validator().validate({ ...structuredClone(plain) })).toEqual({ valid: true });
  const operations = Object.values(plain.paths).flatMap((path) => Object.values(path));
  const ids = operations.map(({ operationId }) => operationId).filter((id) => id !== undefined);
  expect(new Set(ids).size, ids.join()).toBe(ids.length);
  const named = operations.flatMap(({ security = [] }) => security.flatMap(Object.keys));
  const known = Object.keys(plain.components?.securitySchemes ?? {});
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
}

interface Document {
  paths: Record<string, Record<string, { operationId?: string; security?: object[] }>>;
  components?: { securitySchemes?: object };
}

/** Holds answers against what a document says of their status. */
export class AnswerValidator {
  /** `strict`, so that a misspelt word in a schema is an error. */
  readonly #ajv = new Ajv({ strict: true, allErrors: true });
  readonly #validators: ReadonlyMap<string, ValidateFunction>;

  constructor(private readonly responses: Record<string, OpenApiResponse>) {
    this.#validators = new Map(
      Object.entries(responses).map(([status, { content }]) => [
        status,
        this.#ajv.compile(content['application/json'].schema),
      ]),
    );
  }

  expectDescribed({ status, headers, text, json }: Answer): void {
    const validate = this.#validators.get(String(status));
    expect(validate, `no answer ${status} is described`).toBeDefined();
    expect(validate!(json), `${status} ${text} ${this.#ajv.errorsText(validate!.errors)}`).toBe(
      true,
    );
    const described = Object.keys(this.responses[status]!.headers ?? {});
    const sent = ['WWW-Authenticate', 'Retry-After'].filter(
      (name) => name.toLowerCase() in headers,
    );
    expect(sent).toEqual(described);
  }

  /** Holds the examples of the document against its own schemas. */
  expectSoundExamples(): void {
    for (const [status, { content }] of Object.entries(this.responses)) {
      for (const { value } of Object.values(content['application/json'].examples)) {
        expect(this.#validators.get(status)!(value), JSON.stringify(value)).toBe(true);
      }
    }
  }
}
