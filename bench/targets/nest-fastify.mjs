// A route that does nothing, on Nest and Fastify as they come: the form is parsed by Nest's own parser.
import 'reflect-metadata';
import { Body, Controller, Header, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';

const answer = JSON.parse(process.env.ANSWER);

class NoOpController {
  introspect(form) {
    return form.token ? answer : undefined;
  }
}
decorate(NoOpController, 'introspect', [
  Post('introspect'),
  HttpCode(200),
  Header('Cache-Control', 'no-store'),
]);
Body()(NoOpController.prototype, 'introspect', 0);
Controller()(NoOpController);

class NoOpModule {}
Module({ controllers: [NoOpController] })(NoOpModule);

const app = await NestFactory.create(NoOpModule, new FastifyAdapter(), { logger: ['error'] });
await app.listen(0, '127.0.0.1');
console.log(`Listening on ${await app.getUrl()}`);

/** Decorators without their syntax, which Node does not know. */
function decorate({ prototype }, method, decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
  for (const decorator of decorators) decorator(prototype, method, descriptor);
}
