// Node's own server: reads the body, sends a fixed answer; with DATABASE_URL after one query.
import { createServer } from 'node:http';
import { listen } from './listen.mjs';
import { tokenQuery } from './token-query.mjs';

const { ANSWER, ANSWER_HEADERS, DATABASE_URL } = process.env;

const body = Buffer.from(ANSWER);
const headers = { ...JSON.parse(ANSWER_HEADERS), 'content-length': body.length };
const query = DATABASE_URL ? await tokenQuery(DATABASE_URL) : undefined;

listen(
  createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const form = Buffer.concat(chunks);
      if (query) void query.find(tokenOf(form)).then(() => send(response));
      else send(response);
    });
  }),
);

function send(response) {
  response.writeHead(200, headers);
  response.end(body);
}

function tokenOf(form) {
  return form.toString('latin1', form.lastIndexOf('=') + 1);
}
