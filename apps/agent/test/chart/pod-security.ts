/** The profile "restricted" of Kubernetes' Pod Security Standards, and our own stricter rules, as a list of what is wrong. */
import type { IContainer, IPodSpec, IVolume } from 'kubernetes-models/v1';

const VOLUME_KINDS = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

export function restrictedViolations(pod: IPodSpec): string[] {
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  return [...podViolations(pod), ...containers.flatMap((container) => containerViolations(container, pod))];
}

function podViolations(pod: IPodSpec): string[] {
  const { securityContext: security = {} } = pod;
  return faults([
    [pod.hostNetwork === true || pod.hostPID === true || pod.hostIPC === true, 'shares a namespace of its host'],
    [pod.automountServiceAccountToken !== false, 'mounts a service account token'],
    [security.runAsNonRoot !== true, 'may run as root'],
    [
      security.runAsUser !== 10_001 || security.runAsGroup !== 10_001 || security.fsGroup !== 10_001,
      'is not user 10001',
    ],
    [security.seccompProfile?.type !== 'RuntimeDefault', 'has no seccomp profile'],
    [(security.sysctls ?? []).length > 0, 'sets sysctls'],
    [(pod.volumes ?? []).some((volume) => !isAllowed(volume)), 'has a volume of a kind that is not allowed'],
  ]);
}

function containerViolations(container: IContainer, pod: IPodSpec): string[] {
  const { securityContext: security = {}, resources = {}, ports = [] } = container;
  const { requests = {}, limits = {} } = resources;
  const mounted = new Set((container.volumeMounts ?? []).map(({ name }) => name));
  const known = new Set(['data', ...(pod.volumes ?? []).map(({ name }) => name)]);
  return faults([
    [security.allowPrivilegeEscalation !== false, 'may gain privileges'],
    [security.privileged === true, 'is privileged'],
    [security.readOnlyRootFilesystem !== true, 'may write to its root file system'],
    [JSON.stringify(security.capabilities?.drop) !== '["ALL"]', 'keeps capabilities'],
    [(security.capabilities?.add ?? []).length > 0, 'adds capabilities'],
    [security.runAsUser === 0 || security.runAsNonRoot === false, 'runs as root'],
    [ports.some((port) => port.hostPort !== undefined), 'takes a port of its host'],
    [ports.some((port) => port.containerPort <= 1024), 'listens on a privileged port'],
    [
      requests['memory'] === undefined || requests['memory'] !== limits['memory'],
      'has not the same memory as request and limit',
    ],
    [requests['cpu'] === undefined || limits['cpu'] !== undefined, 'has no CPU request, or a CPU limit'],
    [limits['ephemeral-storage'] === undefined, 'has no limit of ephemeral storage'],
    [[...mounted].some((name) => !known.has(name)), 'mounts a volume that does not exist'],
  ]).map((fault) => `${container.name} ${fault}`);
}

function isAllowed(volume: IVolume): boolean {
  return Object.keys(volume).every((key) => key === 'name' || VOLUME_KINDS.includes(key));
}

function faults(found: readonly (readonly [isWrong: boolean, what: string])[]): string[] {
  return found.filter(([isWrong]) => isWrong).map(([, what]) => what);
}
