require("./require-tests.cjs").requireMocksTests("components/**/*.mocks.test.ts");
