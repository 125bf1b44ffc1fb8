package io.weir.access;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.weir.common.auth.Authenticator;
import io.weir.common.limit.Quotas;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.common.supervise.BackgroundLoop;
import io.weir.storage.catalog.AccessCatalog;
import java.security.SecureRandom;
import java.time.Clock;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Access of one process: who callers are, tokens, organisations and their limits, over a catalog that other processes may
 * share. Thread-safe; never blocks.
 */
public final class AccessService implements AutoCloseable {

    private final VerificationCache cache;
    private final TokenAuthenticator authenticator;
    private final AccessWatch watch;
    private final Tokens tokens;
    private final AccessRoutes routes;
    private final AuthSettings settings;

    private AccessService(
            AccessCatalog catalog,
            String sealKey,
            AuthSettings settings,
            Quotas quotas,
            AccessSignals signals,
            WeirSchedulers schedulers,
            Clock clock) {
        TokenSeal seal = new TokenSeal(sealKey);
        this.settings = settings;
        this.cache = new VerificationCache(settings.cacheSize(), settings.cacheTtl(), System::nanoTime);
        this.authenticator = new TokenAuthenticator(catalog, seal, cache, schedulers.verify(), clock);
        this.watch = new AccessWatch(catalog, cache, quotas, signals, schedulers.decode());
        this.tokens = new Tokens(catalog, seal, watch, schedulers.verify(), clock, settings.hashCost());
        this.routes = new AccessRoutes(tokens, new Organisations(catalog, watch, clock), cache, catalog, clock);
    }

    /**
     * Access over that catalog, whose limits hold from then on; follows changes once it is started.
     *
     * @param quotas are held to the limits of organisations
     * @param signals carries word of changes between processes
     */
    public static Mono<AccessService> open(
            AccessCatalog catalog,
            AuthSettings settings,
            Quotas quotas,
            AccessSignals signals,
            WeirSchedulers schedulers,
            Clock clock) {
        return Mono.fromCallable(() -> TokenSeal.newKey(new SecureRandom()))
                .subscribeOn(schedulers.io())
                .flatMap(catalog::state)
                .publishOn(schedulers.io()) // what it needs from disk is read there
                .map(state -> new AccessService(catalog, state.sealKey(), settings, quotas, signals, schedulers, clock))
                .flatMap(access -> access.watch.look().thenReturn(access));
    }

    /** Follows changes of other processes from now on. */
    public void start() {
        watch.start(settings.revisionPoll());
    }

    /** Takes verifications that are too old out of the cache, again and again. */
    public BackgroundLoop cacheSweep() {
        return new VerificationSweep(cache, settings.cacheSweep());
    }

    Tokens tokens() {
        return tokens;
    }

    CacheStats stats() {
        return cache.stats();
    }

    /** Knows callers by their tokens. */
    public Authenticator authenticator() {
        return authenticator;
    }

    /** The routes that look after tokens and organisations. */
    public RouterFunction<ServerResponse> routes() {
        return routes.routes();
    }

    /** Meters of all this. */
    public MeterBinder metrics() {
        return new AccessMetrics(cache, authenticator);
    }

    /** The first token of all, an operator's, as its holder sends it; empty when there was one before. */
    public Mono<String> firstToken() {
        return tokens.createFirst().map(Tokens.Made::text);
    }

    /** Another operator's token, as its holder sends it, for somebody who has the server's data in hand. */
    public Mono<String> recoveredToken(String name) {
        return tokens.recover(name).map(Tokens.Made::text);
    }

    @Override
    public void close() {
        watch.close();
    }
}
