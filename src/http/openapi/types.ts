/** The parts of OpenAPI that describe the endpoint; they mean the same in OpenAPI 3.0 and 3.1. */
export interface OpenApiSchema {
  type?: 'array' | 'boolean' | 'integer' | 'object' | 'string';
  description?: string;
  enum?: (boolean | string)[];
  example?: string;
  minLength?: number;
  minItems?: number;
  items?: OpenApiSchema;
  properties?: Record<string, OpenApiSchema>;
  required?: string[];
  additionalProperties?: boolean;
  oneOf?: OpenApiSchema[];
}

export interface OpenApiResponse {
  description: string;
  headers?: Record<string, { description: string; schema: OpenApiSchema }>;
  content: {
    'application/json': {
      schema: OpenApiSchema;
      examples: Record<string, { summary: string; value: object }>;
    };
  };
}

/** An operation with a form for its body. */
export interface OpenApiOperation {
  operationId: string;
  summary: string;
  description: string;
  security: Record<string, string[]>[];
  requestBody: {
    required: true;
    content: { 'application/x-www-form-urlencoded': { schema: OpenApiSchema } };
  };
  /** By status. */
  responses: Record<string, OpenApiResponse>;
}

/** What an OpenAPI document of an application has of the endpoint. */
export interface OpenApiFragment {
  paths: Record<string, { post: OpenApiOperation }>;
  components: {
    securitySchemes: { basic: { type: 'http'; scheme: 'basic'; description: string } };
  };
}
