{{- define "cutover-probe.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* 52 characters: a StatefulSet adds its ordinal, and its pods' label a hash of ten. */ -}}
{{- define "cutover-probe.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains (include "cutover-probe.name" .) .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "cutover-probe.name" .) | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "cutover-probe.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- define "cutover-probe.selectorLabels" -}}
app.kubernetes.io/name: {{ include "cutover-probe.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* The chart's labels and those of the values, each key once: dict root, labels (a dict by the value's name), and own, which go before all. */ -}}
{{- define "cutover-probe.labels" -}}
{{- $root := .root }}
{{- $chart := dict "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") "app.kubernetes.io/version" $root.Chart.AppVersion "app.kubernetes.io/managed-by" $root.Release.Service }}
{{- $chart = merge (include "cutover-probe.selectorLabels" $root | fromYaml) $chart }}
{{- $all := dict }}
{{- range $name, $given := merge (dict "commonLabels" $root.Values.commonLabels) (default dict .labels) }}
{{- range $key, $value := $given }}
{{- if or (hasKey $chart $key) (eq $key "app.kubernetes.io/component") }}
{{- fail (printf "%s may not set %s: the chart sets it, and selectors find the pods by it. Take another key." $name $key) }}
{{- end }}
{{- $_ := set $all $key $value }}
{{- end }}
{{- end }}
{{- toYaml (merge (dict) (default dict .own) $chart $all) }}
{{- end }}

{{- define "cutover-probe.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "cutover-probe.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "cutover-probe.image" -}}
{{- $registry := default .Values.image.registry (default dict .Values.global).imageRegistry }}
{{- $name := ternary (printf "%s/%s" (trimSuffix "/" (default "" $registry)) .Values.image.repository) .Values.image.repository (not (empty $registry)) }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $name .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $name (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "cutover-probe.pullSecrets" -}}
{{- with concat (default list .Values.imagePullSecrets) (default list (default dict .Values.global).imagePullSecrets) | uniq }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "cutover-probe.configMapName" -}}
{{- default (include "cutover-probe.fullname" .) .Values.existingConfigMap }}
{{- end }}

{{- define "cutover-probe.planPath" -}}
/etc/cutover-probe/{{ if .Values.existingConfigMap }}{{ .Values.existingConfigMapKey }}{{ else }}plan.yaml{{ end }}
{{- end }}

{{- define "cutover-probe.servicePort" -}}
{{- default .Values.web.port .Values.service.port }}
{{- end }}

{{- /* The names by which Ingress and HTTPRoute have people ask for the page. */ -}}
{{- define "cutover-probe.publicHosts" -}}
{{- $hosts := list }}
{{- if .Values.ingress.enabled }}{{ $hosts = concat $hosts .Values.ingress.hosts }}{{ end }}
{{- if .Values.httpRoute.enabled }}{{ $hosts = concat $hosts .Values.httpRoute.hostnames }}{{ end }}
{{- toJson ($hosts | uniq) }}
{{- end }}

{{- /* Where people reach the page, when an Ingress or an HTTPRoute leads there: the first name that is no wildcard. */ -}}
{{- define "cutover-probe.externalUrl" -}}
{{- $ingress := .Values.ingress }}
{{- $url := "" }}
{{- if .Values.httpRoute.enabled }}
{{- range .Values.httpRoute.hostnames }}{{ if and (not $url) (not (hasPrefix "*" .)) }}{{ $url = printf "%s://%s" $.Values.httpRoute.scheme . }}{{ end }}{{ end }}
{{- end }}
{{- if $ingress.enabled }}
{{- $secure := or $ingress.tls (hasKey (default dict $ingress.annotations) "alb.ingress.kubernetes.io/certificate-arn") }}
{{- $scheme := default (ternary "https" "http" (not (empty $secure))) $ingress.scheme }}
{{- $first := "" }}
{{- range $ingress.hosts }}{{ if and (not $first) (not (hasPrefix "*" .)) }}{{ $first = printf "%s://%s" $scheme . }}{{ end }}{{ end }}
{{- $url = default $url $first }}
{{- end }}
{{- $url }}
{{- end }}

{{- define "cutover-probe.isStatefulSet" -}}
{{- if or .Values.persistence.enabled (gt (int .Values.shards) 1) }}true{{ end }}
{{- end }}

{{- /* What the daemon and the check of its plan have in common. */ -}}
{{- define "cutover-probe.container" -}}
{{- $kubeconfig := ternary (list (dict "name" "KUBECONFIG" "value" "/etc/cutover-probe-kubeconfig/config")) list (not (empty .Values.discovery.kubeconfigSecret)) }}
{{- with concat $kubeconfig .Values.extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.securityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  # A directory, not a subPath: only so a changed ConfigMap reaches the running daemon.
  - {name: plan, mountPath: /etc/cutover-probe, readOnly: true}
  {{- if .Values.persistence.enabled }}
  - {name: journal, mountPath: /var/lib/cutover-probe}
  {{- end }}
  {{- if .Values.web.existingConfigSecret }}
  - {name: web-config, mountPath: /etc/cutover-probe-web, readOnly: true}
  {{- end }}
  {{- if .Values.existingSecret }}
  - {name: secrets, mountPath: /etc/cutover-probe-secrets, readOnly: true}
  {{- end }}
  {{- if .Values.discovery.kubeconfigSecret }}
  - {name: kubeconfig, mountPath: /etc/cutover-probe-kubeconfig, readOnly: true}
  {{- end }}
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- /* What a Deployment and a StatefulSet have in common: the whole pod. */ -}}
{{- define "cutover-probe.pod" -}}
metadata:
  labels:
    {{- include "cutover-probe.labels" (dict "root" . "labels" (dict "podLabels" .Values.podLabels)) | nindent 4 }}
  {{- with .Values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "cutover-probe.serviceAccountName" . }}
  automountServiceAccountToken: {{ .Values.discovery.enabled }}
  enableServiceLinks: false
  {{- with include "cutover-probe.pullSecrets" . }}
  {{- . | trim | nindent 2 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.runtimeClassName }}
  runtimeClassName: {{ . }}
  {{- end }}
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  hostNetwork: {{ .Values.hostNetwork }}
  {{- with .Values.hostAliases }}
  hostAliases:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  dnsPolicy: {{ .Values.dnsPolicy }}
  {{- with .Values.dnsConfig }}
  dnsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.podSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if or .Values.configCheck.enabled .Values.initContainers }}
  initContainers:
    {{- with .Values.initContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- if .Values.configCheck.enabled }}
    # Last, so that it reads what the ones before it wrote. Its mistakes, with line and remedy, stand in `kubectl describe pod`.
    - name: config-check
      image: {{ include "cutover-probe.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [config, check, {{ include "cutover-probe.planPath" . }}]
      terminationMessagePolicy: FallbackToLogsOnError
      {{- include "cutover-probe.container" . | trim | nindent 6 }}
    {{- end }}
  {{- end }}
  containers:
    - name: cutover-probe
      image: {{ include "cutover-probe.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        - run
        - --config={{ include "cutover-probe.planPath" . }}
        # Every address of both families; on a node whose kernel has no IPv6, every one of IPv4.
        - {{ printf "--listen=%s:%v" (ternary (printf "[%s]" .Values.web.address) .Values.web.address (contains ":" .Values.web.address)) .Values.web.port | quote }}
        {{- $service := include "cutover-probe.fullname" . }}
        {{- $namespace := include "cutover-probe.namespace" . }}
        {{- range concat (list $service (printf "%s.%s" $service $namespace) (printf "%s.%s.svc" $service $namespace) (printf "%s.%s.svc.cluster.local" $service $namespace)) (include "cutover-probe.publicHosts" . | fromJsonArray) }}
        {{- if not (hasPrefix "*" .) }}
        - --web.allowed-host={{ . }}
        {{- end }}
        {{- end }}
        - --log.level={{ .Values.log.level }}
        - --log.format={{ .Values.log.format }}
        {{- if gt (int .Values.shards) 1 }}
        - --shard=auto
        - --total-shards={{ .Values.shards }}
        {{- end }}
        {{- if .Values.persistence.enabled }}
        - --state.path=/var/lib/cutover-probe/journal.db
        {{- end }}
        {{- if .Values.web.existingConfigSecret }}
        - --web.config.file=/etc/cutover-probe-web/web.yaml
        # The kubelet has neither a password nor a certificate.
        - --web.open-health
        {{- end }}
        {{- with .Values.extraArgs }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      terminationMessagePolicy: FallbackToLogsOnError
      ports:
        - {name: http, containerPort: {{ .Values.web.port }}, protocol: TCP}
      {{- range $name, $path := dict "startupProbe" "/-/healthy" "livenessProbe" "/-/healthy" "readinessProbe" "/-/ready" }}
      {{- with index $.Values $name }}
      {{ $name }}:
        {{- $handler := dict "httpGet" (dict "path" $path "port" "http" "scheme" $.Values.web.scheme) }}
        {{- if or .exec .tcpSocket .grpc .httpGet }}{{ $handler = dict }}{{ end }}
        {{- toYaml (merge (dict) . $handler) | nindent 8 }}
      {{- end }}
      {{- end }}
      {{- include "cutover-probe.container" . | trim | nindent 6 }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    {{- if .Values.topologySpreadConstraints }}
    {{- toYaml .Values.topologySpreadConstraints | nindent 4 }}
    {{- else }}
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "cutover-probe.selectorLabels" $ | nindent 10 }}
    {{- end }}
    {{- end }}
  volumes:
    - name: plan
      configMap: {name: {{ include "cutover-probe.configMapName" . }}}
    {{- if .Values.web.existingConfigSecret }}
    - name: web-config
      secret: {secretName: {{ .Values.web.existingConfigSecret }}, defaultMode: 288}
    {{- end }}
    {{- if and .Values.persistence.enabled .Values.persistence.existingClaim }}
    - name: journal
      persistentVolumeClaim: {claimName: {{ .Values.persistence.existingClaim }}}
    {{- end }}
    {{- if .Values.existingSecret }}
    - name: secrets
      secret: {secretName: {{ .Values.existingSecret }}, defaultMode: 288}
    {{- end }}
    {{- if .Values.discovery.kubeconfigSecret }}
    - name: kubeconfig
      secret: {secretName: {{ .Values.discovery.kubeconfigSecret }}, defaultMode: 288}
    {{- end }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{- /* What Prometheus asks for: dict root, values. The scheme follows the web configuration unless it is said. */ -}}
{{- define "cutover-probe.endpoint" -}}
port: http
path: /metrics
interval: {{ .values.interval }}
scrapeTimeout: {{ .values.scrapeTimeout }}
scheme: {{ default (lower .root.Values.web.scheme) .values.scheme }}
{{- if .values.honorLabels }}
honorLabels: true
{{- end }}
{{- range $key := list "tlsConfig" "basicAuth" "relabelings" "metricRelabelings" }}
{{- with index $.values $key }}
{{ $key }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{- define "cutover-probe.monitorSpec" -}}
{{- range $key := list "jobLabel" "targetLabels" "podTargetLabels" "sampleLimit" }}
{{- with index $ $key }}
{{ $key }}: {{ toJson . }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The head of an object: dict root, name, and values (labels, annotations, a namespace of its own), prefix (their name), own (labels). */ -}}
{{- define "cutover-probe.meta" -}}
{{- $values := default dict .values }}
metadata:
  name: {{ .name }}
  namespace: {{ default (include "cutover-probe.namespace" .root) $values.namespace }}
  labels:
    {{- include "cutover-probe.labels" (dict "root" .root "own" .own "labels" (dict (printf "%s.labels" (default "" .prefix)) (default dict $values.labels))) | nindent 4 }}
  {{- with $values.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "cutover-probe.families" -}}
{{- with .Values.service.ipFamilyPolicy }}
ipFamilyPolicy: {{ . }}
{{- end }}
{{- with .Values.service.ipFamilies }}
ipFamilies: {{ toJson . }}
{{- end }}
{{- end }}

{{- /* A size as a number: the API server keeps 1.5Gi as 1536Mi. Nothing for what the values could not have said. */ -}}
{{- define "cutover-probe.bytes" -}}
{{- $factors := dict "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "Pi" 1125899906842624 "Ei" 1152921504606846976 }}
{{- $unit := regexFind "[a-zA-Z]*$" . }}
{{- if hasKey $factors $unit }}
{{- mulf (trimSuffix $unit . | float64) (index $factors $unit) }}
{{- end }}
{{- end }}

{{- /* A duration of Prometheus as a number, as the values' schema lets it be written: 1h30m, 15s, 500ms. */ -}}
{{- define "cutover-probe.milliseconds" -}}
{{- $factors := dict "h" 3600000 "m" 60000 "s" 1000 "ms" 1 }}
{{- $sum := 0 }}
{{- range regexFindAll "[0-9]+(ms|[hms])" . -1 }}
{{- $unit := regexFind "[a-z]+$" . }}
{{- $sum = add $sum (mul (trimSuffix $unit . | int64) (index $factors $unit)) }}
{{- end }}
{{- $sum }}
{{- end }}
