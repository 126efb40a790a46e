// The program by which the image checks its server. It ends with 0 when the server is ready.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { readEnvironment } from '../environment/environment.js';

const { port, tls } = readEnvironment(process.env);
const target = {
  host: '127.0.0.1',
  port,
  path: '/health/ready',
  // The certificate is for another name than 127.0.0.1.
  rejectUnauthorized: false,
};
(tls ? httpsRequest : httpRequest)(target, ({ statusCode }) =>
  process.exit(statusCode === 200 ? 0 : 1),
)
  .on('error', () => process.exit(1))
  .end();
