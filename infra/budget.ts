/** Tells the e-mail addresses when a month becomes expensive. */
import * as aws from "@pulumi/aws";
import type { Stack } from "./stack.ts";

/**
 * The budget is the whole account's: AWS tells costs apart by tag only where somebody with access to billing has switched
 * the tag on, and would count nothing until then.
 */
export function budgetAlarm({ config, names, tags }: Stack): aws.budgets.Budget | undefined {
  const { emails, monthlyBudget } = config;
  if (monthlyBudget === 0 || emails.length === 0) return undefined;
  const notification = (notificationType: "ACTUAL" | "FORECASTED") => ({
    notificationType,
    comparisonOperator: "GREATER_THAN",
    threshold: 100,
    thresholdType: "PERCENTAGE",
    // directly, not through the topic: this comes even where no subscription was confirmed
    subscriberEmailAddresses: emails,
  });
  return new aws.budgets.Budget("monthly", {
    name: names.prefix,
    budgetType: "COST",
    timeUnit: "MONTHLY",
    limitAmount: String(monthlyBudget),
    limitUnit: "USD",
    notifications: [notification("ACTUAL"), notification("FORECASTED")],
    tags,
  });
}
