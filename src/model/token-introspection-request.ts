import { IsNotEmpty, IsOptional, IsString } from 'class-validator';

/** What a protected resource asks (RFC 7662 §2.1). */
export class TokenIntrospectionRequest {
  /** The token, exactly as it was presented. */
  @IsString()
  @IsNotEmpty({ message: 'The parameter token is missing.' })
  token: string;

  /** The hint of the strategy that should look the token up first. Default: none. */
  @IsOptional()
  @IsString()
  token_type_hint?: string;
}
