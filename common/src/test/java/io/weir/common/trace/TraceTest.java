package io.weir.common.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.weir.common.observe.TraceScope;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

/** Spans as a receiver of OTLP over HTTP gets them, and nothing at all when tracing is off. */
class TraceTest {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

    private final List<String> received = new CopyOnWriteArrayList<>();
    private final List<String> authorised = new CopyOnWriteArrayList<>();
    private HttpServer receiver;

    @BeforeEach
    void listen() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/v1/traces", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            byte[] plain = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
            received.add(new String(plain, StandardCharsets.ISO_8859_1));
            authorised.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        receiver.start();
    }

    @AfterEach
    void stop() {
        receiver.stop(0);
    }

    private TraceSettings settings(double sampling) {
        return new TraceSettings(
                true,
                "http://127.0.0.1:" + receiver.getAddress().getPort() + "/v1/traces",
                Map.of("Authorization", "Bearer t"),
                sampling,
                Duration.ofSeconds(5),
                100);
    }

    private static void handle(WebFilter filter, MockServerHttpRequest request, Mono<Void> answer) {
        filter.filter(MockServerWebExchange.from(request), exchange -> answer).block();
    }

    private static Mono<Void> stage() {
        return Mono.deferContextual(context -> {
            TraceScope scope = TraceScope.of(context);
            if (scope != null) {
                scope.ended("wal append", System.nanoTime() - 1_000_000, true);
            }
            return Mono.empty();
        });
    }

    @Test
    void aRequestAndItsStagesArriveUnderTheirCallersTrace() {
        TraceConfiguration configuration = new TraceConfiguration();
        SdkTracerProvider provider = configuration.tracerProvider(settings(0)); // the caller has decided
        MockServerHttpRequest request = MockServerHttpRequest.post("/write")
                .header("traceparent", "00-" + TRACE + "-b7ad6b7169203331-01")
                .build();
        handle(configuration.traceFilter(provider), request, stage());
        provider.forceFlush().join(10, TimeUnit.SECONDS);
        provider.close();
        String spans = String.join("", received);
        assertThat(spans).contains("POST", "wal append", "http.request.method", "service.name", "weir");
        assertThat(spans)
                .contains(new String(HexFormat.of().parseHex(TRACE), StandardCharsets.ISO_8859_1))
                .contains(new String(HexFormat.of().parseHex("b7ad6b7169203331"), StandardCharsets.ISO_8859_1));
        assertThat(authorised).containsOnly("Bearer t");
    }

    @Test
    void whatIsNotSampledIsNotSent() {
        TraceConfiguration configuration = new TraceConfiguration();
        SdkTracerProvider provider = configuration.tracerProvider(settings(0));
        handle(
                configuration.traceFilter(provider),
                MockServerHttpRequest.post("/write").build(),
                stage());
        provider.forceFlush().join(10, TimeUnit.SECONDS);
        provider.close();
        assertThat(received).isEmpty();
    }

    @Test
    void aReceiverThatIsAwayHoldsUpNobody() {
        receiver.stop(0);
        TraceConfiguration configuration = new TraceConfiguration();
        SdkTracerProvider provider = configuration.tracerProvider(settings(1));
        WebFilter filter = configuration.traceFilter(provider);
        for (int i = 0; i < 1_000; i++) {
            handle(filter, MockServerHttpRequest.get("/x").build(), Mono.empty());
        }
        provider.close();
    }

    @Test
    void offByDefault() {
        assertThat(TraceConfiguration.class
                        .getAnnotation(ConditionalOnProperty.class)
                        .matchIfMissing())
                .isFalse();
        try (AnnotationConfigApplicationContext context =
                new AnnotationConfigApplicationContext(TraceConfiguration.class)) {
            assertThat(context.getBeanNamesForType(WebFilter.class)).isEmpty();
            assertThat(context.getBeanNamesForType(SdkTracerProvider.class)).isEmpty();
        }
    }
}
