require("./require-tests.cjs")("infra/setup/**/*.test.ts");
