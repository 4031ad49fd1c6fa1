import { SCOPES, type RouteScope } from '@sentinellog/shared';
import type { Api } from './api.ts';

export interface DeclaredRoute {
  readonly method: string;
  /** As registered, with `:name` for parameters and `*` for the rest of a path; a colon inside a segment is itself. */
  readonly url: string;
  readonly scope: RouteScope;
  readonly summary: string;
  /** Pages and files of the console are no part of the API that is described to others. */
  readonly isDocumented: boolean;
}

/**
 * Watches every registration from here on. A route that does not say its scope throws there and then, so that neither the
 * agent nor any test starts with a route that is open by oversight.
 * @returns the list that grows with each route; access tests and `/docs` are made from it
 */
export function requireScopes(api: Api): readonly DeclaredRoute[] {
  const routes: DeclaredRoute[] = [];
  const known: readonly string[] = [...SCOPES, 'public'];
  api.addHook('onRoute', ({ method, url, config, schema }) => {
    const scope = config?.scope;
    if (scope === undefined || !known.includes(scope)) {
      throw new Error(
        `route ${String(method)} ${url} declares no scope: add config: { scope: … }, one of ${known.join(', ')}`,
      );
    }
    const summary = schema?.summary ?? '';
    for (const one of [method].flat()) {
      routes.push({
        method: one,
        url: asWritten(url),
        scope,
        summary,
        isDocumented: schema?.hide !== true && one !== 'HEAD',
      });
    }
  });
  return routes;
}

/** `/v1/channels/:id(^[a-z0-9-]+$)::test` is how the router wants `/v1/channels/:id:test`. */
function asWritten(url: string): string {
  return url.includes('::') ? url.replace(/\(\^[^/]*\$\)(?=::)/, '').replace('::', ':') : url;
}

/** The methods of all routes that this path would reach: what a 405 names in `Allow`. */
export function methodsOf(routes: readonly DeclaredRoute[], path: string): readonly string[] {
  return routes.filter((route) => patternOf(route.url).test(path)).map((route) => route.method);
}

function patternOf(url: string): RegExp {
  const parts = url
    .split('/')
    .map((part) => parameterPattern(part) ?? (part === '*' ? '.*' : part.replaceAll('.', '\\.')));
  return new RegExp(`^${parts.join('/')}$`);
}

/** `:id` is any one segment; `:id(^…$)` one that matches. */
function parameterPattern(part: string): string | undefined {
  if (!part.startsWith(':')) return undefined;
  return /\(\^(.+)\$\)$/.exec(part)?.[1] ?? '[^/]+';
}
