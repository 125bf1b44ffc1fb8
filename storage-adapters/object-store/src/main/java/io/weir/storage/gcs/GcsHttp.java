package io.weir.storage.gcs;

import com.google.auth.Credentials;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.handler.timeout.WriteTimeoutException;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.weir.common.error.WeirException;
import io.weir.storage.object.ConnectionLimits;
import io.weir.storage.object.ObjectStoreError;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.ByteBufFlux;
import reactor.netty.NettyOutbound;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientRequest;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;

/** Authorised requests to the JSON API over one bounded pool, and what their failures mean. Thread-safe. */
final class GcsHttp implements AutoCloseable {

    private static final int TOO_MANY = 429;
    private static final int REQUEST_TIMEOUT = 408;

    private final ConnectionProvider pool;
    private final HttpClient client;
    private final @Nullable Credentials credentials;
    private final Scheduler io;

    /** @param credentials null to send none */
    GcsHttp(GcsSettings settings, @Nullable Credentials credentials, Scheduler io) {
        ConnectionLimits limits = settings.connections();
        this.credentials = credentials;
        this.io = io;
        this.pool = ConnectionProvider.builder("weir-gcs")
                .maxConnections(limits.most())
                .pendingAcquireMaxCount(limits.pending())
                .pendingAcquireTimeout(limits.acquireTimeout())
                .maxIdleTime(limits.idleTime())
                .maxLifeTime(limits.lifeTime())
                .build();
        this.client = HttpClient.create(pool)
                .baseUrl(settings.endpoint().toString())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        limits.connectTimeout().toMillis())
                .disableRetry(true) // a request that may have arrived is repeated where that is known to be safe
                .responseTimeout(limits.silence())
                .doOnRequest((request, connection) -> connection.addHandlerLast(
                        new WriteTimeoutHandler(limits.silence().toMillis(), TimeUnit.MILLISECONDS)));
    }

    /** What is sent with a request. */
    interface Body {
        /** Sends it. */
        Publisher<Void> send(HttpClientRequest request, NettyOutbound out);
    }

    /** What is made of an answer whose status is as expected or not. */
    interface Reader<T> {
        /** Consumes the answer. */
        Publisher<T> read(HttpClientResponse answer, ByteBufFlux body);
    }

    /**
     * One request.
     *
     * @param uri path and query below the endpoint, or a whole address that the API gave
     */
    <T> Flux<T> request(HttpMethod method, String uri, Map<String, String> headers, Body body, Reader<T> reader) {
        return authorisation()
                .flatMapMany(authorisation -> client.headers(all -> {
                            authorisation.forEach(all::set);
                            headers.forEach(all::set);
                        })
                        .request(method)
                        .uri(uri)
                        .send(body::send)
                        .response(reader::read));
    }

    /** Asks for a token, which waits for a server when the one that is known is about to expire. */
    private Mono<Map<String, String>> authorisation() {
        Credentials known = credentials;
        if (known == null) {
            return Mono.just(Map.of());
        }
        return Mono.fromCallable(() -> known.getRequestMetadata(GcsSettings.PUBLIC_ENDPOINT))
                .map(GcsHttp::firsts)
                .subscribeOn(io);
    }

    private static Map<String, String> firsts(Map<String, List<String>> headers) {
        Map<String, String> first = new java.util.HashMap<>();
        headers.forEach((name, values) -> first.put(name, values.get(0)));
        return first;
    }

    /** An empty body, which is said to be one. */
    static Body nothing() {
        return (request, out) -> {
            request.header(HttpHeaderNames.CONTENT_LENGTH, "0");
            return out;
        };
    }

    /** For requests that have no body at all. */
    static Body none() {
        return (request, out) -> out;
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** An answer that is not what was asked for. */
    static WeirException refusal(String action, String key, int status) {
        ObjectStoreError code = status >= 500 || status == TOO_MANY || status == REQUEST_TIMEOUT
                ? ObjectStoreError.OBJECT_STORE_FAILED
                : status == 404
                        ? ObjectStoreError.OBJECT_MISSING
                        : status == 412 ? ObjectStoreError.OBJECT_EXISTS : ObjectStoreError.OBJECT_STORE_REFUSED;
        return new WeirException(code, "could not " + action + " object " + key + ": the store answered " + status);
    }

    /** That failure as one of the port; what does not come from the network stays what it is. */
    static Throwable failure(String action, String key, Throwable failure) {
        if (failure instanceof WeirException) {
            return failure;
        }
        String kind = failure.getClass().getSimpleName();
        ObjectStoreError code;
        if (kind.startsWith("PoolAcquire")) {
            code = ObjectStoreError.OBJECT_STORE_BUSY;
        } else if (failure instanceof ReadTimeoutException
                || failure instanceof WriteTimeoutException
                || failure instanceof TimeoutException
                || failure instanceof ConnectTimeoutException) {
            code = ObjectStoreError.OBJECT_STORE_TIMEOUT;
        } else if (failure instanceof IOException || failure instanceof java.nio.channels.ClosedChannelException) {
            code = ObjectStoreError.OBJECT_STORE_FAILED;
        } else {
            return failure;
        }
        return new WeirException(code, "could not " + action + " object " + key + ": " + kind, failure);
    }

    static long longHeader(HttpHeaders headers, CharSequence name) {
        String text = headers.get(name);
        return text == null ? -1 : Long.parseLong(text);
    }

    static String bucketPath(GcsSettings settings) {
        return "/storage/v1/b/" + encode(settings.bucket()) + "/o";
    }

    static String uploadPath(GcsSettings settings, String type, String key) {
        return "/upload" + bucketPath(settings) + "?uploadType=" + type + "&ifGenerationMatch=0&name="
                + encode(settings.prefix().add(key));
    }

    /** Whether that address belongs to the endpoint, so that a token may go there. */
    static boolean isOf(GcsSettings settings, String address) {
        return URI.create(address).getHost().equals(settings.endpoint().getHost());
    }

    @Override
    public void close() {
        pool.dispose();
    }
}
