import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

/** Starts the machine's own Chromium. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: program('chromium') });
}

function program(name: string): string {
  const found = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  const path = found.find(isExecutable);
  if (path === undefined) throw new Error(`There is no ${name} here: apt-get install ${name}`);
  return path;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A page for one test, with what it asks for and what it complains of. */
export async function pageForTest(browser: Browser) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1750 } });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  return { page, requests, complaints };
}

/** Executes the introspection on the page. @returns the status and the body that the page shows */
export async function execute(page: Page): Promise<{ status: string; body: string }> {
  await page.locator('.opblock-post .execute').click();
  const response = page.locator('.opblock-post .live-responses-table .response');
  await response.waitFor();
  return {
    status: (await response.locator('.response-col_status').innerText()).trim(),
    body: await response.locator('.response-col_description code').first().innerText(),
  };
}
