/** A tracker of issues in the shape of GitHub's. */
import { z } from 'zod';
import { type FakeAnswer, type FakeRequest, FaultyServer } from './faulty-server.ts';

export const TICKET_PROJECT = 'acme/ops';
const IssueSchema = z.object({ title: z.string().max(256), body: z.string(), labels: z.array(z.string().max(50)) });
type Issue = z.infer<typeof IssueSchema> & { state: string; readonly comments: string[] };
const PATH = /^\/repos\/acme\/ops\/issues(?:\/(\d+))?(\/comments)?(?:\?|$)/;

export class FakeTickets {
  /** The first is number 1. */
  readonly issues: Issue[] = [];
  readonly http: FaultyServer;

  private constructor(http: FaultyServer) {
    this.http = http;
  }

  static async open(): Promise<FakeTickets> {
    let tickets: FakeTickets | undefined = undefined;
    const http = await FaultyServer.open((request) => tickets?.answer(request) ?? { status: 503, body: '' });
    tickets = new FakeTickets(http);
    return tickets;
  }

  close(): Promise<void> {
    return this.http.close();
  }

  answer({ method, path, body }: FakeRequest): FakeAnswer {
    const [, number, comments] = PATH.exec(path) ?? [];
    const issue = this.issues[Number(number) - 1];
    if (method === 'GET') {
      const label = new URL(path, 'http://tickets').searchParams.get('labels') ?? '';
      const found = this.issues.flatMap(({ labels }, index) => (labels.includes(label) ? [{ number: index + 1 }] : []));
      return { status: 200, body: found };
    }
    if (number === undefined) {
      const made = IssueSchema.safeParse(JSON.parse(body));
      if (!made.success) return { status: 422, body: { message: made.error.message } };
      this.issues.push({ ...made.data, state: 'open', comments: [] });
      return { status: 201, body: { number: this.issues.length } };
    }
    if (issue === undefined) return { status: 404, body: { message: 'Not Found' } };
    if (comments === undefined) issue.state = z.object({ state: z.string() }).parse(JSON.parse(body)).state;
    else issue.comments.push(z.object({ body: z.string() }).parse(JSON.parse(body)).body);
    return { status: comments === undefined ? 200 : 201, body: { number: Number(number) } };
  }
}
