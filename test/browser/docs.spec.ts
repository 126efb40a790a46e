import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { requestsOf } from '../support/demo.js';
import type { DemoRequest } from '../support/demo.js';
import { eventually, startServer } from '../support/programs.js';
import type { ServerProcess } from '../support/programs.js';
import { execute, pageForTest, startBrowser } from './browser.js';

let dataDir: string;
let server: ServerProcess;
let browser: Browser;
let demo: DemoRequest;
let link: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'introspection-test-'));
  server = await startServer({ DATA_DIR: dataDir }, ['--demo']);
  [demo] = (await requestsOf(server)) as [DemoRequest];
  link = await eventually(() => /^ *(http\S+\/docs#\S+)$/m.exec(server.output())?.[1]);
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

describe('/docs in Chromium', () => {
  it('introspects the demo’s token behind the link that the demo prints', async () => {
    const { page, requests, complaints } = await pageForTest(browser);
    await page.goto(link);
    await page.locator('.opblock-post .execute').waitFor();
    expect(page.url()).toBe(`${server.origin}/docs`);
    const { status, body } = await execute(page);
    // To be looked at.
    await page.screenshot({ path: join(tmpdir(), 'introspection-docs.png') });
    expect(status).toBe('200');
    expect(JSON.parse(body)).toMatchObject({ active: true, client_id: 'demo-client' });
    expect(complaints).toEqual([]);
    expect(requests).toEqual(
      [
        'GET /docs',
        'GET /docs/swagger-ui.css',
        'GET /docs/swagger-ui-bundle.js',
        'GET /docs/browser.js',
        'GET /openapi.json',
        'POST /introspect',
      ].map((line) => line.replace(' ', ` ${server.origin}`)),
    );
  });

  it('introspects a token for a client that one names by hand', async () => {
    const { page, complaints } = await pageForTest(browser);
    await page.goto(`${server.origin}/docs`);
    await page.getByRole('button', { name: 'Authorize' }).first().click();
    await page.getByLabel('Username').fill(demo.id);
    await page.getByLabel('Password').fill(demo.secret);
    await page.locator('.modal-btn.authorize').click();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.locator('.opblock-post [data-property-name=token] input').fill(demo.token);
    const { status, body } = await execute(page);
    expect(status).toBe('200');
    expect(JSON.parse(body)).toMatchObject({ active: true });
    expect(complaints).toEqual([]);
  });

  it('shows the answer to whom is not authenticated, and asks for nothing', async () => {
    const { page } = await pageForTest(browser);
    await page.goto(`${server.origin}/docs`);
    const { status, body } = await execute(page);
    expect(status).toBe('401');
    expect(JSON.parse(body)).toMatchObject({ error: 'invalid_client' });
  });

  it('works behind a proxy that puts a prefix before all paths', async () => {
    const origin = await proxyForTest('/sts');
    const { page, complaints } = await pageForTest(browser);
    await page.goto(link.replace(server.origin, `${origin}/sts`));
    const { status, body } = await execute(page);
    expect(status).toBe('200');
    expect(JSON.parse(body)).toMatchObject({ active: true });
    expect(complaints).toEqual([]);
  });

  it('runs no script that was put into it', async () => {
    const { page, complaints } = await pageForTest(browser);
    await page.goto(`${server.origin}/docs`);
    await page.locator('.opblock-post .execute').waitFor();
    const ran = await page.evaluate(`(() => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      return window.ran === true;
    })()`);
    expect(ran).toBe(false);
    expect(complaints.join()).toContain('Content Security Policy');
  });
});

/** Serves at the prefix alone what the server has at its root. */
async function proxyForTest(prefix: string): Promise<string> {
  const { hostname, port } = new URL(server.origin);
  const proxy = createServer((request, response) => {
    const { method, headers, url = '' } = request;
    const path = url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : '/not-here';
    const onward = httpRequest({ hostname, port, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void proxy.close());
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}
