{{- define "sentinellog.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- /* 52: a StatefulSet's pods carry a revision hash of up to 11 characters in a label, and labels end at 63. */ -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "sentinellog.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: agent
{{- end -}}

{{- define "sentinellog.labels" -}}
{{ include "sentinellog.selector" . }}
app.kubernetes.io/part-of: sentinellog
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "sentinellog.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "sentinellog.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "sentinellog.image" -}}
{{- $tagged := printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- if .Values.image.digest -}}{{ $tagged }}@{{ .Values.image.digest }}{{- else -}}{{ $tagged }}{{- end -}}
{{- end -}}

{{- /* Pod Security "restricted", for every pod of this chart. */ -}}
{{- define "sentinellog.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "sentinellog.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
privileged: false
capabilities:
  drop: [ALL]
{{- end -}}

{{- /* The agent's configuration file: what the chart decides, over what `config` says. */ -}}
{{- define "sentinellog.config" -}}
{{- $decided := dict
  "listen" "0.0.0.0:8400"
  "dataDir" "/var/lib/sentinellog"
  "agent" (dict "name" .Values.agent.name "code" .Values.agent.code)
  "log" (dict "level" .Values.agent.logLevel)
-}}
{{- $receive := dict -}}
{{- $syslog := dict -}}
{{- with .Values.ports -}}
{{- if .syslogTcp }}{{ $_ := set $syslog "tcp" (dict "listen" (printf "0.0.0.0:%v" .syslogTcp)) }}{{ end -}}
{{- if .syslogUdp }}{{ $_ := set $syslog "udp" (dict "listen" (printf "0.0.0.0:%v" .syslogUdp)) }}{{ end -}}
{{- if $syslog }}{{ $_ := set $receive "syslog" $syslog }}{{ end -}}
{{- if .relp }}{{ $_ := set $receive "relp" (dict "listen" (printf "0.0.0.0:%v" .relp)) }}{{ end -}}
{{- if .otlpGrpc }}{{ $_ := set $receive "grpc" (dict "listen" (printf "0.0.0.0:%v" .otlpGrpc)) }}{{ end -}}
{{- end -}}
{{- if $receive }}{{ $_ := set $decided "receive" $receive }}{{ end -}}
{{- mustMergeOverwrite (deepCopy .Values.config) $decided | toYaml -}}
{{- end -}}

{{/* The ports besides HTTP that are open, as a list of name, port and protocol. */}}
{{- define "sentinellog.ports" -}}
{{- $ports := list -}}
{{- with .Values.ports -}}
{{- if .syslogTcp }}{{ $ports = append $ports (dict "name" "syslog-tcp" "port" .syslogTcp "protocol" "TCP") }}{{ end -}}
{{- if .syslogUdp }}{{ $ports = append $ports (dict "name" "syslog-udp" "port" .syslogUdp "protocol" "UDP") }}{{ end -}}
{{- if .relp }}{{ $ports = append $ports (dict "name" "relp" "port" .relp "protocol" "TCP") }}{{ end -}}
{{- if .otlpGrpc }}{{ $ports = append $ports (dict "name" "otlp-grpc" "port" .otlpGrpc "protocol" "TCP") }}{{ end -}}
{{- end -}}
{{- $ports | toJson -}}
{{- end -}}
