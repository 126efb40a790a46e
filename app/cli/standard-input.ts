import { text } from 'node:stream/consumers';

/** A value that must not stand in the list of processes can be given as `-`: it is then read from stdin. */
export async function givenOrRead(value: string): Promise<string> {
  return value === '-' ? (await text(process.stdin)).replace(/\r?\n$/, '') : value;
}

/** The same for a token, which has no spaces at its ends. */
export async function tokenFrom(value: string): Promise<string> {
  const token = await givenOrRead(value);
  return value === '-' ? token.trim() : token;
}
