import { operationAt } from './fragment.js';

// What the decorators of @nestjs/swagger write and its scanner reads, by these names in all its versions.
// They are written here without it, because most hosts do not have it.
const OPERATION = 'swagger/apiOperation';
const EXCLUDED = 'swagger/apiExcludeEndpoint';

/** Describes the endpoint in the host's OpenAPI document. What the host's own `@ApiOperation` says goes first. */
export function documented(path: string): MethodDecorator {
  return (_prototype, _name, { value }) => {
    const handler = value as object;
    const hosts = Reflect.getMetadata(OPERATION, handler) as object | undefined;
    Reflect.defineMetadata(OPERATION, { ...operationAt(path), ...hosts }, handler);
  };
}

/** Leaves a route out of the host's OpenAPI document. */
export const undocumented: MethodDecorator = (_prototype, _name, { value }) => {
  Reflect.defineMetadata(EXCLUDED, { disable: true }, value as object);
};
