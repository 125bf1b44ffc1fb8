package io.weir.common.trace;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.server.WebFilter;

/** Tracing, when it is on: a provider of tracers, what sends spans away in batches, and the filter that begins them. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "weir.tracing.enabled", havingValue = "true")
@EnableConfigurationProperties(TraceSettings.class)
public class TraceConfiguration {

    private static final AttributeKey<String> SERVICE = AttributeKey.stringKey("service.name");

    /** Its closing sends what waits. */
    @Bean(destroyMethod = "close")
    SdkTracerProvider tracerProvider(TraceSettings settings) {
        OtlpHttpSpanExporterBuilder exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(settings.endpoint())
                .setTimeout(settings.timeout())
                .setRetryPolicy(null) // a receiver that is away must not hold up a stop; the next batch finds it
                .setCompression("gzip");
        settings.headers().forEach(exporter::addHeader);
        return SdkTracerProvider.builder()
                .setResource(
                        Resource.getDefault().toBuilder().put(SERVICE, "weir").build())
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(settings.sampling())))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter.build())
                        .setMaxQueueSize(settings.queue())
                        .setMaxExportBatchSize(Math.min(settings.queue(), 512))
                        .setExporterTimeout(settings.timeout())
                        .build())
                .build();
    }

    @Bean
    WebFilter traceFilter(SdkTracerProvider provider) {
        return new TraceFilter(provider.get("io.weir"));
    }
}
