{{- define "weir.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* Labels that select the pods of a role: (list $ "ingest"). */}}
{{- define "weir.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "weir.labels" -}}
{{- $root := index . 0 -}}
{{ include "weir.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end }}

{{- define "weir.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "weir.fullname" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- define "weir.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* How many ingest replicas there may ever be: query replicas know each by its name. */}}
{{- define "weir.ingestNames" -}}
{{- if .Values.ingest.autoscaling.enabled }}{{ max (int .Values.ingest.replicas) (int .Values.ingest.autoscaling.maxReplicas) }}{{ else }}{{ .Values.ingest.replicas }}{{ end }}
{{- end }}

{{/* Settings that both roles share, as a map in YAML. */}}
{{- define "weir.settings" -}}
server.address: 0.0.0.0
weir.catalog.url: {{ required "catalog.url is needed: r2dbc:postgresql://HOST:PORT/DATABASE" .Values.catalog.url | quote }}
weir.storage.type: {{ .Values.storage.type }}
weir.storage.prefix: {{ .Values.storage.prefix | quote }}
{{- if eq .Values.storage.type "gcs" }}
weir.storage.gcs.bucket: {{ required "storage.bucket is needed" .Values.storage.bucket | quote }}
{{- else }}
weir.storage.s3.bucket: {{ required "storage.bucket is needed" .Values.storage.bucket | quote }}
weir.storage.s3.region: {{ .Values.storage.region | quote }}
{{- with .Values.storage.endpoint }}
weir.storage.s3.endpoint: {{ . | quote }}
weir.storage.s3.path-style: "true"
{{- end }}
{{- if .Values.storage.secret.name }}
weir.storage.s3.credentials: static
{{- end }}
{{- end }}
{{- with .Values.redis.url }}
weir.redis.url: {{ . | quote }}
{{- end }}
weir.auth.public-metrics: {{ .Values.metrics.public | quote }}
{{- end }}

{{/* What only a secret knows, as environment variables. */}}
{{- define "weir.secrets" -}}
- name: WEIR_CATALOG_USERNAME
  valueFrom:
    secretKeyRef:
      name: {{ required "catalog.secret.name is needed: a secret with the user and the password of the catalog" .Values.catalog.secret.name }}
      key: {{ .Values.catalog.secret.usernameKey }}
- name: WEIR_CATALOG_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .Values.catalog.secret.name }}
      key: {{ .Values.catalog.secret.passwordKey }}
- name: WEIR_INTERNAL_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ required "internal.secret.name is needed: a secret that ingest and query replicas share" .Values.internal.secret.name }}
      key: {{ .Values.internal.secret.key }}
{{- if and .Values.storage.secret.name (ne .Values.storage.type "gcs") }}
- name: WEIR_STORAGE_S3_ACCESSKEY
  valueFrom:
    secretKeyRef:
      name: {{ .Values.storage.secret.name }}
      key: {{ .Values.storage.secret.accessKeyKey }}
- name: WEIR_STORAGE_S3_SECRETKEY
  valueFrom:
    secretKeyRef:
      name: {{ .Values.storage.secret.name }}
      key: {{ .Values.storage.secret.secretKeyKey }}
{{- end }}
{{- if .Values.redis.secret.name }}
- name: WEIR_REDIS_USERNAME
  valueFrom:
    secretKeyRef:
      name: {{ .Values.redis.secret.name }}
      key: {{ .Values.redis.secret.usernameKey }}
- name: WEIR_REDIS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .Values.redis.secret.name }}
      key: {{ .Values.redis.secret.passwordKey }}
{{- end }}
{{- end }}

{{- define "weir.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "weir.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Probes of a role: (list $roleValues "portName"). A server listens only when its log has been replayed. */}}
{{- define "weir.probes" -}}
{{- $role := index . 0 -}}
startupProbe:
  httpGet: {path: /health/liveness, port: {{ index . 1 }}}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: {{ mul 12 (int $role.startUpMinutes) }}
readinessProbe:
  httpGet: {path: /health/readiness, port: {{ index . 1 }}}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 3
livenessProbe:
  httpGet: {path: /health/liveness, port: {{ index . 1 }}}
  periodSeconds: 10
  timeoutSeconds: 10
  failureThreshold: 6
{{- end }}

{{/* Where pods of a role go: (list $ $roleValues "ingest"). */}}
{{- define "weir.placement" -}}
{{- $role := index . 1 -}}
{{- with $role.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $role.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $role.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "weir.selector" (list (index . 0) (index . 2)) | nindent 8 }}
{{- end }}
