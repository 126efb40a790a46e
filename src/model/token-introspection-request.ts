import { IsNotEmpty, IsOptional, IsString } from 'class-validator';

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
