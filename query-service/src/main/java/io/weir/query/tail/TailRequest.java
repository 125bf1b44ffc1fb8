package io.weir.query.tail;

import io.weir.common.auth.Permission;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.http.RequestContext;
import io.weir.common.model.Names;
import io.weir.common.model.TableId;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;

/**
 * What a request for a subscription says.
 *
 * @param table whose rows
 * @param format how they are to be sent
 * @param onSlow what is to be done when they are taken too slowly
 * @param where the condition; empty for all rows
 * @param webSocket whether the connection is to become a WebSocket; else the answer is an event stream
 */
record TailRequest(TableId table, TailFormat format, SlowPolicy onSlow, String where, boolean webSocket) {

    private static final String PROTOCOLS = "Sec-WebSocket-Protocol";

    /**
     * Reads a request.
     *
     * @throws WeirException {@code forbidden}, {@code invalid-name} or {@code invalid-request}
     */
    static TailRequest of(ServerRequest request, List<String> allowedOrigins) {
        requireOrigin(request, allowedOrigins);
        boolean webSocket = "websocket".equalsIgnoreCase(request.headers().firstHeader(HttpHeaders.UPGRADE));
        if (!webSocket && !acceptsEvents(request)) {
            throw invalid("this is neither a WebSocket nor an event stream"
                    + " (expected: Upgrade: websocket, or Accept: text/event-stream)");
        }
        String database =
                Names.requireDatabase(RequestContext.database(request, "db").orElse(Names.DEFAULT_DATABASE));
        String measurement = request.queryParam("measurement").orElse("");
        String fault = Names.measurementFault(measurement);
        if (fault != null) {
            throw new WeirException(CommonError.INVALID_NAME, fault, Map.of("name", Names.printable(measurement)));
        }
        TailFormat format = format(request);
        if (format == TailFormat.ARROW && !webSocket) {
            throw invalid("an event stream has no Arrow (expected: a WebSocket, or format=json)");
        }
        return new TailRequest(
                RequestContext.principal(request)
                        .database(Permission.READ, database)
                        .table(measurement),
                format,
                SlowPolicy.of(request.queryParam("on_slow").orElse("conflate")),
                request.queryParam("where").orElse("").strip(),
                webSocket);
    }

    private static boolean acceptsEvents(ServerRequest request) {
        return request.headers().accept().stream()
                .anyMatch(accepted -> accepted.equalsTypeAndSubtype(MediaType.TEXT_EVENT_STREAM));
    }

    /** The parameter counts; without it, the first subprotocol that is known. */
    private static TailFormat format(ServerRequest request) {
        return request.queryParam("format")
                .map(TailFormat::of)
                .orElseGet(() -> request.headers().header(PROTOCOLS).stream()
                        .flatMap(line -> List.of(line.split(",")).stream())
                        .map(String::strip)
                        .flatMap(name -> List.of(TailFormat.values()).stream()
                                .filter(format -> format.protocol().equals(name)))
                        .findFirst()
                        .orElse(TailFormat.JSON));
    }

    /** Browsers let pages of any site open WebSockets to any other, with what that one lets in; so pages of others are refused. */
    private static void requireOrigin(ServerRequest request, List<String> allowed) {
        String origin = request.headers().firstHeader(HttpHeaders.ORIGIN);
        String host = request.headers().firstHeader(HttpHeaders.HOST);
        if (origin != null && !allowed.contains(origin) && !isOf(origin, host)) {
            throw new WeirException(
                    CommonError.FORBIDDEN,
                    "pages of " + Names.printable(origin)
                            + " may not subscribe here (expected: a page of this server, or of weir.tail.allowed-origins)");
        }
    }

    private static boolean isOf(String origin, @Nullable String host) {
        try {
            return host != null && host.equalsIgnoreCase(URI.create(origin).getRawAuthority());
        } catch (IllegalArgumentException notAnOrigin) {
            return false;
        }
    }

    private static WeirException invalid(String detail) {
        return new WeirException(CommonError.INVALID_REQUEST, detail);
    }
}
