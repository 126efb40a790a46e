import type { InjectionToken, Provider } from '@nestjs/common';

export function tokenOf(provider: Provider): InjectionToken {
  return 'provide' in provider ? provider.provide : provider;
}

export function nameOf(token: InjectionToken): string {
  return typeof token === 'function' ? token.name : String(token);
}
