import { HttpAdapterHost } from '@nestjs/core';
import type { AbstractHttpAdapter, ApplicationConfig } from '@nestjs/core';

// What Nest 12 offers and Nest 11 does not, or not yet.

/** Of Nest 12. */
export function preRequestHooks(config: Partial<ApplicationConfig>): readonly unknown[] {
  return config.getGlobalPreRequestHooks?.() ?? [];
}

/** @param call called when the application has its adapter, at once where it has one */
export function onAdapter(
  host: HttpAdapterHost,
  call: (adapter: AbstractHttpAdapter | null) => void,
): void {
  const { init$ }: Partial<HttpAdapterHost> = host;
  if (init$) init$.subscribe(() => call(host.httpAdapter));
  else if (host.httpAdapter) call(host.httpAdapter);
  else onAdapterSet(host, call);
}

/** Before Nest 11.1.4 nothing tells of it, and a testing module gets its adapter late. */
function onAdapterSet(host: HttpAdapterHost, call: (adapter: AbstractHttpAdapter) => void): void {
  const accessors =
    Object.getOwnPropertyDescriptor(host, 'httpAdapter') ??
    Object.getOwnPropertyDescriptor(HttpAdapterHost.prototype, 'httpAdapter');
  Object.defineProperty(host, 'httpAdapter', {
    ...accessors,
    // Another module of ours may be in the application.
    configurable: true,
    set(adapter: AbstractHttpAdapter) {
      accessors!.set!.call(host, adapter);
      call(adapter);
    },
  });
}
