import { useState, type FormEvent, type ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { ProductMark } from '../../components/product-mark.tsx';
import { Notice } from '../../components/notice.tsx';
import { useConsole } from '../../stores/use-console.ts';
import { visibleText } from '../../words/visible-text.ts';
import { addressProblem } from './address-problem.ts';

/** One form for both doors: the desktop app asks for an address and a token, the browser only for the token. */
export function AddAgentView({ first }: { readonly first: boolean }) {
  const console = useConsole();
  const browser = console.bridge.platform === 'browser';
  const [url, setUrl] = useState(browser ? '' : 'http://127.0.0.1:8400');
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const problem = (browser ? null : addressProblem(url)) ?? (token.trim() === '' ? 'Enter the access token.' : null);
    setFailure(problem);
    if (problem !== null || busy) return;
    setBusy(true);
    const answer = await console.addAgent({ url: url.trim(), token: token.trim() });
    setBusy(false);
    if (answer.ok) setToken('');
    else setFailure(answer.error.detail);
  };

  return (
    <div className="grid min-h-full place-items-center p-6">
      <form
        className="flex w-full max-w-[440px] flex-col gap-4 rounded-xl border border-line-1 bg-bg-1 p-6 shadow-overlay"
        noValidate
        onSubmit={(event) => void submit(event)}
      >
        <header className="flex flex-col gap-1">
          <p className="mb-4 flex items-center gap-2.5 text-lg font-semibold tracking-tight">
            <ProductMark size={28} />
            SentinelLog
          </p>
          <h1 className="text-xl font-semibold" tabIndex={-1}>
            {browser ? 'Sign in' : first ? 'Connect to an agent' : 'Add an agent'}
          </h1>
          <p className="text-sm text-text-2">
            {browser
              ? 'This page is served by a SentinelLog agent. Its access token opens it for twelve hours.'
              : 'An agent learns the heartbeat of the services beside it. The console can watch many of them.'}
          </p>
        </header>
        {!browser && (
          <Field hint="For example https://sentinel.eu.example:8400" id="agent-url" label="Address">
            <input
              autoFocus
              className="field font-mono"
              id="agent-url"
              inputMode="url"
              name="url"
              spellCheck={false}
              type="text"
              value={url}
              onChange={(event) => setUrl(event.target.value)}
            />
          </Field>
        )}
        <Field
          hint={
            <>
              <code className="font-mono">adminToken</code> in <code className="font-mono">credentials.json</code> of
              the agent's data folder, or one made with <code className="font-mono">sentinellog tokens create</code>
            </>
          }
          id="agent-token"
          label="Access token"
        >
          <input
            autoComplete="off"
            autoFocus={browser}
            className="field font-mono"
            id="agent-token"
            name="token"
            spellCheck={false}
            type="password"
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
        </Field>
        {!browser && url.startsWith('http://') && addressProblem(url) === null && !isLoopback(url) && (
          <Notice tone="warn">This address is not encrypted: the token can be read on the way. Prefer https.</Notice>
        )}
        {failure !== null && (
          <div role="alert">
            <Notice tone="bad">{visibleText(failure)}</Notice>
          </div>
        )}
        <div className="flex justify-end gap-2">
          {!first && (
            <Button size="large" onClick={() => console.patchView({ addingAgent: false })}>
              Cancel
            </Button>
          )}
          <Button look="primary" size="large" type="submit">
            {busy ? 'Connecting…' : browser ? 'Sign in' : 'Connect'}
          </Button>
        </div>
      </form>
    </div>
  );
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint: ReactNode;
  readonly children: ReactNode;
}

function Field({ id, label, hint, children }: FieldProps) {
  return (
    <div className="flex flex-col gap-1.5">
      <label className="text-sm font-medium" htmlFor={id}>
        {label}
      </label>
      {children}
      <p className="text-xs text-text-3">{hint}</p>
    </div>
  );
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}
