require("./require-tests.cjs").requireTests("infra/cli/**/*.test.ts");
