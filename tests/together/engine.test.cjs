require("./require-tests.cjs")("infra/engine/{deployment,host,project,state,wire}/**/*.test.ts");
