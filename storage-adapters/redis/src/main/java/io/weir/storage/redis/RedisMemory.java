package io.weir.storage.redis;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** How much memory Redis uses and may use, asked for rarely. Not known while Redis does not say. Thread-safe. */
final class RedisMemory {

    private static final Pattern USED = Pattern.compile("(?m)^used_memory:(\\d{1,18})\\r?$");
    private static final Pattern MOST = Pattern.compile("(?m)^maxmemory:(\\d{1,18})\\r?$");

    private final RedisLink link;
    private final Duration patience;
    private volatile double usedBytes = Double.NaN;
    private volatile double maxBytes = Double.NaN;

    RedisMemory(RedisLink link, Duration patience) {
        this.link = link;
        this.patience = patience;
    }

    /** Asks at once and then once in each period. Never ends by itself. */
    Flux<Void> every(Duration period, Scheduler timer) {
        return Flux.interval(Duration.ZERO, period, timer).onBackpressureDrop().concatMap(tick -> ask(), 1);
    }

    private Mono<Void> ask() {
        return link.call(patience, redis -> redis.info("memory"))
                .defaultIfEmpty("")
                .doOnNext(text -> {
                    usedBytes = figure(USED, text);
                    maxBytes = figure(MOST, text);
                })
                .then();
    }

    static double figure(Pattern name, String text) {
        Matcher matcher = name.matcher(text);
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : Double.NaN;
    }

    double usedBytes() {
        return usedBytes;
    }

    /** 0 when it may use any amount. */
    double maxBytes() {
        return maxBytes;
    }
}
