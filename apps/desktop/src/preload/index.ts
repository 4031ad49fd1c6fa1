/**
 * The only door between the page and the main process: one method a call, and events without their IPC event.
 * The page gets no ipcRenderer, no channel name of its choice, no Node.
 */
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';
import type { CallName, Calls, ConsoleBridge } from '../bridge/calls.ts';
import { callChannel, EVENT_CHANNEL, VERSION_ARGUMENT, WINDOW_ARGUMENT } from '../bridge/channels.ts';
import type { WindowKind } from '../bridge/desktop.ts';
import type { BridgeEvent } from '../bridge/events.ts';

/** What a sandboxed preload has of Node's process. */
declare const process: { readonly argv: readonly string[] };

function call<Name extends CallName>(name: Name) {
  return (argument: Calls[Name][0]): Promise<Calls[Name][1]> => ipcRenderer.invoke(callChannel(name), argument);
}

function given(name: string): string {
  return process.argv.find((argument) => argument.startsWith(name))?.slice(name.length) ?? '';
}

function windowKind(): WindowKind {
  const said = given(WINDOW_ARGUMENT);
  return said === 'pop-out' || said === 'wallboard' ? said : 'main';
}

const bridge: ConsoleBridge = {
  platform: 'electron',
  version: given(VERSION_ARGUMENT),
  window: windowKind(),
  listAgents: call('listAgents'),
  addAgent: call('addAgent'),
  removeAgent: call('removeAgent'),
  retryAgent: call('retryAgent'),
  heartbeats: call('heartbeats'),
  anomalies: call('anomalies'),
  anomaly: call('anomaly'),
  patchSource: call('patchSource'),
  me: call('me'),
  incident: call('incident'),
  actOnIncident: call('actOnIncident'),
  actOnIncidents: call('actOnIncidents'),
  timeline: call('timeline'),
  alertSummary: call('alertSummary'),
  healthMap: call('healthMap'),
  rules: call('rules'),
  saveRule: call('saveRule'),
  removeRule: call('removeRule'),
  importRules: call('importRules'),
  dryRunRule: call('dryRunRule'),
  silences: call('silences'),
  endSilence: call('endSilence'),
  windows: call('windows'),
  saveWindow: call('saveWindow'),
  removeWindow: call('removeWindow'),
  explainRouting: call('explainRouting'),
  hooks: call('hooks'),
  saveHook: call('saveHook'),
  hookRuns: call('hookRuns'),
  previewHook: call('previewHook'),
  runHook: call('runHook'),
  explain: call('explain'),
  stopExplaining: call('stopExplaining'),
  templates: call('templates'),
  template: call('template'),
  patchTemplate: call('patchTemplate'),
  createSilence: call('createSilence'),
  sensitivityLadder: call('sensitivityLadder'),
  watchLines: call('watchLines'),
  watchSignal: call('watchSignal'),
  signOut: call('signOut'),
  makeKey: call('makeKey'),
  keys: call('keys'),
  sendTestLine: call('sendTestLine'),
  makeSlackChannel: call('makeSlackChannel'),
  testChannel: call('testChannel'),
  desktop: call('desktop'),
  setDesktop: call('setDesktop'),
  labelAgent: call('labelAgent'),
  tryNotification: call('tryNotification'),
  openWindow: call('openWindow'),
  onEvent(listener) {
    const forward = (_event: IpcRendererEvent, event: BridgeEvent): void => listener(event);
    ipcRenderer.on(EVENT_CHANNEL, forward);
    return () => {
      ipcRenderer.removeListener(EVENT_CHANNEL, forward);
    };
  },
};

contextBridge.exposeInMainWorld('sentinel', bridge);
