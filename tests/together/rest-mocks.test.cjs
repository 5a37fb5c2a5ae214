require("./require-tests.cjs").requireMocksTests("{infra,stacks,tests}/**/*.mocks.test.ts");
