/** The messages that an answer to OTLP can be, in protobuf. They are two fields each: no library pays here. */

/** ExportLogsServiceResponse with a `partial_success` of both fields. */
export function partialSuccessMessage(rejected: number, message: string): Buffer {
  const partial = Buffer.concat([Buffer.of(0x08), varint(rejected), bytesField(0x12, Buffer.from(message))]);
  return bytesField(0x0a, partial);
}

/** google.rpc.Status. */
export function statusMessage(code: number, message: string): Buffer {
  return Buffer.concat([Buffer.of(0x08), varint(code), bytesField(0x12, Buffer.from(message))]);
}

/** google.rpc.Status whose detail is a google.rpc.RetryInfo: without it OpenTelemetry senders take a full server for a final no. */
export function retryStatusMessage(code: number, message: string, delaySeconds: number): Buffer {
  const delay = Buffer.concat([Buffer.of(0x08), varint(delaySeconds)]);
  const retryInfo = bytesField(0x0a, delay);
  const detail = Buffer.concat([
    bytesField(0x0a, Buffer.from('type.googleapis.com/google.rpc.RetryInfo')),
    bytesField(0x12, retryInfo),
  ]);
  return Buffer.concat([statusMessage(code, message), bytesField(0x1a, detail)]);
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
