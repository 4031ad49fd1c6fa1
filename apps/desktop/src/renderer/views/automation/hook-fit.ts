import type { Hook } from '@sentinellog/shared';

/** Globs over services, as the agent reads them. */
export function isFor(hook: Pick<Hook, 'services'>, service: string): boolean {
  return (
    hook.services.length === 0 ||
    hook.services.some((glob) => {
      const pattern = glob
        .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.');
      return new RegExp(`^${pattern}$`, 's').test(service);
    })
  );
}
