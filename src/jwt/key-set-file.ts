import { readFileSync } from 'node:fs';
import { stat, readFile } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import type { JSONWebKeySet } from 'jose';
import { localKeySet } from './key-set.js';
import type { KeyHeader, KeySet } from '../model/key-source.js';

/** The least time between two checks whether the file has changed, in milliseconds. */
const FILE_CHECK_INTERVAL_MS = 1000;

/** The keys in a file, read at start and again when the file has changed. */
export class KeySetFile implements KeySet {
  readonly #logger = new Logger(KeySetFile.name);
  #keys: KeySet;
  #modifiedAtMs = 0;
  #checkedAtMs = Date.now();
  #readAtMs = this.#checkedAtMs;

  /** @throws Error that names the file, when it cannot be read or has no JWK Set in it. */
  constructor(private readonly file: string) {
    try {
      this.#keys = parse(readFileSync(file, 'utf8'));
    } catch (error) {
      throw new Error(`The JWK Set file ${file} cannot be used: ${reason(error)}.`, {
        cause: error,
      });
    }
  }

  get readAt(): number {
    return this.#readAtMs;
  }

  find(header: KeyHeader): ReturnType<KeySet['find']> {
    if (Date.now() - this.#checkedAtMs < FILE_CHECK_INTERVAL_MS) return this.#keys.find(header);
    return this.readIfChanged().then(() => this.#keys.find(header));
  }

  /** When the changed file cannot be read or has no JWK Set, the keys from before stay in use. */
  private async readIfChanged(): Promise<void> {
    this.#checkedAtMs = Date.now();
    try {
      const { mtimeMs } = await stat(this.file);
      if (mtimeMs === this.#modifiedAtMs) return;
      this.#keys = parse(await readFile(this.file, 'utf8'));
      this.#modifiedAtMs = mtimeMs;
      this.#readAtMs = Date.now();
    } catch (error) {
      this.#logger.warn(`The JWK Set file ${this.file} was not read again: ${reason(error)}.`);
    }
  }
}

function parse(text: string): KeySet {
  let jwks: JSONWebKeySet;
  try {
    jwks = JSON.parse(text) as JSONWebKeySet;
  } catch {
    // V8's message quotes the text, which may be a private key.
    throw new Error('it is not JSON');
  }
  return localKeySet(jwks);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
