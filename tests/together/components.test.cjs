require("./require-tests.cjs")("components/**/*.test.ts");
