require("./require-tests.cjs")("{infra,tests}/*.test.ts");
