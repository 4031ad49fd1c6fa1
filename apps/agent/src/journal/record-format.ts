/**
 * A record inside a block's payload. Little-endian, texts in UTF-8.
 *
 *     0  4  bytes of the record, this field included
 *     4  8  receivedAtMs, float64
 *    12  4  accepted          16  4  rejected          20  4  body bytes
 *    24  2  tenant bytes      26  2  key id bytes
 *    28  2  pinned service bytes, 0xffff for null       30  2  batch id bytes
 *    32  1  format (place in RECORD_FORMATS)            33  1  zero
 *    34  2  default service bytes, 0 for none
 *    36     tenant, key id, pinned service, batch id, default service, body
 */
import { type IngestRecord, RECORD_FORMATS, type RecordFormat } from '../pipeline/ingest-record.ts';

const FIXED_BYTES = 36;
const NULL_TEXT = 0xffff;
const MAX_TEXT_BYTES = 0xfffe;

/** Most bytes that everything but the body can take. */
export function headRoomOf(record: IngestRecord): number {
  const { tenant, keyId, pinnedService, batchId, defaultService } = record;
  const services = (pinnedService?.length ?? 0) + (defaultService?.length ?? 0);
  return FIXED_BYTES + 3 * (tenant.length + keyId.length + services + batchId.length);
}

/** Writes all but the body at `at`; gives the end of what it wrote. The body must follow there. */
export function encodeRecordHead(record: IngestRecord, target: Buffer, at: number): number {
  target.writeDoubleLE(record.receivedAtMs, at + 4);
  target.writeUInt32LE(record.accepted, at + 12);
  target.writeUInt32LE(record.rejected, at + 16);
  target.writeUInt32LE(record.body.length, at + 20);
  target.writeUInt32LE(RECORD_FORMATS.indexOf(record.format), at + 32);
  let end = at + FIXED_BYTES;
  end = encodeText(record.tenant, target, end, at + 24);
  end = encodeText(record.keyId, target, end, at + 26);
  end = encodeText(record.pinnedService, target, end, at + 28);
  end = encodeText(record.batchId, target, end, at + 30);
  end = encodeText(record.defaultService ?? '', target, end, at + 34);
  target.writeUInt32LE(end - at + record.body.length, at);
  return end;
}

function encodeText(text: string | null, target: Buffer, at: number, lengthAt: number): number {
  const length = text === null ? NULL_TEXT : target.write(text, at, 'utf8');
  if (text !== null && length > MAX_TEXT_BYTES) throw new RangeError(`journal: a text of ${length} bytes does not fit`);
  target.writeUInt16LE(length, lengthAt);
  return text === null ? at : at + length;
}

/** Where a record lies in its payload. */
export interface RecordPlace {
  readonly start: number;
  readonly end: number;
  readonly format: RecordFormat;
}

/** Walks over the records of a payload without decoding them. Throws as `decodeRecords`. */
export function* recordPlaces(payload: Buffer): Generator<RecordPlace> {
  let start = 0;
  while (start < payload.length) {
    if (start + FIXED_BYTES > payload.length) throw new Error('a record ends before its head');
    const end = start + payload.readUInt32LE(start);
    const format = RECORD_FORMATS[payload.readUInt8(start + 32)];
    if (end > payload.length || end < start + FIXED_BYTES) throw new Error('a record reaches past its block');
    if (format === undefined)
      throw new Error(`record format ${payload.readUInt8(start + 32)} is unknown to this build`);
    yield { start, end, format };
    start = end;
  }
}

/**
 * The records of a payload whose checksum was right. The bodies are views of it.
 * Throws when the payload is not what `encodeRecordHead` writes: a format that this build does not know.
 */
export function* decodeRecords(payload: Buffer): Generator<IngestRecord> {
  for (const { start: at, end, format } of recordPlaces(payload)) {
    let text = at + FIXED_BYTES;
    const next = (lengthAt: number): string | null => {
      const length = payload.readUInt16LE(lengthAt);
      if (length === NULL_TEXT) return null;
      text += length;
      return payload.toString('utf8', text - length, text);
    };
    const record: IngestRecord = {
      receivedAtMs: payload.readDoubleLE(at + 4),
      accepted: payload.readUInt32LE(at + 12),
      rejected: payload.readUInt32LE(at + 16),
      tenant: next(at + 24) ?? '',
      keyId: next(at + 26) ?? '',
      pinnedService: next(at + 28),
      batchId: next(at + 30) ?? '',
      format,
      body: payload.subarray(end - payload.readUInt32LE(at + 20), end),
    };
    const defaultService = next(at + 34) ?? '';
    yield defaultService === '' ? record : { ...record, defaultService };
  }
}
