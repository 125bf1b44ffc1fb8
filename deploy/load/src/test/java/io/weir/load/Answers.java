package io.weir.load;

import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.http.HttpDsl.header;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What simulations have in common: where the server is, what it may answer, and what they remember. An answer is what was asked
 * for, or backpressure: 503 or 429, with {@code Retry-After}. All else fails the request, and a failed request the simulation.
 */
final class Answers {

    static final String URL = System.getProperty("weir.load.url", "http://127.0.0.1:8086");
    static final Duration TIME = Duration.ofSeconds(Long.getLong("weir.load.seconds", 300));

    private final long pid = Long.getLong("weir.load.pid", 0);
    private final MemoryTrend memory = new MemoryTrend();
    private final AtomicLong served = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final long begin = System.nanoTime();

    /** Every user has connections of its own, as clients do. */
    static HttpProtocolBuilder protocol() {
        return http.baseUrl(URL).disableWarmUp().disableCaching().userAgentHeader("weir-load");
    }

    /** That request, which succeeds with that status or with backpressure. */
    ChainBuilder orBackpressure(HttpRequestActionBuilder request, int expected) {
        return exec(request.check(
                status().in(expected, 503, 429).saveAs("status"),
                status().validate("counted", (code, session) -> {
                    (code == expected ? served : refused).incrementAndGet();
                    return code;
                }),
                header("Retry-After")
                        .withDefault("none")
                        .validate("Retry-After with backpressure", (value, session) -> {
                            if (session.getInt("status") != expected && value.equals("none")) {
                                throw new IllegalStateException("no Retry-After");
                            }
                            return value;
                        })));
    }

    /** Looks at the server's memory every so often while the simulation runs. */
    ChainBuilder watchMemory(Duration every) {
        return exec(session -> {
                    if (pid > 0) {
                        memory.addNow((System.nanoTime() - begin) / 1e9, pid);
                    }
                    return session;
                })
                .exec(pause(every));
    }

    /** A request of its own that fails when memory has grown too much, by whichever of the two is given above 0. */
    ChainBuilder requireFlatMemory(double mostMegabytes, double mostMegabytesAnHour) {
        return exec(http("memory is flat")
                .get("/health/liveness")
                .check(status().validate("flat memory", (code, session) -> {
                    if (mostMegabytes > 0 && memory.growthMegabytes() > mostMegabytes) {
                        throw new IllegalStateException("memory has grown by " + memory.growthMegabytes() + " MB");
                    }
                    if (mostMegabytesAnHour > 0 && memory.megabytesAnHour() > mostMegabytesAnHour) {
                        throw new IllegalStateException("memory grows by " + memory.megabytesAnHour() + " MB/h");
                    }
                    return code;
                })));
    }

    /** Prints the figures for docs/benchmarks.md. */
    void report(String name) {
        System.out.printf(
                "%s: %d served, %d answered with backpressure; resident memory at most %.0f MB, grew by %.0f MB (%.0f"
                        + " MB/h) after a third of the time%n",
                name,
                served.get(),
                refused.get(),
                memory.peakMegabytes(),
                memory.growthMegabytes(),
                memory.megabytesAnHour());
    }

    long served() {
        return served.get();
    }

    long refused() {
        return refused.get();
    }
}
