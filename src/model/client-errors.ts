/** There is a client with this id already. */
export class ClientExistsError extends Error {
  constructor(readonly clientId: string) {
    super(`There is a client "${clientId}" already.`);
  }
}

/** There is no client with this id. */
export class ClientNotFoundError extends Error {
  constructor(readonly clientId: string) {
    super(`There is no client "${clientId}".`);
  }
}
