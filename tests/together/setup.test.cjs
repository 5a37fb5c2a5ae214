require("./require-tests.cjs").requireTests("infra/setup/**/*.test.ts");
