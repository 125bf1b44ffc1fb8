package io.weir.common.http;

import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.server.ServerWebExchange;

/** What the edge knows about a request once it has passed the filters, kept in the exchange's attributes. */
public final class RequestContext {

    static final String REQUEST_ID = RequestContext.class.getName() + ".requestId";
    static final String PRINCIPAL = RequestContext.class.getName() + ".principal";

    private static final String PROBLEM_FORM = RequestContext.class.getName() + ".problemForm";

    private RequestContext() {}

    /** The request's id, echoed or made. */
    public static String requestId(ServerRequest request) {
        return requestId(request.exchange());
    }

    /** The request's id, echoed or made; {@code "-"} before the filter has run. */
    public static String requestId(ServerWebExchange exchange) {
        return exchange.getAttributeOrDefault(REQUEST_ID, "-");
    }

    /**
     * Who sent the request.
     *
     * @throws WeirException {@code unauthenticated} when the request has not passed authentication
     */
    public static Principal principal(ServerRequest request) {
        Principal principal = request.exchange().getAttribute(PRINCIPAL);
        if (principal == null) {
            throw new WeirException(CommonError.UNAUTHENTICATED, "this route needs a token");
        }
        return principal;
    }

    /** Who sent the request, on a route that is open to everybody; empty when that is not known. */
    public static Optional<Principal> caller(ServerRequest request) {
        return Optional.ofNullable(request.exchange().getAttribute(PRINCIPAL));
    }

    static void set(ServerWebExchange exchange, Principal principal) {
        exchange.getAttributes().put(PRINCIPAL, principal);
    }

    /**
     * The database a request names: the query parameter {@code parameter}, else the header {@code X-Weir-Database} or
     * {@code x-arc-database}, else empty.
     */
    public static Optional<String> database(ServerRequest request, String parameter) {
        return request.queryParam(parameter)
                .filter(name -> !name.isEmpty())
                .or(() -> header(request, "X-Weir-Database"))
                .or(() -> header(request, "x-arc-database"));
    }

    private static Optional<String> header(ServerRequest request, String name) {
        @Nullable String value = request.headers().firstHeader(name);
        return Optional.ofNullable(value).filter(text -> !text.isEmpty());
    }

    /**
     * Has failures of this request answered as plain JSON of another form than a problem document, as routes with an origin
     * elsewhere do.
     *
     * @param form the members of the JSON object
     */
    public static void answerProblemsAs(ServerRequest request, Function<Problem, Map<String, Object>> form) {
        request.exchange().getAttributes().put(PROBLEM_FORM, form);
    }

    /** The form of failures other than a problem document; null for that one. */
    static @Nullable Function<Problem, Map<String, Object>> problemForm(ServerWebExchange exchange) {
        return exchange.getAttribute(PROBLEM_FORM);
    }

    static void set(ServerWebExchange exchange, String requestId) {
        Map<String, Object> attributes = exchange.getAttributes();
        attributes.put(REQUEST_ID, requestId);
    }
}
