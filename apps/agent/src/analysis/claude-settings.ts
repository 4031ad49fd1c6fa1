import { readFileSync } from 'node:fs';
import { ConfigError } from '../config/config-error.ts';
import type { Config } from '../config/config.ts';
import type { ClaudeSettings } from './claude-analyst.ts';
import { ownKinds } from './redact.ts';

/**
 * null: no key is set, and nothing will ever be sent. ConfigError where the key's file cannot be read or a pattern is none:
 * a start that would send unredacted lines later is refused now.
 */
export function claudeSettings(
  settings: Config['analysis'],
): (ClaudeSettings & { readonly dailyTokens: number }) | null {
  const { apiKeyFile, model, maxTokens, baseUrl, timeoutMs, dailyTokens, redact } = settings;
  try {
    ownKinds(redact);
  } catch (error) {
    throw refusal('analysis.redact', 'one of the patterns is not a regular expression (RE2)', error);
  }
  const apiKey = settings.apiKey ?? (apiKeyFile === undefined ? undefined : keyOf(apiKeyFile));
  return apiKey === undefined ? null : { apiKey, model, maxTokens, baseUrl, timeoutMs, dailyTokens, redact };
}

function keyOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw refusal('analysis.apiKeyFile', `${file} cannot be read`, error);
  }
}

function refusal(path: string, what: string, cause: unknown): ConfigError {
  return new ConfigError([{ origin: 'configuration', path, what }], { cause });
}
