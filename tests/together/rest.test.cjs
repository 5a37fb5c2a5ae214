require("./require-tests.cjs")("{infra,infra/description,tests}/*.test.ts");
