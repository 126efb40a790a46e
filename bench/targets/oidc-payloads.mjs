// What oidc-provider stores: a client, access tokens of the authorization code flow, their grants.
import {
  AUDIENCE,
  CLIENT,
  EXPIRES_AT,
  ISSUED_AT,
  SCOPE,
  subjectOf,
  tokenText,
} from '../fixtures.mjs';

/** The tokens share them, so that they are always at hand: that is to oidc-provider's favour. */
export const GRANTS = 1000;

export function clientMetadata() {
  return {
    client_id: CLIENT.id,
    client_secret: CLIENT.secret,
    grant_types: [],
    response_types: [],
    redirect_uris: [],
  };
}

export function accessTokenOf(number) {
  const account = number % GRANTS;
  return {
    kind: 'AccessToken',
    jti: tokenText(number),
    iat: ISSUED_AT,
    exp: EXPIRES_AT,
    accountId: subjectOf(account),
    clientId: CLIENT.id,
    grantId: `grant-${account}`,
    gty: 'authorization_code',
    aud: AUDIENCE,
    scope: SCOPE,
  };
}

export function grantOf(account) {
  return {
    kind: 'Grant',
    jti: `grant-${account}`,
    iat: ISSUED_AT,
    exp: EXPIRES_AT,
    accountId: subjectOf(account),
    clientId: CLIENT.id,
    resources: { [AUDIENCE]: SCOPE },
  };
}
