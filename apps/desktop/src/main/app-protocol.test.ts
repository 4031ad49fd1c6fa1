import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APP_PAGE, CONTENT_SECURITY_POLICY, createAppProtocol } from './app-protocol.ts';

describe('the page’s protocol', () => {
  let folder: string;
  let ask: (url: string, method?: string) => Promise<Response>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'app-protocol-'));
    const renderer = join(folder, 'renderer');
    await mkdir(join(renderer, 'assets'), { recursive: true });
    await writeFile(join(folder, 'secret.js'), 'not part of the bundle');
    await writeFile(join(renderer, 'index.html'), '<!doctype html><title>SentinelLog</title>');
    await writeFile(join(renderer, 'assets', 'index-Bq1x.js'), 'export {};');
    await writeFile(join(renderer, 'assets', 'index-Bq1x.js.map'), '{}');
    await symlink(join(folder, 'secret.js'), join(renderer, 'link.js'));
    const handle = await createAppProtocol(renderer);
    ask = (url, method = 'GET') => handle(new Request(url, { method }));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('serves the page and its files with their types', async () => {
    const page = await ask(APP_PAGE);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('SentinelLog');
    const script = await ask('sentinel://app/assets/index-Bq1x.js');
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect((await ask('sentinel://app/')).status).toBe(200);
  });

  it.each([
    'sentinel://app/..%2fsecret.js',
    'sentinel://app/..%2Fsecret.js',
    'sentinel://app/assets/..%2f..%2fsecret.js',
    'sentinel://app/%2e%2e/secret.js',
    'sentinel://app/..\\secret.js',
    'sentinel://app//etc/passwd',
    'sentinel://app/%2fetc%2fpasswd',
    'sentinel://app/assets/index-Bq1x.js%00.html',
    'sentinel://app/link.js',
    'sentinel://app/assets/index-Bq1x.js.map',
    'sentinel://app/assets',
    'sentinel://other/index.html',
    'sentinel://app.evil.example/index.html',
    'file:///etc/passwd',
  ])('answers 404 to %s', async (url) => {
    expect((await ask(url)).status).toBe(404);
  });

  it('answers nothing but GET', async () => {
    expect((await ask(APP_PAGE, 'POST')).status).toBe(404);
  });

  it('puts the policy on every answer, also on a refusal', async () => {
    for (const url of [APP_PAGE, 'sentinel://app/assets/index-Bq1x.js', 'sentinel://app/nowhere']) {
      const { headers } = await ask(url);
      expect(headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect(CONTENT_SECURITY_POLICY).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    );
  });
});
