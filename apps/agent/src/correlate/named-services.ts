/** Which services log lines speak of: "payment-service did not answer", "order-service-7d9f:8080 timed out". Hostile text, used as words only. */

/** Of one onset; more is an inventory, not a complaint. */
const MAX_NAMED = 8;
/** `order-service-7d9f-x2kq1.shop.svc.cluster.local` ends in so many parts that are no part of the name. */
const MAX_CUTS = 8;
const WORD = /[\p{L}\p{N}][\p{L}\p{N}._-]*/gu;
const LAST_PART = /[._-][^._-]*$/;

/** @param isService whether there is a service of that name */
export function namedServices(lines: readonly string[], isService: (name: string) => boolean): readonly string[] {
  const named = new Set<string>();
  for (const line of lines)
    for (const [word] of line.matchAll(WORD)) {
      const service = serviceIn(word, isService);
      if (service !== undefined && named.size < MAX_NAMED) named.add(service);
    }
  return [...named];
}

function serviceIn(word: string, isService: (name: string) => boolean): string | undefined {
  let name = word;
  for (let cuts = 0; cuts <= MAX_CUTS; cuts++) {
    if (isService(name)) return name;
    const shorter = name.replace(LAST_PART, '');
    if (shorter === name) return undefined;
    name = shorter;
  }
  return undefined;
}
