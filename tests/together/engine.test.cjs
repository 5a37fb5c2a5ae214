require("./require-tests.cjs").requireTests(
  "infra/engine/*.test.ts",
  "infra/engine/{deployment,host,project,state,wire}/**/*.test.ts",
);
