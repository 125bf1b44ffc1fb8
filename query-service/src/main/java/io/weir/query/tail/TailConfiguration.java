package io.weir.query.tail;

import io.weir.common.auth.Authenticator;
import io.weir.common.http.Access;
import io.weir.common.http.MethodGuard;
import io.weir.common.limit.Quotas;
import io.weir.common.live.RowFeed;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.duckdb.DuckDbEngine;
import java.util.List;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * The live tail. Needs from outside: the engine, whose parser reads conditions, {@link WeirSchedulers}, the shared HTTP edge,
 * a {@code Supervisor}, and a {@link RowFeed}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TailSettings.class)
public class TailConfiguration {

    private static final String ROUTE = "/api/v1/subscribe";

    @Bean
    Tail tail(
            RowFeed feed,
            TailSettings settings,
            Quotas quotas,
            Authenticator authenticator,
            WeirSchedulers schedulers) {
        RowFeed rows =
                settings.enabled() ? feed : RowFeed.broken("subscriptions are switched off here (weir.tail.enabled)");
        return new Tail(rows, settings, quotas, authenticator, schedulers.tail(), System::nanoTime);
    }

    @Bean
    TailStop tailStop(Tail tail) {
        return new TailStop(tail);
    }

    @Bean
    TailMetrics tailMetrics(Tail tail, TailSettings settings) {
        return new TailMetrics(tail, settings.roomGauges());
    }

    @Bean
    TailSweep tailSweep(Tail tail, TailSettings settings, TailMetrics metrics) {
        return new TailSweep(tail, settings, metrics);
    }

    @Bean
    RouterFunction<ServerResponse> tailRoutes(Tail tail, TailSettings settings, DuckDbEngine engine) {
        TailHandler handler = new TailHandler(tail, settings, engine);
        return RouterFunctions.route()
                .GET(ROUTE, Access.READ.to(handler::subscribe))
                .add(MethodGuard.of(List.of("GET"), ROUTE))
                .build();
    }
}
