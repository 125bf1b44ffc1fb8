package io.weir.common.http;

import io.weir.common.http.RequestObserver.Outcome;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.util.pattern.PathPattern;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoOperator;
import reactor.util.context.Context;

/**
 * The handling of one request, with its id in the context and its end told to an observer: one operator for both, since
 * every request pays for it.
 */
final class RequestScope extends MonoOperator<Void, Void> {

    /** The route of requests that none took. */
    private static final String NO_ROUTE = "none";

    private final ServerWebExchange exchange;
    private final String id;
    private final RequestObserver observer;

    RequestScope(Mono<Void> handling, ServerWebExchange exchange, String id, RequestObserver observer) {
        super(handling);
        this.exchange = exchange;
        this.id = id;
        this.observer = observer;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        observer.began();
        source.subscribe(new Handling(actual));
    }

    @SuppressWarnings("serial") // is a flag
    private final class Handling extends AtomicBoolean implements CoreSubscriber<Void>, Subscription {

        private final CoreSubscriber<? super Void> actual;
        private final Context context;
        private final long startNanos = System.nanoTime();
        private volatile @Nullable Subscription upstream;

        Handling(CoreSubscriber<? super Void> actual) {
            this.actual = actual;
            this.context = actual.currentContext().put(RequestContext.REQUEST_ID, id);
        }

        @Override
        public Context currentContext() {
            return context;
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            upstream = subscription;
            actual.onSubscribe(this);
        }

        @Override
        public void onNext(Void nothing) {}

        @Override
        public void onComplete() {
            HttpStatusCode status = exchange.getResponse().getStatusCode();
            end(Outcome.ofStatus(status == null ? 200 : status.value()));
            actual.onComplete();
        }

        @Override
        public void onError(Throwable failure) {
            end(
                    exchange.getResponse().isCommitted()
                            ? Outcome.BROKEN
                            : Outcome.ofStatus(Problem.of(failure, id).status()));
            actual.onError(failure);
        }

        @Override
        public void request(long count) {
            Subscription subscription = upstream;
            if (subscription != null) {
                subscription.request(count);
            }
        }

        @Override
        public void cancel() {
            end(Outcome.GONE);
            Subscription subscription = upstream;
            if (subscription != null) {
                subscription.cancel();
            }
        }

        private void end(Outcome outcome) {
            if (compareAndSet(false, true)) {
                observer.ended(
                        exchange.getRequest().getMethod().name(), route(), outcome, System.nanoTime() - startNanos);
            }
        }

        private String route() {
            PathPattern pattern = exchange.getAttribute(RouterFunctions.MATCHING_PATTERN_ATTRIBUTE);
            return pattern == null ? NO_ROUTE : pattern.getPatternString();
        }
    }
}
