import { text } from 'node:stream/consumers';
import type { Command } from 'commander';

/** A value that must not stand in the list of processes can be given as `-`: it is then read from stdin. */
export async function givenOrRead(value: string): Promise<string> {
  return value === '-' ? (await text(process.stdin)).replace(/\r?\n$/, '') : value;
}

/**
 * The token that a command is about. `-h` asks for help, as everywhere; these commands have no short options,
 * because Commander would take a token that starts with a dash for some.
 */
export async function tokenFrom(value: string, command: Command): Promise<string> {
  if (value === '-h') command.help();
  const token = await givenOrRead(value);
  return value === '-' ? token.trim() : token;
}
