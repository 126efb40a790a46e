import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import type { Environment } from '../environment/environment.js';
import { introspectionOptions } from '../environment/introspection-options.js';
import { DecisionObserver } from '../../src/model/decision-observer.js';
import { IntrospectionModule } from '../../src/introspection.module.js';
import { AuditLog } from './audit-log.js';
import { docsControllerFor } from './docs/docs.controller.js';
import { HealthController } from './health.controller.js';
import { JsonExceptionFilter } from './json-exception.filter.js';

/** The application that the server runs: the introspection module and the health routes. */
@Module({})
export class ServerModule {
  /** @param observers the observers of decisions, besides the audit log */
  static for(
    environment: Environment,
    dataSource: DataSource,
    logger: Logger,
    observers: readonly DecisionObserver[] = [],
  ): DynamicModule {
    return {
      module: ServerModule,
      global: true,
      imports: [
        IntrospectionModule.forRoot({
          ...introspectionOptions(environment),
          path: environment.introspectionPath,
          providers: [
            { provide: DecisionObserver, useValue: [new AuditLog(logger), ...observers] },
          ],
        }),
      ],
      controllers: [
        HealthController,
        ...(environment.docs ? [docsControllerFor(environment.introspectionPath)] : []),
      ],
      providers: [
        { provide: DataSource, useValue: dataSource },
        { provide: APP_FILTER, useClass: JsonExceptionFilter },
      ],
      exports: [DataSource],
    };
  }
}
