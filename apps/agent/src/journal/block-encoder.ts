import { crc32 } from 'node:zlib';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import { BLOCK_HEADER_BYTES, CODEC, encodeBlockHeader } from './block-format.ts';
import { encodeRecordHead, headRoomOf } from './record-format.ts';

/** Bodies up to this size are copied into one buffer: a thousand single events must not become two thousand iovecs. */
const COPIED_BODY_BYTES = 8 * 1024;
const FIRST_STAGE_BYTES = 256 * 1024;
/** A stage that one rare large group has grown is not kept. */
const LARGEST_KEPT_STAGE_BYTES = 8 * 1024 * 1024;

export interface EncodedBlock {
  /** Valid until the next `encode`, and as long as the records' bodies are. */
  readonly buffers: readonly Buffer[];
  readonly bytes: number;
}

/**
 * Lays a group of records out as one plain block. This is the place where a worker will compress and encrypt: what
 * goes in are records and what comes out are buffers.
 */
export class BlockEncoder {
  #stage = Buffer.allocUnsafeSlow(FIRST_STAGE_BYTES);

  encode(records: readonly IngestRecord[], lsn: number): EncodedBlock {
    const stage = this.#stageFor(records);
    const buffers: Buffer[] = [];
    let newestReceivedAtMs = 0;
    let staged = BLOCK_HEADER_BYTES;
    let from = 0;
    for (const record of records) {
      const { body } = record;
      newestReceivedAtMs = Math.max(newestReceivedAtMs, record.receivedAtMs);
      staged = encodeRecordHead(record, stage, staged);
      if (body.length <= COPIED_BODY_BYTES) {
        stage.set(body, staged);
        staged += body.length;
      } else {
        buffers.push(stage.subarray(from, staged), Buffer.from(body.buffer, body.byteOffset, body.length));
        from = staged;
      }
    }
    if (staged > from) buffers.push(stage.subarray(from, staged));

    let payloadCrc = 0;
    let bytes = 0;
    for (const [at, buffer] of buffers.entries()) {
      payloadCrc = crc32(at === 0 ? buffer.subarray(BLOCK_HEADER_BYTES) : buffer, payloadCrc);
      bytes += buffer.length;
    }
    const payloadBytes = bytes - BLOCK_HEADER_BYTES;
    const header = { lsn, payloadBytes, records: records.length, newestReceivedAtMs, codec: CODEC.plain, payloadCrc };
    encodeBlockHeader(stage, header);
    return { buffers, bytes };
  }

  #stageFor(records: readonly IngestRecord[]): Buffer {
    let room = BLOCK_HEADER_BYTES;
    for (const record of records) {
      room += headRoomOf(record) + (record.body.length <= COPIED_BODY_BYTES ? record.body.length : 0);
    }
    if (room <= this.#stage.length) return this.#stage;
    const larger = Buffer.allocUnsafeSlow(room * 2);
    if (larger.length <= LARGEST_KEPT_STAGE_BYTES) this.#stage = larger;
    return larger;
  }
}
