package io.weir.common.http;

import io.weir.common.auth.Authenticator;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.web.reactive.function.server.HandlerStrategies;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;

/** The edge both services share. Order: request id, authentication, route; failures become problem documents. */
@Configuration(proxyBeanMethods = false)
public class EdgeConfiguration {

    /**
     * Hands a request to the first route that takes it, behind the request id and the check of who asks. Weir has no other
     * kind of handler, so the framework's choosing among kinds, which every request would pay for, is left out.
     *
     * @param routes in the order in which they are asked
     */
    public static HttpHandler handler(List<RouterFunction<?>> routes, Authenticator authenticator) {
        HandlerStrategies strategies = HandlerStrategies.empty() // the defaults answer some failures in another shape
                .codecs(codecs -> codecs.registerDefaults(true))
                .webFilter(new RequestIdFilter())
                .webFilter(new AuthenticationFilter(authenticator))
                .exceptionHandler(new ProblemHandler())
                .build();
        RouterFunction<?> nowhere = RouterFunctions.route(
                RequestPredicates.all(), request -> Mono.error(new ResponseStatusException(HttpStatus.NOT_FOUND)));
        RouterFunction<?> all = routes.stream().reduce(RouterFunction::andOther).orElse(nowhere);
        return RouterFunctions.toHttpHandler(all.andOther(nowhere), strategies);
    }

    @Bean
    HttpHandler httpHandler(ObjectProvider<RouterFunction<?>> routes, Authenticator authenticator) {
        return handler(routes.orderedStream().toList(), authenticator);
    }

    @Bean
    ServerTuning serverTuning() {
        return new ServerTuning();
    }

    @Bean
    @ConditionalOnMissingBean
    Authenticator openAuthenticator() {
        return Authenticator.OPEN;
    }
}
