import { FieldScan } from './field-scan.ts';

/** JSON as scan-json.ts takes it, behind a text head: for senders whose fields have names, or a schema, of their own. */
export class MappedJsonScan extends FieldScan {
  override begin(body: Uint8Array): void {
    super.begin(body);
    this.beginJson();
  }

  protected step(): number {
    return this.nextJson();
  }
}
