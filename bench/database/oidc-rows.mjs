import { CLIENT, TOKEN_DIGITS, TOKEN_PREFIX } from '../fixtures.mjs';
import { GRANTS, accessTokenOf, clientMetadata, grantOf } from '../targets/oidc-payloads.mjs';

/** The same tokens, client and grants as oidc-provider stores them. */
export async function insertPayloads(client, tokens) {
  await client.query(`
    CREATE TABLE oidc_payload (
      model text, id text, payload jsonb NOT NULL, PRIMARY KEY (model, id)
    )`);
  const put = (model, id, payload) =>
    client.query('INSERT INTO oidc_payload VALUES ($1, $2, $3)', [model, id, payload]);
  await put('Client', CLIENT.id, clientMetadata());
  for (let account = 0; account < GRANTS; account++)
    await put('Grant', `grant-${account}`, grantOf(account));
  await client.query(
    `INSERT INTO oidc_payload
     SELECT 'AccessToken', t.id,
            $1::jsonb || jsonb_build_object('jti', t.id, 'grantId', 'grant-' || t.account,
                                            'accountId', 'user-' || lpad(t.account::text, 8, '0'))
     FROM (
       SELECT i % ${GRANTS} AS account, '${TOKEN_PREFIX}' || lpad(i::text, ${TOKEN_DIGITS}, '0') AS id
       FROM generate_series(0, $2::bigint - 1) AS i
     ) AS t`,
    [accessTokenOf(0), tokens],
  );
}
