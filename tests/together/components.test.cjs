require("./require-tests.cjs").requireTests("components/**/*.test.ts");
