/**
 * `protocol.handle`. Chromium knows no scheme of ours, so a page of `sentinel://app/` is fetched as
 * `https://app.sentinel.invalid/` (a secure context on a name that can exist nowhere), and every such request is taken
 * off the network and answered by the app's own handler, headers and all.
 */
const TOP_LEVEL = 'invalid';
const handlers = new Map();

export const protocol = {
  registerSchemesAsPrivileged() {},
  handle(scheme, handler) {
    if (handlers.has(scheme)) throw new Error(`The scheme has been registered: ${scheme}`);
    handlers.set(scheme, handler);
  },
  unhandle: (scheme) => void handlers.delete(scheme),
  isProtocolHandled: (scheme) => handlers.has(scheme),
};

/** As the app knows it → as Chromium knows it. */
export function toChromium(url) {
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)(.*)$/i.exec(url);
  return match && handlers.has(match[1]) ? `https://${match[2]}.${match[1]}.${TOP_LEVEL}${match[3] || '/'}` : url;
}

/** As Chromium knows it → as the app knows it; also for an origin. */
export function toApp(url) {
  const match = /^https:\/\/([^/?#]+)\.([a-z][a-z0-9+-]*)\.invalid(.*)$/i.exec(url);
  return match && handlers.has(match[2]) ? `${match[2]}://${match[1]}${match[3]}` : url;
}

/** The handler's answer, in the terms of the DevTools protocol's Fetch.fulfillRequest; null when it is not ours. */
export async function answerRequest({ url, method }) {
  const appUrl = toApp(url);
  if (appUrl === url) return null;
  const handler = handlers.get(appUrl.slice(0, appUrl.indexOf(':')));
  const response = await handler(new Request(appUrl, { method }));
  return {
    responseCode: response.status,
    responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
    body: Buffer.from(await response.arrayBuffer()).toString('base64'),
  };
}
