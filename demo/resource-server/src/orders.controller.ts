import { Controller, Get, Req, UseGuards } from '@nestjs/common';
import { BearerGuard } from './bearer.guard.js';
import type { AuthorizedRequest } from './bearer.guard.js';

@Controller('orders')
@UseGuards(BearerGuard)
export class OrdersController {
  @Get()
  list(@Req() { token }: AuthorizedRequest) {
    return { for: token.sub ?? null, orders: [{ id: 1, item: 'coffee' }] };
  }
}
