/** What `helm template` wrote, as typed Kubernetes objects; each is checked against Kubernetes' own schemas on the way. */
import { type IStatefulSet, StatefulSet } from 'kubernetes-models/apps/v1';
import { Ingress, type IIngress, NetworkPolicy, type INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import {
  ConfigMap,
  type IConfigMap,
  type IPod,
  type IService,
  Pod,
  Service,
  ServiceAccount,
} from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const ObjectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string(),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});
export type RenderedObject = z.infer<typeof ObjectSchema>;

interface Model {
  readonly validate: () => void;
}

const MODELS: Readonly<Record<string, new (data: never) => Model>> = {
  'apps/v1 StatefulSet': StatefulSet,
  'networking.k8s.io/v1 Ingress': Ingress,
  'networking.k8s.io/v1 NetworkPolicy': NetworkPolicy,
  'policy/v1 PodDisruptionBudget': PodDisruptionBudget,
  'v1 ConfigMap': ConfigMap,
  'v1 Pod': Pod,
  'v1 Service': Service,
  'v1 ServiceAccount': ServiceAccount,
};

/** No model for these: custom resources of others. */
const UNCHECKED = ['monitoring.coreos.com/v1 ServiceMonitor'];

interface Kinds {
  readonly StatefulSet: IStatefulSet;
  readonly Ingress: IIngress;
  readonly NetworkPolicy: INetworkPolicy;
  readonly ConfigMap: IConfigMap;
  readonly Pod: IPod;
  readonly Service: IService;
}

export class Rendered {
  readonly objects: readonly RenderedObject[];

  /** @throws when an object is not what Kubernetes takes, or of a kind that nobody checks */
  constructor(yaml: string) {
    this.objects = parseAllDocuments(yaml)
      .map((document) => document.toJS() as unknown)
      .filter((object) => object !== null)
      .map((object) => ObjectSchema.parse(object));
    for (const object of this.objects) validate(object);
  }

  get kinds(): readonly string[] {
    return this.objects.map(({ kind }) => kind).toSorted();
  }

  /** The one object of a kind whose name ends so. */
  one<Kind extends keyof Kinds>(kind: Kind, nameEnds = ''): Kinds[Kind] & RenderedObject {
    const found = this.objects.filter((object) => object.kind === kind && object.metadata.name.endsWith(nameEnds));
    if (found.length !== 1) throw new Error(`expected one ${kind} …${nameEnds}, found ${found.length}`);
    return found[0] as Kinds[Kind] & RenderedObject;
  }
}

function validate(object: RenderedObject): void {
  const kind = `${object.apiVersion} ${object.kind}`;
  if (UNCHECKED.includes(kind)) return;
  const model = MODELS[kind];
  if (model === undefined) throw new Error(`nothing checks a ${kind}: add its model`);
  new model(object as never).validate();
}
