import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import type { JSONWebKeySet } from 'jose';
import { localKeySet } from './key-set.js';
import type { KeyHeader, KeySet } from '../model/key-source.js';

/** How often the file is read, in milliseconds. */
const READ_INTERVAL_MS = 1000;

/**
 * The keys in a file. The whole file is read again every second, because its times may stay the same when
 * it is replaced; and never for a request, which would wait behind other work of Node's thread pool.
 */
export class KeySetFile implements KeySet {
  readonly #logger = new Logger(KeySetFile.name);
  readonly #timer: NodeJS.Timeout;
  #keys: KeySet;
  /** Of the content that the keys come from, which can have private keys in it and is not kept. */
  #digest: string;
  #readAtMs = Date.now();
  #isReading = false;
  #fault: string | undefined;

  /** @throws Error that names the file, when it cannot be read or has no JWK Set in it. */
  constructor(private readonly file: string) {
    try {
      const content = readFileSync(file);
      this.#keys = parse(content);
      this.#digest = digestOf(content);
    } catch (error) {
      throw new Error(`The JWK Set file ${file} cannot be used: ${reason(error)}.`, {
        cause: error,
      });
    }
    this.#timer = setInterval(() => void this.readAgain(), READ_INTERVAL_MS).unref();
  }

  get readAt(): number {
    return this.#readAtMs;
  }

  find(header: KeyHeader): ReturnType<KeySet['find']> {
    return this.#keys.find(header);
  }

  /** The file is not read any more. */
  close(): void {
    clearInterval(this.#timer);
  }

  /** While the file cannot be read or has no JWK Set, the keys from before stay in use. */
  private async readAgain(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      const content = await readFile(this.file);
      const digest = digestOf(content);
      if (digest !== this.#digest) this.#keys = parse(content);
      this.#digest = digest;
      this.#readAtMs = Date.now();
      this.#fault = undefined;
    } catch (error) {
      const fault = reason(error);
      if (fault !== this.#fault) {
        this.#logger.warn(`The JWK Set file ${this.file} was not read again: ${fault}.`);
      }
      this.#fault = fault;
    } finally {
      this.#isReading = false;
    }
  }
}

function parse(content: Buffer): KeySet {
  let jwks: JSONWebKeySet;
  try {
    jwks = JSON.parse(content.toString('utf8')) as JSONWebKeySet;
  } catch {
    // V8's message quotes the text, which may be a private key.
    throw new Error('it is not JSON');
  }
  return localKeySet(jwks);
}

function digestOf(content: Buffer): string {
  return hash('sha256', content, 'base64');
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
