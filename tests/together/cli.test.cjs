require("./require-tests.cjs")("infra/cli/**/*.test.ts");
