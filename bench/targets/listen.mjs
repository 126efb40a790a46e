/** Listens on a free port and says where. @param {import('node:http').Server} server */
export function listen(server) {
  server.listen(0, '127.0.0.1', () => {
    console.log(`Listening on http://127.0.0.1:${server.address().port}`);
  });
}
