/** Where the stacks of the tests would be deployed to. */
export const account = "123456789012";
export const region = "us-east-1";
