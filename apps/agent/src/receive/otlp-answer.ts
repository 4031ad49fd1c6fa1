/** The two messages that an OTLP/HTTP answer can be, in protobuf. They are two fields each: no library pays here. */

/** ExportLogsServiceResponse with a `partial_success` of both fields. */
export function partialSuccessMessage(rejected: number, message: string): Buffer {
  const partial = Buffer.concat([Buffer.of(0x08), varint(rejected), bytesField(0x12, Buffer.from(message))]);
  return bytesField(0x0a, partial);
}

/** google.rpc.Status. */
export function statusMessage(code: number, message: string): Buffer {
  return Buffer.concat([Buffer.of(0x08), varint(code), bytesField(0x12, Buffer.from(message))]);
}

function bytesField(tag: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
