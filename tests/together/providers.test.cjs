require("./require-tests.cjs")("infra/engine/providers/**/*.test.ts");
