package io.weir.common.http;

import io.weir.common.auth.Authenticator;
import io.weir.common.limit.BucketLedger;
import io.weir.common.limit.LimitMetrics;
import io.weir.common.limit.Quotas;
import io.weir.common.limit.RateLimitSettings;
import io.weir.common.limit.RateLimits;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.web.reactive.function.server.HandlerStrategies;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

/**
 * The edge both services share. Order: request id, route, {@link Gate}, handler; failures become problem documents.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RateLimitSettings.class)
public class EdgeConfiguration {

    /**
     * Hands a request to the first route that takes it, behind the request id and the gate. Weir has no other kind of
     * handler, so the framework's choosing among kinds, which every request would pay for, is left out.
     *
     * @param routes in the order in which they are asked
     */
    public static HttpHandler handler(List<RouterFunction<?>> routes, Gate gate) {
        return handler(routes, gate, RequestObserver.NONE, List.of());
    }

    /**
     * The same, and {@code observer} is told of every request.
     *
     * @param filters behind the request id, in their order
     */
    static HttpHandler handler(
            List<RouterFunction<?>> routes, Gate gate, RequestObserver observer, List<WebFilter> filters) {
        HandlerStrategies.Builder strategies =
                HandlerStrategies.empty() // the defaults answer some failures in another shape
                        .codecs(codecs -> codecs.registerDefaults(true))
                        .webFilter(new RequestIdFilter(observer))
                        .exceptionHandler(new ProblemHandler());
        filters.forEach(strategies::webFilter);
        RouterFunction<ServerResponse> nowhere = RouterFunctions.route(
                RequestPredicates.all(),
                Access.ANY_TOKEN.to(request -> Mono.error(new ResponseStatusException(HttpStatus.NOT_FOUND))));
        List<RouterFunction<ServerResponse>> all = Stream.concat(routes.stream(), Stream.of(nowhere))
                .map(EdgeConfiguration::ofResponses)
                .toList();
        return RouterFunctions.toHttpHandler(new RouteIndex(all).filter(gate), strategies.build());
    }

    /** Every route of Weir answers so; the framework's type forgets it where beans are gathered. */
    @SuppressWarnings("unchecked")
    private static RouterFunction<ServerResponse> ofResponses(RouterFunction<?> routes) {
        return (RouterFunction<ServerResponse>) routes;
    }

    @Bean
    HttpHandler httpHandler(
            ObjectProvider<RouterFunction<?>> routes,
            Gate gate,
            ObjectProvider<RequestObserver> observer,
            ObjectProvider<WebFilter> filters) {
        return handler(
                routes.orderedStream().toList(),
                gate,
                observer.getIfAvailable(() -> RequestObserver.NONE),
                filters.orderedStream().toList());
    }

    @Bean
    Gate gate(Authenticator authenticator, RateLimits rates, Quotas quotas) {
        return new Gate(authenticator, rates, quotas);
    }

    @Bean
    RateLimits rateLimits(RateLimitSettings settings, ObjectProvider<BucketLedger> ledger) {
        BucketLedger shared = ledger.getIfAvailable();
        return shared == null
                ? RateLimits.local(settings, System::nanoTime)
                : RateLimits.shared(settings, shared, System::nanoTime);
    }

    @Bean
    Quotas quotas() {
        return new Quotas(System::nanoTime);
    }

    @Bean
    LimitMetrics limitMetrics(RateLimits rates, Quotas quotas) {
        return new LimitMetrics(rates, quotas);
    }

    @Bean
    ServerTuning serverTuning(LoopWatch loops) {
        return new ServerTuning(loops);
    }

    @Bean(destroyMethod = "close")
    LoopWatch loopWatch() {
        return new LoopWatch();
    }

    @Bean
    @ConditionalOnMissingBean
    Authenticator openAuthenticator() {
        return Authenticator.OPEN;
    }
}
