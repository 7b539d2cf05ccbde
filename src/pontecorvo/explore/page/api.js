// Requests to the server that sent this page, and to nothing else.

const PAGE = Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");

export class Refused extends Error {}
export class Superseded extends Error {}

async function request(path, content) {
  const options = content === undefined ? {} : {
    method: "POST",
    body: JSON.stringify(content),
    headers: { "Content-Type": "application/json", "X-Page": PAGE },
  };
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refused("The server does not answer; start pontecorvo explore again.");
  }
  const kind = answer.headers.get("X-Answer");
  if (answer.ok && !kind) return answer;
  if (kind === "superseded") throw new Superseded();
  let said = null;
  try {
    said = await answer.json();
  } catch {
    said = {};
  }
  throw new Refused(said.refused || said.error || `The server answered ${answer.status}.`);
}

export async function getJson(path, content) {
  return (await request(path, content)).json();
}

export async function getText(path, content) {
  return (await request(path, content)).text();
}

// A JSON header, then rows of 32-bit floats: see explore/packing.py.
export async function getRows(path, content) {
  const bytes = await (await request(path, content)).arrayBuffer();
  const length = new DataView(bytes).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  const rows = {};
  header.rows.forEach((name, k) => {
    rows[name] = new Float32Array(bytes, 4 + length + 4 * k * header.size, header.size);
  });
  return { header, rows };
}

// Asks one question at a time; while it waits, only the newest of the next ones is kept.
export class Newest {
  constructor(work) {
    this.work = work;
    this.busy = false;
    this.next = null;
  }

  ask(question) {
    this.next = { question };
    if (!this.busy) this.run();
  }

  async run() {
    this.busy = true;
    while (this.next) {
      const { question } = this.next;
      this.next = null;
      await this.work(question, () => this.next !== null);
    }
    this.busy = false;
  }
}
