require("./require-tests.cjs").requireMocksTests("{components,infra,stacks,tests}/**/*.mocks.test.ts");
