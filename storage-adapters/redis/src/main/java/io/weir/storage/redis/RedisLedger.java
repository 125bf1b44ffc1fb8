package io.weir.storage.redis;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.reactive.RedisReactiveCommands;
import io.weir.common.limit.BucketLedger;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * Shared token buckets in Redis: {@code settle.lua} takes from each in one step, by Redis's own clock. A bucket's key expires
 * when the bucket is full again, so there are only as many as clients that sent something lately. Thread-safe; never blocks.
 */
final class RedisLedger implements BucketLedger {

    /** Longest debt, so that a mistake does not shut a client out for days. */
    private static final Duration LONGEST_DEBT = Duration.ofHours(1);

    private static final double MICRO_NANOS = 1_000;

    private final RedisLink link;
    private final String prefix;
    private final Duration patience;
    private final String script;

    RedisLedger(RedisLink link, String prefix, Duration patience) {
        this.link = link;
        this.prefix = prefix;
        this.patience = patience;
        try (InputStream in =
                Objects.requireNonNull(RedisLedger.class.getResourceAsStream("settle.lua"), "settle.lua is missing")) {
            this.script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Mono<List<Long>> settle(String kind, List<Taken> taken, long tokenNanos) {
        if (taken.isEmpty()) {
            return Mono.just(List.of());
        }
        byte[][] keys = new byte[taken.size()][];
        byte[][] arguments = new byte[2 + taken.size()][];
        arguments[0] = ascii(String.format(Locale.ROOT, "%.3f", tokenNanos / MICRO_NANOS));
        arguments[1] = ascii(Long.toString(LONGEST_DEBT.toNanos() / (long) MICRO_NANOS));
        for (int i = 0; i < taken.size(); i++) {
            keys[i] = ascii(prefix + ":rate:" + kind + ":"
                    + Long.toHexString(taken.get(i).key()));
            arguments[2 + i] = ascii(Integer.toString(taken.get(i).tokens()));
        }
        return link.call(patience, redis -> evaluate(redis, keys, arguments))
                .map(RedisLedger::nanos)
                .onErrorComplete(NumberFormatException.class) // of a server that is no Redis
                .filter(waits -> waits.size() == taken.size());
    }

    /** By its digest; as text when Redis does not know it yet, or no longer. */
    private Mono<byte[]> evaluate(RedisReactiveCommands<byte[], byte[]> redis, byte[][] keys, byte[][] arguments) {
        return redis.<byte[]>evalsha(redis.digest(script), ScriptOutputType.VALUE, keys, arguments)
                .next()
                .onErrorResume(
                        RedisNoScriptException.class,
                        unknown -> redis.<byte[]>eval(script, ScriptOutputType.VALUE, keys, arguments)
                                .next());
    }

    private static List<Long> nanos(byte[] answer) {
        List<Long> nanos = new ArrayList<>();
        for (String micros : new String(answer, StandardCharsets.US_ASCII).split(" ", -1)) {
            nanos.add(Long.parseLong(micros) * (long) MICRO_NANOS);
        }
        return nanos;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
