// Cutover Probe's rules and dashboards as a Prometheus mixin (https://monitoring.mixins.dev). `rules.yaml` and `dashboards/` are written by
// `make rules` and `make dashboards`, out of the same source as the chart's: do not edit them by hand.
local rules = std.parseYaml(importstr 'rules.yaml');
local boards = {
  'cutover-overview.json': import 'dashboards/cutover-overview.json',
  'cutover-domain.json': import 'dashboards/cutover-domain.json',
  'cutover-probe.json': import 'dashboards/cutover-probe.json',
};
local alerts = [rule.alert for group in rules.groups for rule in group.rules if 'alert' in rule];

{
  local config = self._config,

  _config:: {
    // Alerts to leave out, by name. One that does not exist is an error: it would page under its new name.
    disabled: [],
    // Labels for every alert, such as a team's for the route. `severity` is the rules' own.
    labels: {},
    // Tags for every dashboard, beside the two by which they link to each other.
    tags: [],
  },

  assert std.setDiff(std.set(config.disabled), std.set(alerts)) == [] :
         'no such alert: ' + std.join(', ', std.setDiff(std.set(config.disabled), std.set(alerts))),
  assert !std.objectHas(config.labels, 'severity') : 'labels must not set severity: the rules say it, alert by alert',

  local groups(wanted) = [group for group in [
    group { rules: std.filterMap(wanted, function(rule) rule, super.rules) }
    for group in rules.groups
  ] if std.length(group.rules) > 0],

  grafanaDashboards+:: {
    [name]: boards[name] { tags+: config.tags }
    for name in std.objectFields(boards)
  },
  prometheusRules+:: {
    groups+: [
      group { name: group.name + '-rules' }
      for group in groups(function(rule) 'record' in rule)
    ],
  },
  prometheusAlerts+:: {
    groups+: [
      group { rules: [rule { labels+: config.labels } for rule in super.rules] }
      for group in groups(function(rule) 'alert' in rule && !std.member(config.disabled, rule.alert))
    ],
  },
}
