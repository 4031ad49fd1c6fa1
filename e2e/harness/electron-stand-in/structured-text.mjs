/**
 * Values as text, as faithfully as structured clone copies them: what Electron refuses to send is refused here too.
 * The function also runs in the page (by its source), so it uses nothing from outside itself.
 */
export function createStructuredText() {
  const uncloneable = () => new TypeError('An object could not be cloned.');
  const TAG = '$';

  function encode(value) {
    switch (typeof value) {
      case 'undefined':
        return { [TAG]: 'undefined' };
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : { [TAG]: 'number', value: Object.is(value, -0) ? '-0' : String(value) };
      case 'bigint':
        return { [TAG]: 'bigint', value: String(value) };
      case 'function':
      case 'symbol':
        throw uncloneable();
    }
    if (value === null) return null;
    if (Array.isArray(value)) return value.map(encode);
    if (value instanceof Date) return { [TAG]: 'date', value: value.getTime() };
    if (value instanceof Map)
      return { [TAG]: 'map', value: [...value].map(([key, each]) => [encode(key), encode(each)]) };
    if (value instanceof Set) return { [TAG]: 'set', value: [...value].map(encode) };
    if (value instanceof Error) return { [TAG]: 'error', name: value.name, message: value.message };
    if (ArrayBuffer.isView(value)) {
      return { [TAG]: 'bytes', value: [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)] };
    }
    if (typeof value.then === 'function') throw uncloneable();
    return Object.fromEntries(
      Object.keys(value).map((key) => [key.startsWith(TAG) ? TAG + key : key, encode(value[key])]),
    );
  }

  function decode(value) {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(decode);
    switch (value[TAG]) {
      case undefined:
        return Object.fromEntries(
          Object.entries(value).map(([key, each]) => [key.startsWith(TAG) ? key.slice(1) : key, decode(each)]),
        );
      case 'undefined':
        return undefined;
      case 'number':
        return Number(value.value);
      case 'bigint':
        return BigInt(value.value);
      case 'date':
        return new Date(value.value);
      case 'map':
        return new Map(value.value.map(([key, each]) => [decode(key), decode(each)]));
      case 'set':
        return new Set(value.value.map(decode));
      case 'error':
        return Object.assign(new Error(value.message), { name: value.name });
      case 'bytes':
        return Uint8Array.from(value.value);
      default:
        throw new TypeError(`unknown kind of value: ${value[TAG]}`);
    }
  }

  return { stringify: (value) => JSON.stringify(encode(value)), parse: (text) => decode(JSON.parse(text)) };
}
