/** What a caller may do. Every route and every stream message names exactly one. */
export const SCOPES = ['ingest', 'read', 'alert.read', 'alert.write', 'policy.read', 'policy.write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Routes that need no credential say so in the same place where the others say their scope. */
export type RouteScope = Scope | 'public';

export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const VIEWER: readonly Scope[] = ['read', 'alert.read', 'policy.read'];
const OPERATOR: readonly Scope[] = [...VIEWER, 'alert.write'];
export const ROLE_SCOPES: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: VIEWER,
  operator: OPERATOR,
  admin: [...OPERATOR, 'policy.write', 'admin'],
};
