import { Injectable } from '@nestjs/common';
import type { PipeTransform } from '@nestjs/common';
import { IsNotEmpty, IsOptional, IsString, validateSync } from 'class-validator';
import { InvalidRequestError } from '../errors/oauth-error.js';
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
  Promise<FormParameters>,
  Promise<TokenIntrospectionRequest>
> {
  async transform(
    form: FormParameters | Promise<FormParameters>,
  ): Promise<TokenIntrospectionRequest> {
    const parameters = await form;
    const request = new TokenIntrospectionRequest();
    request.token = parameters.single('token') ?? '';
    const hint = parameters.single('token_type_hint');
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
