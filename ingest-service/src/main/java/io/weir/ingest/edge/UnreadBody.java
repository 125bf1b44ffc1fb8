package io.weir.ingest.edge;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.function.server.ServerRequest;

/**
 * What becomes of the bytes of a body that was refused before it was read. The server passes over a short rest and the
 * connection goes on; so it does with one of unknown length, as far as the edge lets a rest go. A long one is not worth its
 * way, and after {@code Expect: 100-continue} nobody knows whether it will come at all: then the connection ends with the
 * answer. Stateless.
 */
final class UnreadBody {

    /** A rest that is passed over: about what is under way already when the answer is sent. */
    private static final long PASSED_OVER_BYTES = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(UnreadBody.class);
    private static final String READ = UnreadBody.class.getName() + ".read";

    private UnreadBody() {}

    /** The whole body has arrived. */
    static void read(ServerRequest request) {
        request.exchange().getAttributes().put(READ, true);
    }

    /**
     * Settles the connection of a request that is about to be refused. A short rest is read and released while the answer
     * goes out: a connection whose reading was paused, with nobody to take the rest, would never be read again. For a long
     * one the connection is closed after the answer.
     */
    static void leave(ServerRequest request) {
        if (request.exchange().getAttribute(READ) != null) {
            return;
        }
        boolean expected = request.headers().firstHeader(HttpHeaders.EXPECT) != null;
        if (expected || request.headers().contentLength().orElse(0) > PASSED_OVER_BYTES) {
            request.exchange().getResponse().getHeaders().set(HttpHeaders.CONNECTION, "close");
            return;
        }
        request.exchange()
                .getRequest()
                .getBody()
                .subscribe(
                        DataBufferUtils::release,
                        e -> LOG.debug("the rest of a refused body is left to the connection", e));
    }
}
