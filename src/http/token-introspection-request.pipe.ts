import { Injectable } from '@nestjs/common';
import type { PipeTransform } from '@nestjs/common';
import { validateSync } from 'class-validator';
import { InvalidRequestError } from '../model/oauth-error.js';
import { TokenIntrospectionRequest } from '../model/token-introspection-request.js';
import type { FormParameters } from './form-parameters.js';

/** Makes the request out of the form. @throws InvalidRequestError that names the parameter. */
@Injectable()
export class TokenIntrospectionRequestPipe implements PipeTransform<
  FormParameters,
  TokenIntrospectionRequest
> {
  transform(form: FormParameters): TokenIntrospectionRequest {
    return requestFrom(form);
  }
}

/** The same for those who call no pipe. */
export function requestFrom(form: FormParameters): TokenIntrospectionRequest {
  const request = new TokenIntrospectionRequest();
  request.token = form.single('token') ?? '';
  const hint = form.single('token_type_hint');
  if (hint !== undefined) request.token_type_hint = hint;
  // With a token a form's request is right by construction; the validator says what is wrong with others.
  if (request.token === '') refuse(request);
  return request;
}

function refuse(request: TokenIntrospectionRequest): never {
  const [fault] = validateSync(request, { forbidUnknownValues: true });
  throw new InvalidRequestError(Object.values(fault?.constraints ?? {})[0] ?? 'Invalid request.');
}
