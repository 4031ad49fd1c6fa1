import { HOOK_EFFECTS, HookBodySchema, type Hook, type HookBody } from '@sentinellog/shared';
import { hookBodyOf } from '../../stores/policy-desk.ts';

/** A hook as it is typed: everything is text until it is read. */
export interface HookForm {
  readonly name: string;
  readonly effect: HookBody['effect'];
  /** Globs, with commas or spaces between them. */
  readonly services: string;
  readonly url: string;
  readonly body: string;
  readonly restSeconds: string;
  readonly isProtected: boolean;
  /** Empty: none, or the one that it has. */
  readonly secret: string;
}

export const EFFECTS = HOOK_EFFECTS;

const EXAMPLE = {
  incident: '{{incident.key}}',
  service: '{{incident.service}}',
  severity: '{{incident.severity}}',
  cluster: '{{cluster}}',
};

export function formOf(hook: Hook | null): HookForm {
  if (hook === null) {
    return {
      name: '',
      effect: 'restart',
      services: '',
      url: '',
      body: JSON.stringify(EXAMPLE, null, 2),
      restSeconds: '300',
      isProtected: false,
      secret: '',
    };
  }
  const { name, effect, services, url, body, cooldown_seconds, protected: isProtected } = hookBodyOf(hook);
  const rest = { restSeconds: String(cooldown_seconds), isProtected, secret: '' };
  return { name, effect, services: services.join(', '), url, body, ...rest };
}

export type ReadHook =
  | { readonly ok: true; readonly value: HookBody }
  | { readonly ok: false; readonly field: keyof HookForm; readonly mistake: string };

const FIELDS: Readonly<Record<string, keyof HookForm>> = {
  name: 'name',
  services: 'services',
  url: 'url',
  body: 'body',
  cooldown_seconds: 'restSeconds',
  secret: 'secret',
};

/** What would be saved, or the first mistake and where it is. A new hook is off until somebody switches it on. */
export function readHook(form: HookForm, enabled: boolean): ReadHook {
  const at = jsonMistake(form.body);
  if (at !== null) return { ok: false, field: 'body', mistake: at };
  const parsed = HookBodySchema.safeParse({
    name: form.name.trim(),
    enabled,
    effect: form.effect,
    services: form.services.split(/[,\s]+/).filter(Boolean),
    url: form.url.trim(),
    body: form.body,
    cooldown_seconds: form.restSeconds.trim() === '' ? Number.NaN : Number(form.restSeconds),
    protected: form.isProtected,
    ...(form.secret === '' ? {} : { secret: form.secret }),
  });
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const field = FIELDS[String(issue?.path[0])] ?? 'name';
  return { ok: false, field, mistake: MISTAKES[field] ?? issue?.message ?? 'it cannot be read' };
}

const MISTAKES: Readonly<Partial<Record<keyof HookForm, string>>> = {
  name: 'a name of 1 to 100 characters',
  services: 'at most 100 names or globs, such as payment-*',
  url: 'an address that begins with https:// or http://',
  restSeconds: 'whole seconds from 0 to 86,400',
  secret: '16 to 500 characters',
};

function jsonMistake(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `JSON, with {{names}} inside its strings: ${error instanceof Error ? error.message : String(error)}`;
  }
}
