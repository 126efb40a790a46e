import { request as httpRequest } from 'node:http';
import type { Agent, IncomingHttpHeaders } from 'node:http';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  json: Record<string, unknown>;
}

export interface Question {
  method?: string;
  path?: string;
  /** Names and values in turn, so that a header can be sent twice. */
  headers?: readonly string[];
  body?: string | Buffer;
  /** The address of this machine that it comes from. */
  from?: string;
  /** Keeps connections for later questions. Default: a connection for each. */
  agent?: Agent;
}

/** Sends exactly these bytes: no header is added but Host, Connection and Content-Length. */
export function ask(origin: string, question: Question): Promise<Answer> {
  const { method = 'POST', path = '/introspect', headers = [], body, from, agent } = question;
  const payload = Buffer.from(body ?? '');
  const { hostname, port, host } = new URL(origin);
  const all = ['Host', host, ...(agent ? [] : ['Connection', 'close']), ...headers];
  if (payload.length > 0 || method !== 'GET') all.push('Content-Length', String(payload.length));
  return new Promise((resolve, reject) => {
    const target = { hostname, port, path, method, headers: all, agent, localAddress: from };
    const request = httpRequest(target, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const { statusCode = 0, headers: received } = response;
        resolve({ status: statusCode, headers: received, text, json: parse(text) });
      });
    });
    request.on('error', reject);
    request.end(payload);
  });
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** The value of an Authorization header, form-encoded as RFC 6749 §2.3.1 has it. */
export function basic(id: string, secret: string): string {
  return basicRaw(`${formEncode(id)}:${formEncode(secret)}`);
}

/** The same around any bytes. */
export function basicRaw(userPass: string | Buffer): string {
  return `Basic ${Buffer.from(userPass).toString('base64')}`;
}

export function formEncode(text: string): string {
  return new URLSearchParams({ v: text }).toString().slice(2);
}

export const FORM = ['Content-Type', 'application/x-www-form-urlencoded'] as const;
