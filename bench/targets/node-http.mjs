// Node's own server: reads the body, sends a fixed answer.
import { createServer } from 'node:http';
import { listen } from './listen.mjs';

const body = Buffer.from(process.env.ANSWER);
const headers = { ...JSON.parse(process.env.ANSWER_HEADERS), 'content-length': body.length };

listen(
  createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      Buffer.concat(chunks);
      response.writeHead(200, headers);
      response.end(body);
    });
  }),
);
