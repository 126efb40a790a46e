import { Injectable } from '@nestjs/common';
import type { PipeTransform } from '@nestjs/common';
import { IsNotEmpty, IsOptional, IsString, validateSync } from 'class-validator';
import { InvalidRequestError } from './oauth-error.js';
import type { FormParameters } from '../http/form-parameters.js';

/** What a protected resource asks (RFC 7662 §2.1). */
export class TokenIntrospectionRequest {
  /** The token, exactly as it was presented. */
  @IsString()
  @IsNotEmpty({ message: 'The parameter token is missing.' })
  token: string;

  /** Which strategy should look first. Default: none. */
  @IsOptional()
  @IsString()
  token_type_hint?: string;
}

/** Makes the request out of the form. @throws InvalidRequestError that names the parameter. */
@Injectable()
export class TokenIntrospectionRequestPipe implements PipeTransform<
  FormParameters,
  TokenIntrospectionRequest
> {
  transform(form: FormParameters): TokenIntrospectionRequest {
    const request = new TokenIntrospectionRequest();
    request.token = form.single('token') ?? '';
    const hint = form.single('token_type_hint');
    if (hint !== undefined) request.token_type_hint = hint;
    return validated(request);
  }
}

function validated(request: TokenIntrospectionRequest): TokenIntrospectionRequest {
  const [fault] = validateSync(request, { forbidUnknownValues: true });
  if (fault) {
    throw new InvalidRequestError(Object.values(fault.constraints ?? {})[0] ?? 'Invalid request.');
  }
  return request;
}
