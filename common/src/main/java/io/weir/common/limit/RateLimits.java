package io.weir.common.limit;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Refuses requests of a client that sends too many in a minute. A request that is refused takes nothing, so a client that
 * waits as it is told is served. Thread-safe; memory is fixed; never blocks.
 */
public final class RateLimits {

    /** Counts nothing. */
    public static final RateLimits NONE = new RateLimits(List.of(), new ClientAddresses(List.of()), null, null);

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int TOKENS = 1 << 14;
    private static final long IPV4_PREFIX = 0x0000_ffffL << 32;

    private final List<AddressRange> exempt;
    private final ClientAddresses addresses;
    private final @Nullable Buckets byAddress;
    private final @Nullable Buckets byToken;
    private final LongAdder refusedAddresses = new LongAdder();
    private final LongAdder refusedTokens = new LongAdder();

    private RateLimits(
            List<AddressRange> exempt,
            ClientAddresses addresses,
            @Nullable Buckets byAddress,
            @Nullable Buckets byToken) {
        this.exempt = exempt;
        this.addresses = addresses;
        this.byAddress = byAddress;
        this.byToken = byToken;
    }

    /** Limits of this process alone. */
    public static RateLimits local(RateLimitSettings settings, LongSupplier nanoTime) {
        long seed = ThreadLocalRandom.current().nextLong();
        return of(
                settings,
                table(settings, settings.addresses(), settings.perAddress(), seed, nanoTime),
                table(settings, TOKENS, settings.perToken(), ~seed, nanoTime));
    }

    /**
     * Limits that replicas share, as far as the ledger answers; otherwise of this process alone.
     *
     * @param ledger told by {@link #settle} what was taken here
     */
    public static RateLimits shared(RateLimitSettings settings, BucketLedger ledger, LongSupplier nanoTime) {
        long seed = ThreadLocalRandom.current().nextLong();
        BucketTable addresses = table(settings, settings.addresses(), settings.perAddress(), seed, nanoTime);
        BucketTable tokens = table(settings, TOKENS, settings.perToken(), ~seed, nanoTime);
        return of(
                settings,
                addresses == null ? null : new SharedBuckets(addresses, ledger, "address"),
                tokens == null ? null : new SharedBuckets(tokens, ledger, "token"));
    }

    /** Limits over buckets that others may share; null where there are none. */
    static RateLimits of(RateLimitSettings settings, @Nullable Buckets byAddress, @Nullable Buckets byToken) {
        return new RateLimits(
                settings.exempt().stream().map(AddressRange::of).toList(),
                new ClientAddresses(
                        settings.trustedProxies().stream().map(AddressRange::of).toList()),
                byAddress,
                byToken);
    }

    private static @Nullable BucketTable table(
            RateLimitSettings settings, int places, long requests, long seed, LongSupplier nanoTime) {
        return settings.enabled() && requests > 0
                ? new BucketTable(places, requests, MINUTE.toNanos(), seed, nanoTime)
                : null;
    }

    /**
     * Counts a request from a client address.
     *
     * @throws WeirException {@code rate-limited} when there were too many
     */
    public void admitAddress(@Nullable InetSocketAddress peer, HttpHeaders headers) {
        if (byAddress == null) {
            return;
        }
        byte[] address = addresses.of(peer, headers);
        if (address == null || isExempt(address)) {
            return;
        }
        long wait = byAddress.take(key(address));
        if (wait > 0) {
            refusedAddresses.increment();
            throw refusal("this address", wait);
        }
    }

    /**
     * Counts a request with a token.
     *
     * @param tokenId its id; empty for none, which is not counted
     * @throws WeirException {@code rate-limited} when there were too many
     */
    public void admitToken(String tokenId) {
        if (byToken == null || tokenId.isEmpty()) {
            return;
        }
        long wait = byToken.take(key(tokenId));
        if (wait > 0) {
            refusedTokens.increment();
            throw refusal("this token", wait);
        }
    }

    private boolean isExempt(byte[] address) {
        for (int i = 0; i < exempt.size(); i++) { // asked for each write: no iterator
            if (exempt.get(i).contains(address)) {
                return true;
            }
        }
        return false;
    }

    /** The whole of an IPv4 address, the network's half of an IPv6 one: the other half is the client's to choose. */
    static long key(byte[] address) {
        long key = 0;
        for (int i = 0; i < Math.min(Long.BYTES, address.length); i++) {
            key = (key << Byte.SIZE) | (address[i] & 0xff);
        }
        return address.length == Integer.BYTES ? IPV4_PREFIX | key : key;
    }

    private static long key(String text) {
        long key = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            key = (key ^ text.charAt(i)) * 0x100000001b3L;
        }
        return key;
    }

    private static WeirException refusal(String who, long waitNanos) {
        long seconds = Duration.ofNanos(waitNanos).plusNanos(999_999_999).toSeconds();
        return new WeirException(
                CommonError.RATE_LIMITED,
                who + " sends too many requests (expected: the next one in " + Math.max(1, seconds) + " s)",
                Map.of("retry_after_seconds", Math.max(1, seconds)));
    }

    /** Requests refused because of their address. */
    public long refusedAddresses() {
        return refusedAddresses.sum();
    }

    /** Requests refused because of their token. */
    public long refusedTokens() {
        return refusedTokens.sum();
    }

    /** Settles with other replicas what was taken since the last time; nothing where limits are not shared. Never fails. */
    public Mono<Void> settle() {
        return Flux.concat(settle(byAddress), settle(byToken)).then();
    }

    private static Mono<Void> settle(@Nullable Buckets buckets) {
        return buckets instanceof SharedBuckets shared ? shared.settle() : Mono.empty();
    }

    /** Requests that other replicas know of. */
    public long settled() {
        return sum(SharedBuckets::settled);
    }

    /** Requests that were to be shared with other replicas, and count here alone. */
    public long unsettled() {
        return sum(SharedBuckets::unsettled);
    }

    private long sum(ToLongFunction<SharedBuckets> figure) {
        long sum = byAddress instanceof SharedBuckets shared ? figure.applyAsLong(shared) : 0;
        return sum + (byToken instanceof SharedBuckets shared ? figure.applyAsLong(shared) : 0);
    }

    /** Addresses that lost their count to others before its time: the table is small for so many clients. */
    public long forgotten() {
        if (byAddress instanceof SharedBuckets shared) {
            return shared.forgotten();
        }
        return byAddress instanceof BucketTable table ? table.forgotten() : 0;
    }
}
