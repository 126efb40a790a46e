import { Injectable } from '@nestjs/common';
import * as oauth from 'oauth4webapi';

/** What this API knows of the authorization server: its introspection endpoint, and how to ask. */
@Injectable()
export class AuthorizationServer {
  readonly #server: oauth.AuthorizationServer = {
    issuer: required('ISSUER'),
    introspection_endpoint: required('INTROSPECTION_ENDPOINT'),
  };
  readonly #client: oauth.Client = { client_id: required('CLIENT_ID') };
  readonly #authentication = oauth.ClientSecretBasic(required('CLIENT_SECRET'));
  readonly #audience = required('AUDIENCE');

  /** What the token means, or nothing when it is not a live token for this API. */
  async introspect(token: string): Promise<oauth.IntrospectionResponse | undefined> {
    const response = await oauth.introspectionRequest(
      this.#server,
      this.#client,
      this.#authentication,
      token,
      {
        // The stack's private network has no TLS.
        [oauth.allowInsecureRequests]: true,
        additionalParameters: { token_type_hint: 'access_token' },
        signal: AbortSignal.timeout(5000),
      },
    );
    const answer = await oauth.processIntrospectionResponse(this.#server, this.#client, response);
    return answer.active && [answer.aud].flat().includes(this.#audience) ? answer : undefined;
  }
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set.`);
  return value;
}
