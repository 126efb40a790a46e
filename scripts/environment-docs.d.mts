/** The files that are made from the description of the server's variables, by their paths below the root. */
export function environmentDocs(description: object): Promise<Record<string, string>>;
