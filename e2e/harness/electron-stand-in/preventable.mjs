/** Emits an event that a listener may prevent; true when nobody did. */
export function emitPreventable(emitter, name, details = {}, ...rest) {
  let prevented = false;
  const event = {
    ...details,
    preventDefault() {
      prevented = true;
    },
    get defaultPrevented() {
      return prevented;
    },
  };
  emitter.emit(name, event, ...rest);
  return !prevented;
}
