/** Answers every request with a greeting. */
const http = require("node:http");
const os = require("node:os");

const server = http.createServer((request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(`${JSON.stringify({ hello: "world", path: request.url, from: os.hostname() })}\n`);
});

server.listen(8080, () => console.log("listening on port 8080"));

// The last requests are answered before it ends.
process.on("SIGTERM", () => server.close(() => process.exit(0)));
