/** A small typed client: paths, parameters and replies come from the service's own OpenAPI. */
import type { components, paths } from "./schema";

type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : never;
type Reply<Operation> = Operation extends { responses: { 200: infer Ok } } ? Json<Ok> : never;
type Known<T> = [NonNullable<T>] extends [never] ? unknown : NonNullable<T>;
type Query<Operation> = Operation extends { parameters: { query?: infer Q } } ? Known<Q> : unknown;
type InPath<Operation> = Operation extends { parameters: { path?: infer P } } ? Known<P> : unknown;
type Sent<Operation> = Operation extends {
  requestBody?: { content: { "application/json": infer Body } };
}
  ? Body
  : never;

type GetPath = { [P in keyof paths]: paths[P] extends { get: object } ? P : never }[keyof paths];
type PostPath = { [P in keyof paths]: paths[P] extends { post: object } ? P : never }[keyof paths];

/** What a path takes: its own parameters and those of its query, in one object. */
export type Parameters<P extends GetPath> = Query<paths[P]["get"]> & InPath<paths[P]["get"]>;

/** What a path answers. */
export type ReplyOf<P extends GetPath> = Reply<paths[P]["get"]>;

export type Candle = components["schemas"]["Candle"];

/** Left out where a path needs no parameters. */
type Asked<P extends GetPath> = object extends Parameters<P>
  ? [parameters?: Parameters<P>]
  : [parameters: Parameters<P>];

/** The service's refusal: a stable code, a sentence, and details to act on. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: unknown,
    readonly retryAfterSeconds: number | null,
  ) {
    super(message);
  }
}

export class Dreammaker {
  constructor(
    private readonly root: string,
    private readonly key?: string,
  ) {}

  async get<P extends GetPath>(path: P, ...[parameters]: Asked<P>): Promise<ReplyOf<P>> {
    const query = new URLSearchParams();
    let target: string = path;
    for (const [name, value] of Object.entries(parameters ?? {})) {
      if (value === undefined || value === null) continue;
      const hole = `{${name}}`;
      if (target.includes(hole)) target = target.replace(hole, encodeURIComponent(String(value)));
      else query.set(name, String(value));
    }
    const asked = query.size ? `${target}?${query}` : target;
    return (await this.ask(asked)) as ReplyOf<P>;
  }

  async post<P extends PostPath>(
    path: P,
    body: Sent<paths[P]["post"]>,
  ): Promise<Reply<paths[P]["post"]>> {
    const answer = await this.ask(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return answer as Reply<paths[P]["post"]>;
  }

  private async ask(target: string, init: RequestInit = {}): Promise<unknown> {
    const headers = new Headers(init.headers);
    if (this.key) headers.set("Authorization", `Bearer ${this.key}`);
    const response = await fetch(new URL(target, this.root), { ...init, headers });
    const body = await response.json();
    if (response.ok) return body;
    const wait = response.headers.get("Retry-After");
    const { code, message, details } = body.error;
    throw new Refusal(response.status, code, message, details, wait === null ? null : Number(wait));
  }
}
