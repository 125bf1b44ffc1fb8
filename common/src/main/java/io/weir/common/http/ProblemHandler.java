package io.weir.common.http;

import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;

/** Answers any failure that no route answered itself, as a {@link Problem}, and logs those that are Weir's fault. */
final class ProblemHandler implements WebExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemHandler.class);

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
        Problem problem = Problem.of(failure, RequestContext.requestId(exchange));
        MDC.put(RequestIds.KEY, problem.requestId()); // here the request's own context has ended already
        try {
            log(exchange, failure, problem);
        } finally {
            MDC.remove(RequestIds.KEY);
        }
        ServerHttpResponse response = exchange.getResponse();
        if (!response.setStatusCode(HttpStatusCode.valueOf(problem.status()))) {
            return Mono.error(failure); // the answer has begun: only breaking it off tells the client
        }
        Function<Problem, Map<String, Object>> form = RequestContext.problemForm(exchange);
        response.getHeaders()
                .setContentType(form == null ? MediaType.APPLICATION_PROBLEM_JSON : MediaType.APPLICATION_JSON);
        if (problem.status() == 401) {
            response.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"weir\"");
        }
        if (problem.retryAfterSeconds() > 0) {
            response.getHeaders().set(HttpHeaders.RETRY_AFTER, Integer.toString(problem.retryAfterSeconds()));
        }
        byte[] body = form == null ? problem.toJson() : Problem.toJson(form.apply(problem));
        response.getHeaders().setContentLength(body.length);
        DataBuffer buffer = response.bufferFactory().wrap(body);
        return response.writeWith(Mono.just(buffer));
    }

    private static void log(ServerWebExchange exchange, Throwable failure, Problem problem) {
        if (problem.status() >= 500 && problem.status() != 503 && !AbortedException.isConnectionReset(failure)) {
            LOG.error(
                    "request {} {} {} failed",
                    problem.requestId(),
                    exchange.getRequest().getMethod(),
                    exchange.getRequest().getPath(),
                    failure);
        } else {
            LOG.debug("request {} answered {}: {}", problem.requestId(), problem.status(), problem.detail());
        }
    }
}
