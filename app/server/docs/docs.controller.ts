import { readFile } from 'node:fs/promises';
import { Controller, Get, Header, NotFoundException, Param, Res } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { serverDocument } from './document.js';
import { PAGE, PAGE_FILES, PAGE_POLICY } from './page.js';

/** Serves the OpenAPI document, and a page on which it is read and tried out. @param path the endpoint's */
export function docsControllerFor(path: string): Type {
  const document = serverDocument(path);

  @Controller()
  class DocsController {
    @Get('openapi.json')
    @Header('Cache-Control', 'no-cache')
    openApi() {
      return document;
    }

    @Get('docs')
    @Header('Content-Type', 'text/html; charset=utf-8')
    @Header('Content-Security-Policy', PAGE_POLICY)
    @Header('Referrer-Policy', 'no-referrer')
    @Header('X-Content-Type-Options', 'nosniff')
    @Header('Cache-Control', 'no-cache')
    page() {
      return PAGE;
    }

    @Get('docs/:file')
    @Header('X-Content-Type-Options', 'nosniff')
    @Header('Cache-Control', 'no-cache')
    async file(@Param('file') name: string, @Res({ passthrough: true }) reply: FastifyReply) {
      const file = PAGE_FILES.get(name);
      if (!file) throw new NotFoundException();
      reply.type(file.type);
      return contentOf(file.url());
    }
  }
  return DocsController;
}

const CONTENTS = new Map<string, Promise<Buffer>>();

/** Reads a file once. Answers that nobody takes in would else keep a copy of it each. */
function contentOf(url: string): Promise<Buffer> {
  const known = CONTENTS.get(url);
  if (known) return known;
  const content = readFile(new URL(url));
  CONTENTS.set(url, content);
  content.catch(() => CONTENTS.delete(url));
  return content;
}
