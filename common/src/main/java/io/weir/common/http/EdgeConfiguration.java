package io.weir.common.http;

import io.weir.common.auth.Authenticator;
import java.util.List;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.server.WebExceptionHandler;
import org.springframework.web.server.WebFilter;

/** The edge both services share. Order: request id, authentication, route; failures become problem documents. */
@Configuration(proxyBeanMethods = false)
public class EdgeConfiguration {

    /** What every request passes before its route, in order, where {@code authenticator} decides who asks. */
    public static List<WebFilter> filters(Authenticator authenticator) {
        return List.of(new RequestIdFilter(), new AuthenticationFilter(authenticator));
    }

    @Bean
    WebFilter requestIdFilter() {
        return new RequestIdFilter();
    }

    @Bean
    WebFilter authenticationFilter(Authenticator authenticator) {
        return new AuthenticationFilter(authenticator);
    }

    @Bean
    WebExceptionHandler problemHandler() {
        return new ProblemHandler();
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
