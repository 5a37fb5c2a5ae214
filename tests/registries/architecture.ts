/** What the suite of registries runs: a service, and a foreign image that knows nothing of Flotilla and calls it. */
import { defineArchitecture } from "../../infra/architecture";

/** Answers with its own host name, and lets requests end when it is told to stop. */
const users = `
const server = require("node:http").createServer((request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ host: require("node:os").hostname() }));
});
server.listen(Number(process.env.PORT));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`;

/** Passes requests on by nothing but its environment: look-ups to the agent, all others to the service. */
const caller = `
import os, http.server, urllib.request, urllib.error

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        base = os.environ["FLOTILLA_LOOKUP_URL" if self.path.startswith("/v1/") else "USERS_URL"]
        try:
            answer = urllib.request.urlopen(base + self.path, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        body = answer.read()
        self.send_response(answer.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
`;

const program = {
  image: "catalogue:node",
  entrypoint: ["node", "-e", users],
  command: [],
  ports: [{ port: 8080 }],
  probe: { http: { path: "/" } },
};

export default defineArchitecture({
  name: "edge",
  registry: { kind: "native" },
  services: {
    users: { ...program, replicas: 2, metadata: { version: "1", zone: "a", weight: "2" } },
    // Joined by many more while the suite runs.
    crowd: program,
    foreign: {
      image: "catalogue:python",
      entrypoint: ["python3", "-c", caller],
      ports: [{ port: 8080 }],
      calls: ["users", "crowd"],
      probe: { tcp: {} },
    },
  },
  gateway: {
    routes: [
      { path: "/users", to: "users" },
      { path: "/foreign", to: "foreign", rewritePrefix: "/" },
    ],
  },
});
