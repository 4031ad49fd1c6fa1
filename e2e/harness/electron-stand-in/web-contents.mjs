/** A page in Chromium, seen from the main process. */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { app } from './app.mjs';
import { ipcMain } from './ipc-main.mjs';
import { pageRuntime } from './page-runtime.mjs';
import { emitPreventable } from './preventable.mjs';
import { answerRequest, toApp, toChromium } from './scheme.mjs';
import { session } from './session.mjs';
import { createStructuredText } from './structured-text.mjs';

const { chromium } = globalThis[Symbol.for('stand-in.host')];
const text = createStructuredText();
const POST = '__standInPost';
const RECEIVE = '__standInReceive';

const all = new Set();
let lastId = 0;

export class WebContents extends EventEmitter {
  id = ++lastId;
  session = session.defaultSession;
  #target = null;
  #chromiumSession = null;
  #opened;
  #url = '';
  /** The frame of each JavaScript context, to say who sent a call. */
  #contexts = new Map();
  /** The navigation that the main process itself asked for: only the page's own are guarded. */
  #loading = null;
  #windowOpenHandler = () => ({ action: 'allow' });

  constructor(options) {
    super();
    all.add(this);
    queueMicrotask(() => app.emit('web-contents-created', {}, this));
    this.#opened = this.#open(options);
  }

  get targetId() {
    return this.#target;
  }
  getURL() {
    return this.#url;
  }
  isDestroyed() {
    return !all.has(this);
  }
  setWindowOpenHandler(handler) {
    this.#windowOpenHandler = handler;
  }

  send(channel, ...args) {
    const message = text.stringify({ kind: 'event', channel, args });
    void this.#opened.then(() => this.#deliver(message));
  }

  async loadURL(url) {
    await this.#opened;
    const finished = new Promise((done) => this.once('did-finish-load', done));
    this.#loading = toChromium(url);
    const { errorText } = await this.#command('Page.navigate', { url: this.#loading });
    this.#loading = null;
    if (errorText) throw new Error(`${errorText} loading '${url}'`);
    await finished;
  }

  async executeJavaScript(expression) {
    await this.#opened;
    const answer = await this.#command('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description ?? 'the script failed');
    return answer.result.value;
  }

  /** For browser-window.mjs. */
  destroy() {
    all.delete(this);
    void this.#opened.then(async () => {
      chromium.listen(this.#chromiumSession, null);
      // It may be gone already: Playwright closes pages too.
      await chromium.send('Target.closeTarget', { targetId: this.#target }).catch(() => undefined);
    });
    this.emit('destroyed');
  }
  close() {
    this.emit('stand-in-close');
  }

  async #open({ width, height, webPreferences = {} }) {
    const { targetId } = await chromium.send('Target.createTarget', {
      url: 'about:blank',
      width,
      height,
      newWindow: true,
    });
    this.#target = targetId;
    const { sessionId } = await chromium.send('Target.attachToTarget', { targetId, flatten: true });
    this.#chromiumSession = sessionId;
    chromium.listen(sessionId, (method, params) => this.#hear(method, params));
    await this.#command('Page.enable');
    await this.#command('Runtime.enable');
    await this.#command('Runtime.addBinding', { name: POST });
    await this.#command('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
    await this.#command('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    await this.#command('Page.addScriptToEvaluateOnNewDocument', { source: runtimeSource(webPreferences) });
  }

  #command(method, params) {
    return chromium.send(method, params, this.#chromiumSession);
  }

  #deliver(message) {
    if (this.isDestroyed()) return;
    // The page may be between two documents and have no runtime at this moment, as in Electron; the message is then lost.
    this.#command('Runtime.evaluate', { expression: `globalThis.${RECEIVE}?.(${JSON.stringify(message)})` }).catch(
      () => undefined,
    );
  }

  #hear(method, params) {
    switch (method) {
      case 'Runtime.executionContextCreated':
        this.#contexts.set(params.context.id, { ...params.context.auxData, origin: params.context.origin });
        return;
      case 'Runtime.executionContextDestroyed':
        this.#contexts.delete(params.executionContextId);
        return;
      case 'Runtime.bindingCalled':
        if (params.name === POST)
          void this.#take(text.parse(params.payload), this.#senderFrame(params.executionContextId));
        return;
      case 'Fetch.requestPaused':
        void this.#serve(params);
        return;
      case 'Page.frameNavigated':
        if (params.frame.parentId !== undefined) return;
        this.#url = toApp(params.frame.url);
        this.emit('did-navigate', {}, this.#url);
        return;
      case 'Page.domContentEventFired':
        this.emit('dom-ready', {});
        return;
      case 'Page.loadEventFired':
        this.emit('did-finish-load', {});
        return;
      case 'Inspector.targetCrashed':
        this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
        return;
    }
  }

  #senderFrame(contextId) {
    const context = this.#contexts.get(contextId);
    if (context === undefined) return null;
    // A page's main frame has the id of its target.
    const top = context.frameId === this.#target;
    return { url: this.#url, origin: toApp(context.origin), parent: top ? null : { url: this.#url } };
  }

  async #take(message, senderFrame) {
    const event = { sender: this, senderFrame, ports: [] };
    switch (message.kind) {
      case 'send':
        ipcMain.emit(message.channel, event, ...message.args);
        return;
      case 'invoke': {
        const answer = await ipcMain.answer(message.channel, event, message.args);
        this.#deliver(text.stringify({ kind: 'reply', id: message.id, ...answer }));
        return;
      }
      case 'open': {
        const { action } = this.#windowOpenHandler({
          url: message.url,
          frameName: '',
          features: '',
          disposition: 'new-window',
        });
        if (action !== 'deny') throw new Error('the stand-in opens no windows for a page: deny it');
        return;
      }
    }
  }

  /** Every request of the page passes here: navigations meet the app's guards, our own scheme its handler. */
  async #serve({ requestId, request, resourceType, frameId, redirectedRequestId }) {
    const answer = async () => {
      // The address that is loaded already is a reload, which Electron's own command does not ask about either.
      if (
        resourceType === 'Document' &&
        request.url !== this.#loading &&
        toApp(request.url) !== this.#url &&
        !this.#mayNavigate(request.url, frameId, redirectedRequestId)
      ) {
        return this.#command('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
      }
      const served = await answerRequest(request);
      return served === null
        ? this.#command('Fetch.continueRequest', { requestId })
        : this.#command('Fetch.fulfillRequest', { requestId, ...served });
    };
    // A request of a page that has just been closed is no longer there to be answered.
    await answer().catch((error) => {
      if (!this.isDestroyed() && !/Invalid InterceptionId/.test(error.message)) throw error;
    });
  }

  #mayNavigate(chromiumUrl, frameId, redirected) {
    const url = toApp(chromiumUrl);
    const isMainFrame = frameId === this.#target;
    const details = { url, isMainFrame, isSameDocument: false };
    if (redirected !== undefined) return emitPreventable(this, 'will-redirect', details, url);
    if (isMainFrame && !emitPreventable(this, 'will-navigate', details, url)) return false;
    return emitPreventable(this, 'will-frame-navigate', details);
  }
}

/** What every new document runs first. The preload bundle is spliced in as a function: it is CommonJS and brings no braces. */
function runtimeSource({ preload, additionalArguments = [] }) {
  const bundle = preload === undefined ? '' : readFileSync(preload, 'utf8');
  const setting = `{
    preload: function (require, exports, module, process) {\n${bundle}\n},
    preloadArguments: ${JSON.stringify(additionalArguments)},
    postName: ${JSON.stringify(POST)},
    receiveName: ${JSON.stringify(RECEIVE)},
  }`;
  return `(${pageRuntime})(${createStructuredText}, ${setting});`;
}

export const webContents = {
  getAllWebContents: () => [...all],
  fromId: (id) => [...all].find((each) => each.id === id),
  fromDevToolsTargetId: (targetId) => [...all].find((each) => each.targetId === targetId),
};
