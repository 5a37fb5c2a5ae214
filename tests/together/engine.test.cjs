require("./require-tests.cjs").requireTests("infra/engine/{deployment,host,project,state,wire}/**/*.test.ts");
