import { AUTHORIZATION, CLIENT } from '../fixtures.mjs';

/** A resource server whose secret somebody chose; that of the usual one is generated. */
export const CHOSEN = {
  id: 'bench-chosen-resource-server',
  secret: 'correct horse battery staple',
};

export function basic(id, secret) {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

/** What correct callers send. */
export const AUTHORIZATIONS = {
  generated: AUTHORIZATION,
  chosen: basic(CHOSEN.id, CHOSEN.secret),
};

/** The same with one wrong letter. */
export const WRONG = {
  generated: basic(CLIENT.id, `${CLIENT.secret.slice(0, -1)}_`),
  chosen: basic(CHOSEN.id, `${CHOSEN.secret.slice(0, -1)}_`),
};
