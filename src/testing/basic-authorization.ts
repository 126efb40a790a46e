/**
 * The value of the header `Authorization` of a client (RFC 6749 §2.3.1).
 * @param client what `create` and `rotateSecret` of a client repository return
 */
export function basicAuthorization({
  clientId,
  clientSecret,
}: {
  clientId: string;
  clientSecret: string;
}): string {
  const credentials = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
