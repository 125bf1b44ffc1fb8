package io.weir.common.http;

import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * A handler that says who may reach it. {@link Gate} asks the very handler that the router chose, so no second reading of the
 * path can disagree with the first.
 *
 * @param access who may
 * @param handler what they reach
 * @param refusal answers those who may not; null for a problem document
 */
public record GuardedHandler(
        Access access,
        HandlerFunction<ServerResponse> handler,
        @Nullable Refusal refusal) implements HandlerFunction<ServerResponse> {

    /** Answers a request that is not let through, in the form its clients expect. */
    @FunctionalInterface
    public interface Refusal {

        /** The answer to a request that failed so; its body has been settled. */
        Mono<ServerResponse> answer(Throwable failure, ServerRequest request);
    }

    @Override
    public Mono<ServerResponse> handle(ServerRequest request) {
        return handler.handle(request);
    }

    Mono<ServerResponse> refuse(Throwable failure, ServerRequest request) {
        UnreadBody.leave(request);
        return refusal == null ? Mono.error(failure) : refusal.answer(failure, request);
    }
}
