/** Pages of the AWS console, for people who read an e-mail. */

/** The lines of one log stream. */
export function logStreamLink(region: string, group: string, stream: string): string {
  const groups = `#logsV2:log-groups/log-group/${hidden(group)}/log-events/${hidden(stream)}`;
  return `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}${groups}`;
}

/** The console reads names twice encoded, with `$` for the second `%`. */
function hidden(name: string): string {
  return encodeURIComponent(encodeURIComponent(name)).replaceAll("%", "$");
}
