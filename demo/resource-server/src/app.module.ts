import { Module } from '@nestjs/common';
import { AuthorizationServer } from './authorization-server.js';
import { BearerGuard } from './bearer.guard.js';
import { HealthController } from './health.controller.js';
import { OrdersController } from './orders.controller.js';

@Module({
  controllers: [HealthController, OrdersController],
  providers: [AuthorizationServer, BearerGuard],
})
export class AppModule {}
