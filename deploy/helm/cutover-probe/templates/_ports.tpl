{{- /* The ports that the plan asks at and that no other value lets out, as `ports` of a NetworkPolicy. DNS's and HTTPS's own are `dns` and `https`. */ -}}
{{- define "cutover-probe.planPorts" -}}
{{- $authoritative := default dict .Values.plan.authoritative }}
{{- $dns := list $authoritative.port }}
{{- $web := list }}
{{- $servers := default list $authoritative.start }}
{{- range $key := list "overrides" "private_zones" }}
{{- range default dict (index $authoritative $key) }}{{ $servers = concat $servers . }}{{ end }}
{{- end }}
{{- range $servers }}
{{- /* 192.0.2.53:5353 and [2001:db8::53]:5353 have a port; 192.0.2.53 and 2001:db8::53 have none. */ -}}
{{- with regexFind "^([0-9.]+|\\[.*\\]):[0-9]+$" . }}{{ $dns = append $dns (regexFind "[0-9]+$" .) }}{{ end }}
{{- end }}
{{- range .Values.plan.resolvers }}
{{- if eq (default "udp" .transport) "udp" }}
{{- $dns = append $dns .port }}
{{- else }}
{{- $ofUrl := regexFind ":[0-9]+$" (get (urlParse (default "" .url)) "host") | trimPrefix ":" }}
{{- $web = append $web (default .port $ofUrl) }}
{{- end }}
{{- end }}
{{- range .Values.plan.waves }}
{{- range prepend .domains . }}
{{- if kindIs "map" . }}{{ $web = append $web (default dict .http).port }}{{ end }}
{{- end }}
{{- end }}
{{- $said := concat (default list .Values.networkPolicy.dns) (default list .Values.networkPolicy.https) }}
{{- range .Values.networkPolicy.extraEgress }}{{ $said = concat $said (default list .ports) }}{{ end }}
{{- $more := list }}
{{- range $protocol, $ports := dict "TCP" (concat $dns $web) "UDP" $dns }}
{{- range $ports }}
{{- $port := int . }}
{{- $known := has $port (list 0 53 443 853) }}
{{- range $said }}
{{- if and (eq (default "TCP" .protocol) $protocol) (ge $port (int .port)) (le $port (int (default .port .endPort))) }}{{ $known = true }}{{ end }}
{{- end }}
{{- if not $known }}{{ $more = append $more (dict "port" $port "protocol" $protocol) }}{{ end }}
{{- end }}
{{- end }}
{{- toJson (uniq $more) }}
{{- end }}
