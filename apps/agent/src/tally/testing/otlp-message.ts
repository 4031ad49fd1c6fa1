/** Just enough of a protobuf writer for messages that no exporter would send. */
export function field(number: number, value: string | number | bigint | Uint8Array): Buffer {
  if (typeof value === 'bigint') {
    const fixed = Buffer.alloc(8);
    fixed.writeBigUInt64LE(value);
    return Buffer.concat([varint(number * 8 + 1), fixed]);
  }
  if (typeof value === 'number') return Buffer.concat([varint(number * 8), varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

export function message(...fields: Uint8Array[]): Buffer {
  return Buffer.concat(fields);
}

/** An ExportLogsServiceRequest of one service with these LogRecords. */
export function otlpRequest(service: string, ...records: Uint8Array[]): Buffer {
  const attribute = message(field(1, 'service.name'), field(2, field(1, service)));
  const scope = message(...records.map((record) => field(2, record)));
  return field(1, message(field(1, field(1, attribute)), field(2, scope)));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
