package io.weir.query.edge;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import reactor.netty.http.server.HttpServerResponse;

/**
 * What is known of a result only at its end: trailers behind the last chunk of a complete one, for clients that say
 * {@code TE: trailers}.
 */
final class ResultTrailers {

    private static final String ROWS = "Weir-Row-Count";
    private static final String TIME = "Weir-Execution-Time-Ms";
    private static final String TRUNCATED = "Weir-Truncated";

    private ResultTrailers() {}

    /** Whether the client reads trailers. */
    static boolean areWanted(ServerHttpRequest request) {
        for (String value : request.getHeaders().getOrEmpty(HttpHeaders.TE)) {
            for (String item : value.split(",", -1)) {
                if (item.trim().equalsIgnoreCase("trailers")) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Announces the trailers; to be called before the headers leave.
     *
     * @param rows rows of the result, asked at its end
     * @param truncated whether rows were cut off, asked at its end
     * @param startNanos {@link System#nanoTime} when the query began
     */
    static void announce(ServerHttpResponse response, LongSupplier rows, BooleanSupplier truncated, long startNanos) {
        HttpServerResponse server = ServerHttpResponseDecorator.getNativeResponse(response);
        response.getHeaders().set(HttpHeaders.TRAILER, String.join(", ", ROWS, TIME, TRUNCATED));
        server.trailerHeaders(trailers -> {
            trailers.set(ROWS, rows.getAsLong());
            trailers.set(TIME, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
            if (truncated.getAsBoolean()) {
                trailers.set(TRUNCATED, "true");
            }
        });
    }
}
